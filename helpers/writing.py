"""Files that are the old one or the new one at every moment, never half of one."""

import os
import shutil
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from helpers.errors import UserError

PRINTED = (1, 2)  # the descriptors of stdout and stderr


def beside(path: Path, ending: str) -> Path:
    """Return the name of a file beside ``path``, with another ending.

    Raises:
        UserError: if ``path`` can only be a folder.
    """
    if not path.name:
        raise UserError(f"{path} is a folder: name a file in it.")
    return path.with_suffix(ending)


def require_writable(*paths: Path, reads: Iterable[Path] = ()) -> None:
    """Find out before a long run whether files can be written.

    Args:
        *paths: the files that one command writes.
        reads: files that it reads, and any others that must stay as they are.

    Raises:
        UserError: if one cannot be written, would replace another one, or would
            replace a file of ``reads``.
    """
    kept = {_identity(path): path for path in reads}
    mine: dict[tuple[int, int] | str, Path] = {}
    for path in paths:
        target = _target(path)
        for file in (target, _part(target)):
            if (read := kept.get(_identity(file))) is not None:
                raise UserError(
                    f"{path} would replace {read}, which this command needs or which "
                    "belongs to the same run: choose another name with --out."
                )
            if (other := mine.setdefault(_identity(file), path)) is not path:
                raise UserError(
                    f"{other} and {path} would be written to the same place: choose "
                    "another name, with another ending, with --out."
                )
        with suppress(_OnlyTrying), replacing(path) as temporary:
            temporary.touch()
            raise _OnlyTrying


def require_outside(path: str | Path, root: str | Path) -> None:
    """Find out before any work whether a file would lie in the image folder.

    What a command writes there, the next one may read as a class or an image.

    Args:
        path: the file to write.
        root: the image folder, whose class folders may be links.

    Raises:
        UserError: if it would.
    """
    above, root = Path(path).absolute().resolve().parents, Path(root)
    inside = [root.resolve()]
    with suppress(OSError):
        inside += [entry.resolve() for entry in root.iterdir() if entry.is_symlink()]
    if any(folder in above for folder in inside):
        raise UserError(
            f"{path} would lie in the image folder {root}, where it may be taken for "
            "a part of the data: choose a place outside with --out."
        )


class _OnlyTrying(Exception):
    """Leaves :func:`replacing` without replacing anything."""


@contextmanager
def replacing(path: str | Path) -> Iterator[Path]:
    """Give a name to write to, and rename that file to ``path`` at the end.

    A link is followed: the file that it leads to is replaced, or made, and the link
    stays. A file that is replaced hands its permissions on. Of several files that
    belong together, all are written before the first one is renamed if their
    ``replacing`` are nested.

    Raises:
        UserError: if the folder cannot be written, the disk is full, or there is
            something else than a file at ``path``.
    """
    target = _target(Path(path))
    temporary = _part(target)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.exists() and not os.access(target, os.W_OK):
            raise PermissionError("the file is write-protected")
        yield temporary
        with open(temporary, "rb+") as file:
            os.fsync(file.fileno())  # on the disk before the name changes
        if target.exists():
            shutil.copymode(target, temporary)
        os.replace(temporary, target)
    except (OSError, RuntimeError) as error:  # torch.save raises RuntimeError
        reason = getattr(error, "strerror", None) or error
        raise UserError(
            f"{path} cannot be written ({reason}): choose another place with --out, "
            "or make room."
        ) from error
    finally:
        with suppress(OSError):
            temporary.unlink()


def _part(target: Path) -> Path:
    """Return the name to write to: a killed run leaves one such file at most."""
    return target.with_name(f"{target.name}.part")


def _target(path: Path) -> Path:
    """Return the file that a path means, links followed, whether it exists or not.

    Raises:
        UserError: if something else than a file is there.
    """
    if os.path.isdir(path):
        raise UserError(f"{path} is a folder: give --out the name of a file in it.")
    target = Path(os.path.realpath(path))
    if os.path.islink(target):
        raise UserError(f"{path} is a link that leads in a circle: remove it.")
    with suppress(OSError):
        info = os.stat(path)
        if not stat.S_ISREG(info.st_mode) or _is_printed_to(info):
            raise UserError(
                f"{path} is a device, a pipe or what this command prints to, and no "
                "file that can be replaced in one step: give --out the name of a file."
            )
    return target


def _is_printed_to(info: os.stat_result) -> bool:
    """Whether a file is this process's own output, as /dev/stdout may be."""
    for descriptor in PRINTED:
        with suppress(OSError):  # closed
            if os.path.samestat(info, os.fstat(descriptor)):
                return True
    return False


def _identity(path: Path) -> tuple[int, int] | str:
    """Return what two names of one file have in common."""
    with suppress(OSError):
        info = os.stat(path)
        return info.st_dev, info.st_ino
    return os.path.normcase(os.path.realpath(path))
