"""Files that are the old one or the new one at every moment, never half of one."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from helpers.errors import UserError


def require_writable(path: str | Path) -> None:
    """Find out before a long run whether a file can be written there.

    Raises:
        UserError: if it cannot.
    """
    path = Path(path)
    if path.is_dir():
        raise UserError(f"{path} is a folder: give --out the name of a file in it.")
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

    Raises:
        UserError: if the folder cannot be written or the disk is full.
    """
    path = Path(path)
    temporary = path.with_name(f"{path.name}.part")  # a killed run leaves one at most
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield temporary
        os.replace(temporary, path)
    except (OSError, RuntimeError) as error:  # torch.save raises RuntimeError
        reason = getattr(error, "strerror", None) or error
        raise UserError(
            f"{path} cannot be written ({reason}): choose another place with --out, "
            "or make room."
        ) from error
    finally:
        with suppress(OSError):
            temporary.unlink()
