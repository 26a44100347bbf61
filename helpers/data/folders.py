"""Which files of an image folder a loader reads, said without reading them.

The rules are those of ``torchvision.datasets.ImageFolder``. Nothing heavy is
imported here, so that looking at a folder starts at once.
"""

import os
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import permutations
from pathlib import Path
from typing import NamedTuple

from helpers.errors import UserError
from helpers.text import few

# As torchvision.datasets.folder.IMG_EXTENSIONS. A test compares the two, because
# importing torchvision takes a second and this module needs nothing else of it.
IMG_EXTENSIONS = (
    ".jpg", ".jpeg", ".png", ".ppm", ".bmp", ".pgm", ".tif", ".tiff", ".webp",
)  # fmt: skip
SPLIT_WORDS = {
    "train": ("train", "training"),
    "val": ("val", "valid", "validation", "dev", "development", "eval", "evaluation"),
    "test": ("test", "testing"),
}
# Words that people add: training_set, train-images, testset, train2017.
_ADDED = r"[-_. ]*(sets?|data|dataset|split|images?|imgs?|folder|dir)?[-_. ]*\d*"
SYSTEM_FOLDERS = ("lost+found", "$RECYCLE.BIN", "System Volume Information")


def is_loaded(name: str) -> bool:
    """Whether ImageFolder takes a file of this name for an image."""
    return name.lower().endswith(IMG_EXTENSIONS)


def is_hidden(name: str) -> bool:
    """Whether a folder of this name belongs to a system or a tool: no class."""
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
        raise UserError(
            f"The folder {root} is empty; put one folder per class in it, because a "
            "loader finds no class folders there."
        )
    return root, names


def open_root(root: Path | str) -> tuple[Path, list[str]]:
    """Return the folder and its split folders; none in a plain ImageFolder.

    Raises:
        UserError: as :func:`list_root` and :func:`find_splits`.
    """
    root, names = list_root(root)
    return root, find_splits(root, [name for name in names if (root / name).is_dir()])


def split_of(name: str) -> str | None:
    """Return ``train``, ``val`` or ``test`` for the name of such a split's folder."""
    for split, words in SPLIT_WORDS.items():
        if re.fullmatch(f"(?:{'|'.join(words)}){_ADDED}", name.casefold()):
            return split
    return None


def choose_split(splits: Iterable[str], part: str) -> str | None:
    """Return the folder among ``splits`` that serves as ``part``, if there is one.

    Args:
        splits: as :func:`find_splits` returns them.
        part: ``train``, ``val`` or ``test``. A test split serves for validation
            where there is no other.
    """
    wanted = ("val", "test") if part == "val" else (part,)
    named = {split_of(name): name for name in splits}
    return next((named[split] for split in wanted if split in named), None)


def find_splits(root: Path, folders: Iterable[str]) -> list[str]:
    """Return the split folders in the usual order; none in a plain ImageFolder.

    A split has the name of one (see :func:`split_of`) and holds class folders. A
    class may well be called "train": it holds images and lies beside other classes.

    Args:
        folders: names of the folders in ``root``.

    Raises:
        UserError: two folders are the same split, or the folders can be read as
            splits and as classes.
    """
    visible = sorted(name for name in folders if not is_hidden(name))
    named = {name: split for name in visible if (split := split_of(name))}
    holding = [name for name in named if _class_folders(root / name)]
    others = [name for name in visible if name not in named]
    if not holding:
        _refuse_likely_splits(root, visible)
        if others or len(named) < 2:
            return []
    elif len({named[name] for name in holding}) == 1 and not _alone(root, others):
        if all(_holds_images(root / name, deep=False) for name in holding):
            return []  # a class with folders in it
        raise UserError(_explain_readings(root, holding[0], visible))
    held = {named[name] for name in holding}
    splits = holding + [name for name in named if named[name] not in held]
    for split in SPLIT_WORDS:
        same = [name for name in splits if named[name] == split]
        if len(same) > 1:
            raise UserError(
                f"{root} holds {' and '.join(same)}, which both name the {split} "
                "split: merge them, or give one of them a name that says something "
                "else."
            )
    return sorted(splits, key=lambda name: list(SPLIT_WORDS).index(named[name]))


def _alone(root: Path, others: Sequence[str]) -> bool:
    """Whether no folder beside a split could be a class: none holds an image."""
    return not any(_holds_images(root / name) for name in others)


def _explain_readings(root: Path, name: str, visible: Sequence[str]) -> str:
    missing = "train" if split_of(name) != "train" else "val"
    others = few(other for other in visible if other != name)
    return (
        f"{root} can be read in two ways, with {name} as a split that holds the "
        f"classes {few(_class_folders(root / name))}, or with {few(visible)} as "
        f"classes: if {name} is a split, add a folder {missing} beside it and move "
        f"{others} elsewhere, or if it is a class, rename it, for example to "
        f"{name}_class."
    )


def _refuse_likely_splits(root: Path, visible: Sequence[str]) -> None:
    """Refuse folders such as ``seg_train`` and ``seg_test`` with the same classes."""
    likely = {name: found for name in visible if (found := _likely_split(name))}
    for one, other in permutations(likely, 2):
        if likely[one] == "train" != likely[other]:
            both = set(_class_folders(root / one)) & set(_class_folders(root / other))
            if len(both) > 1:
                raise UserError(
                    f"{root} can be read in two ways, because {one} and {other} both "
                    f"hold {few(sorted(both))}: if they are splits, call them train "
                    f"and {likely[other]}, or if they are classes, give them names "
                    "without these words."
                )


def _likely_split(name: str) -> str:
    """The split whose name is one of the words in ``name``, or an empty text."""
    words = re.split(r"[^a-z]+", name.casefold())
    return next((found for word in words if (found := split_of(word))), "")


def _class_folders(folder: Path) -> list[str]:
    try:
        with os.scandir(folder) as entries:
            return sorted(
                e.name for e in entries if e.is_dir() and not is_hidden(e.name)
            )
    except OSError:
        return []


def _holds_images(folder: Path, *, deep: bool = True) -> bool:
    """Whether a file in a folder, or below it, has the name of an image."""
    for _, _, names in os.walk(folder):
        if any(map(is_loaded, names)):
            return True
        if not deep:
            break
    return False


def holds_run(folder: Path) -> bool:
    """Whether a folder holds the files of a training run instead of a class.

    Earlier versions wrote ``runs/NAME.pt``, and pictures beside it, into the working
    directory, which may be the image folder.
    """
    return any(folder.glob("*.pt")) and (
        folder.name == "runs" or not _holds_images(folder)
    )


def class_of(path: str, splits: Collection[str]) -> str:
    """Return the class folder that a file lies in.

    Args:
        path: relative to the data folder, with ``/``.
        splits: the split folders there; empty for a plain folder of classes.
    """
    first, second, *_ = path.split("/") + [""]
    return second if first in splits else first


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
        UserError: a folder cannot be read, a link leads nowhere or in a circle, an
            image is no regular file or lies in a hidden folder.
    """
    for path, _ in _walk(root, ".", is_class=False, above=()):
        # The listing of a folder tells the kind of each file.
        inner = path.split("/")[1:-1]
        if any(map(is_hidden, inner)):
            raise UserError(
                f"{root}/{path} lies in a hidden folder, from which a loader would "
                "read it as an image of the class: delete that folder."
            )


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
