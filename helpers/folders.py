"""Which files of an image folder a loader reads, said without reading them.

The rules are those of ``torchvision.datasets.ImageFolder``. Nothing heavy is
imported here, so that looking at a folder starts at once.
"""

import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from helpers.errors import UserError

# As torchvision.datasets.folder.IMG_EXTENSIONS. A test compares the two, because
# importing torchvision takes a second and this module needs nothing else of it.
IMG_EXTENSIONS = (
    ".jpg", ".jpeg", ".png", ".ppm", ".bmp", ".pgm", ".tif", ".tiff", ".webp",
)  # fmt: skip
TRAIN_NAMES = ("train", "training")
VAL_NAMES = ("val", "valid", "validation")
TEST_NAMES = ("test", "testing")
SPLITS = (*TRAIN_NAMES, *VAL_NAMES, *TEST_NAMES)
EXAMPLES = 3  # paths or names that a sentence shows
SYSTEM_FOLDERS = ("lost+found", "$RECYCLE.BIN", "System Volume Information")


def is_loaded(name: str) -> bool:
    """Whether ImageFolder takes a file of this name for an image."""
    return name.lower().endswith(IMG_EXTENSIONS)


def is_hidden(name: str) -> bool:
    """Whether a folder of this name is hardly meant as a class."""
    return name.startswith((".", "__", "@")) or name in SYSTEM_FOLDERS


def list_root(root: Path | str) -> tuple[Path, list[str]]:
    """Return the folder and the names in it.

    Raises:
        UserError: it is missing, is no folder, cannot be listed or is empty.
    """
    root = Path(root).expanduser()
    give = "give the folder that holds the class folders."
    try:
        names = os.listdir(root)
    except FileNotFoundError:
        raise UserError(f"There is no folder {root}; {give}") from None
    except NotADirectoryError:
        raise UserError(f"{root} is a file, not a folder; {give}") from None
    except OSError as error:
        raise UserError(f"Cannot read the folder {root}: {error.strerror}.") from None
    if not names:
        raise UserError(f"The folder {root} is empty; put one folder per class in it.")
    return root, names


def open_root(root: Path | str) -> tuple[Path, list[str]]:
    """Return the folder and its split folders; none in a plain ImageFolder.

    Raises:
        UserError: as :func:`list_root`.
    """
    root, names = list_root(root)
    return root, find_splits(root, [name for name in names if (root / name).is_dir()])


def find_splits(root: Path, folders: Sequence[str]) -> list[str]:
    """Return the split folders in the usual order; none in a plain ImageFolder.

    Args:
        folders: names of the folders in ``root``.
    """
    splits = [name for name in folders if name.lower() in SPLITS]
    visible = [name for name in folders if not is_hidden(name)]
    # A class may well be called "train", but only a split holds folders.
    holding = any(_has_folders(root / name) for name in splits)
    if holding or len(splits) == len(visible) > 1:
        return sorted(splits, key=lambda name: SPLITS.index(name.lower()))
    return []


def _has_folders(folder: Path) -> bool:
    try:
        with os.scandir(folder) as entries:
            return any(e.is_dir() and not is_hidden(e.name) for e in entries)
    except OSError:
        return False


class File(NamedTuple):
    """A file that the loader reads; its path is relative, with ``/``."""

    path: str
    size: int  # bytes
    mtime_ns: int  # nanoseconds since 1970


def loaded_files(root: Path, splits: Sequence[str]) -> Iterator[File]:
    """Yield the images below the class folders, at any depth, links followed.

    Args:
        splits: the split folders in ``root``; empty for a plain ImageFolder.

    Raises:
        UserError: as :func:`check_folder`.
    """
    for top in splits or ["."]:
        for name, entry in _walk(root, top, is_class=False, above=()):
            try:
                info = entry.stat()
            except OSError as error:
                raise UserError(explain(error, entry.path)) from error
            yield File(name, info.st_size, info.st_mtime_ns)


def check_folder(root: Path) -> None:
    """Find out what a loader would stumble over, without asking for every file.

    Args:
        root: folder of class folders.

    Raises:
        UserError: a folder cannot be read, a link leads nowhere or in a circle, or
            an image is no regular file.
    """
    for _ in _walk(root, ".", is_class=False, above=()):
        pass  # the kind of a file stands in the folder's listing


def _walk(
    root: Path, folder: str, *, is_class: bool, above: tuple[tuple[int, int], ...]
) -> Iterator[tuple[str, os.DirEntry[str]]]:
    """Yield each image's path relative to the root, and its entry."""
    where = os.path.join(root, folder)
    path = where  # of the entry that fails
    try:
        info = os.stat(where)
        if (identity := (info.st_dev, info.st_ino)) in above:
            raise UserError(
                f"{where} is a link to a folder that it lies in, so a loader would "
                "walk in circles: remove the link."
            )
        with os.scandir(where) as scan:
            entries = sorted(scan, key=lambda entry: entry.name)
        for entry in entries:
            path = entry.path
            name = entry.name if folder == "." else f"{folder}/{entry.name}"
            if entry.is_dir():
                below = (*above, identity)
                yield from _walk(root, name, is_class=True, above=below)
            elif is_class and is_loaded(entry.name):
                if not entry.is_file():
                    raise UserError(explain(None, path))
                yield name, entry
    except OSError as error:
        raise UserError(explain(error, path)) from error


def explain(error: OSError | None, path: str) -> str:
    """Return one sentence on why ``path`` could not be read.

    Args:
        error: what the system said; ``None`` if only the kind of file is wrong.
    """
    if os.path.islink(path) and not os.path.exists(path):
        return f"{path} is a link to nothing: remove it."
    if error is None:
        return f"{path} is not a regular file: remove it."
    if isinstance(error, FileNotFoundError):
        return f"{path} vanished while the folder was being read: run it again."
    return f"{path} cannot be read ({error.strerror}): change its permissions."


def printable(text: str) -> str:
    """Return ``text`` with line breaks, control characters and bytes that are not
    UTF-8 written as escapes: a name may hold anything."""
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode()
        for char in text
    )


def as_utf8(text: str) -> str:
    """Return ``text`` with only those bytes written as escapes that are not UTF-8.

    In a JSON text such an escape stands for itself: the name comes back whole.
    """
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def few(names: Iterable[str]) -> str:
    """Return the first few of ``names``, and how many more there are, fit to print."""
    names = list(names)
    more = len(names) - EXAMPLES
    shown = printable(", ".join(names[:EXAMPLES]))
    return f"{shown} and {more} more" if more > 0 else shown
