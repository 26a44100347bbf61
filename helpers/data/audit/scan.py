"""What makes an image folder go wrong, found before the training does.

``audit(root)`` looks at a folder of class folders, or at a folder of splits
(``train``, ``val``, ``test``) of class folders, as torchvision's ``ImageFolder``
would read it. It decodes every image once and lists what the loader would skip,
misread or stumble over. The kinds of findings are in ``assets/audit.csv``.
"""

import csv
import errno
import hashlib
import os
import re
import stat
import warnings
from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from importlib.resources import files
from pathlib import Path
from posixpath import commonpath, dirname, normpath
from typing import NamedTuple, cast

from tqdm.auto import tqdm

from helpers.data.audit.findings import Audit, Finding, Severity
from helpers.data.audit.one_image import UNUSABLE, inspect, is_picture
from helpers.data.folders import find_splits, is_hidden, is_loaded, list_root
from helpers.text import EXAMPLES, differences, likeness, printable

__all__ = ["Audit", "Finding", "audit"]

MAX_IMBALANCE = 10  # images of the largest class : images of the smallest


def audit(root: Path | str, *, progress: bool = False) -> Audit:
    """Report everything that makes the image folder `root` go wrong.

    Args:
        root: folder of class folders, or of ``train``, ``val``, ``test`` folders
            (also ``valid``, ``Training`` and so on) of class folders.
        progress: show a bar while the files are read.

    Raises:
        UserError: `root` is missing, is no folder, cannot be listed or is empty, or
            its folders can be read as splits and as classes.
    """
    root, _ = list_root(root)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what PIL warns of becomes a finding
        return _Scan(root).run(progress)


class _File(NamedTuple):
    path: str  # relative to the root, with forward slashes
    split: str
    label: str


class _Scan:
    """The state of one audit. All paths are relative to the root."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.found: dict[tuple[str, str], list[str]] = defaultdict(list)
        self.classes: dict[str, list[str]] = {}
        self.same_size: dict[int, list[_File]] = defaultdict(list)
        self.any_colour = False

    def add(self, code: str, *paths: str, detail: str = "") -> None:
        self.found[code, detail].extend(paths)

    def run(self, progress: bool) -> Audit:
        folders, others = self.listing(".")
        todo: list[_File] = []
        if splits := find_splits(self.root, folders):
            self.check_loose(".", others)
            for split in splits:
                todo += self.walk_split(split, *self.listing(split))
        else:
            todo += self.walk_split(".", folders, others)
        counts = {s: dict.fromkeys(names, 0) for s, names in self.classes.items()}
        for file in tqdm(todo, desc="audit", unit="file", disable=not progress):
            counts[file.split][file.label] += self.check_file(file)
        if not self.any_colour:
            self.found.pop(("greyscale", ""), None)
        self.check_duplicates()
        self.check_classes(counts)
        return Audit(self.root, counts, tuple(self.findings()))

    def findings(self) -> Iterator[Finding]:
        table = files("helpers").joinpath("assets/audit.csv").read_text("utf-8")
        for row in csv.DictReader(table.splitlines()):
            severity, action = cast(Severity, row["severity"]), row["action"]
            for (code, detail), paths in self.found.items():
                if code == row["code"] and paths:
                    text = printable(row["message"] + f" ({detail})" * bool(detail))
                    where = printable(_common_folder(paths))
                    yield Finding(code, severity, where, text, action, tuple(paths))

    # --- folders -------------------------------------------------------------

    def listing(self, folder: str) -> tuple[list[str], list[str]]:
        """Names of the folders in `folder` and of the other entries, sorted."""
        folders: list[str] = []
        others: list[str] = []
        try:
            with os.scandir(self.root / folder) as entries:
                for entry in entries:
                    (folders if os.path.isdir(entry) else others).append(entry.name)
        except OSError as error:
            gone = isinstance(error, FileNotFoundError)
            self.add("vanished" if gone else "unreadable", folder)
        for name in folders + others:
            if not _utf8(name):
                self.add("bad-name", _join(folder, name))
        return sorted(folders), sorted(others)

    def walk_split(
        self, split: str, folders: list[str], others: list[str]
    ) -> Iterator[_File]:
        self.classes[split] = folders
        self.check_loose(split, others)
        for label in folders:
            if is_hidden(label):
                self.add("hidden-class", _join(split, label))
            yield from self.walk_class(split, label)

    def check_loose(self, folder: str, names: list[str]) -> None:
        """Files outside the class folders: only images and dead links matter."""
        for name in names:
            path = _join(folder, name)
            full = self.root / path
            if full.is_symlink() and not os.path.exists(full):
                self.add("broken-link", path)
            elif is_loaded(name) or is_picture(full):
                self.add("stray-image", path)

    def walk_class(self, split: str, label: str) -> Iterator[_File]:
        """All files below a class folder, each folder once, links followed."""
        top = _join(split, label)
        seen = {self.identity("."), self.identity(split)}
        stack, names, trouble = [top], [], self.blocked()
        while stack:
            folder = stack.pop()
            identity = self.identity(folder)
            if identity in seen:
                self.add("link-loop", folder)
                continue
            seen.add(identity)
            folders, others = self.listing(folder)
            if folder != top:
                inner = folder.removeprefix(top).split("/")[1:]
                hidden = any(map(is_hidden, inner)) and any(map(is_loaded, others))
                self.add("hidden-folder" if hidden else "nested-folder", folder)
            stack += [_join(folder, name) for name in reversed(folders)]
            names += [_join(folder, name) for name in others]
        if trouble == self.blocked() and not is_hidden(label):
            if not names:
                self.add("empty-class", top)
            elif not any(is_loaded(name) for name in names):
                self.add("skipped-class", top)
        yield from (_File(name, split, label) for name in names)

    def blocked(self) -> int:
        """Folders not listed so far: such a class may only seem to be empty."""
        codes = ("unreadable", "vanished", "link-loop")
        return sum(len(self.found[code, ""]) for code in codes)

    def identity(self, folder: str) -> tuple[int, int] | str:
        with suppress(OSError):
            info = os.stat(self.root / folder)
            return info.st_dev, info.st_ino
        return folder

    # --- files ---------------------------------------------------------------

    def check_file(self, file: _File) -> bool:
        """Add what is wrong with one file; return whether it is a usable image."""
        path = self.root / file.path
        try:
            info = os.stat(path)
            if not stat.S_ISREG(info.st_mode):  # opening a pipe would wait for ever
                self.add("unreadable", file.path)
                return False
            if not is_loaded(file.path):
                picture = is_picture(path)
                self.add("skipped-image" if picture else "skipped-file", file.path)
                return False
            with open(path, "rb") as stream:
                traits = inspect(stream) if info.st_size else ["empty-file"]
        except OSError as error:
            gone = isinstance(error, FileNotFoundError)
            dead = path.is_symlink() and (gone or error.errno == errno.ELOOP)
            code = "broken-link" if dead else "vanished" if gone else "unreadable"
            self.add(code, file.path)
            return False
        for trait in traits:
            code, _, detail = trait.partition(": ")
            self.add(code, file.path, detail=detail)
        if UNUSABLE & set(traits):
            return False
        self.any_colour |= not {"greyscale", "16-bit"} & set(traits)
        self.same_size[info.st_size].append(file)
        return True

    def check_duplicates(self) -> None:
        for same_size in self.same_size.values():
            groups: dict[bytes, list[_File]] = defaultdict(list)
            for file in same_size if len(same_size) > 1 else ():
                with suppress(OSError), open(self.root / file.path, "rb") as stream:
                    digest = hashlib.file_digest(stream, "sha256").digest()
                    groups[digest].append(file)
            for group in groups.values():
                across_splits = len({file.split for file in group}) > 1
                across_labels = len({file.label for file in group}) > 1
                paths = [file.path for file in group]
                if across_splits:
                    self.add("duplicate-splits", *paths)
                if across_labels:
                    self.add("duplicate-labels", *paths)
                if len(group) > 1 and not across_splits and not across_labels:
                    self.add("duplicate", *paths)

    # --- classes -------------------------------------------------------------

    def check_classes(self, counts: dict[str, dict[str, int]]) -> None:
        visible = {
            split: {label: n for label, n in sizes.items() if not is_hidden(label)}
            for split, sizes in counts.items()
        }
        reference, *_ = visible
        for split, sizes in visible.items():
            if len(sizes) < 2:
                self.add("one-class" if sizes else "no-class", _join(split, *sizes))
            filled = sorted((n, label) for label, n in sizes.items() if n)
            if filled and filled[-1][0] > MAX_IMBALANCE * filled[0][0]:
                (least, rare), (most, common) = filled[0], filled[-1]
                detail = f"{most:,} in {common}, {least:,} in {rare}"
                paths = _join(split, common), _join(split, rare)
                self.add("imbalance", *paths, detail=detail)
            missing = sorted(visible[reference].keys() - sizes.keys())
            extra = sorted(sizes.keys() - visible[reference].keys())
            if sizes and visible[reference] and (missing or extra):
                parts = differences(visible[reference], sizes)
                detail = f"beside {reference}, {split} {' and '.join(parts)}"
                differing = (_join(split, label) for label in missing + extra)
                self.add("classes-differ", *differing, detail=detail)
        folders: dict[str, str] = {}
        for split in visible:
            for label in visible[split]:
                folders.setdefault(label, _join(split, label))
        self.check_names(folders)

    def check_names(self, paths: dict[str, str]) -> None:
        """Order and likeness of the class names; `paths` gives a folder for each."""
        names = sorted(paths)
        expected = sorted(names, key=_natural)
        moved = [i for i, name in enumerate(names) if name != expected[i]]
        if moved:
            part = slice(moved[0], moved[0] + EXAMPLES)
            detail = f"{', '.join(names[part])} instead of {', '.join(expected[part])}"
            self.add("sort-order", *(paths[names[i]] for i in moved), detail=detail)
        alike: dict[str, list[str]] = defaultdict(list)
        for name in names:
            alike[likeness(name)].append(name)
        for group in alike.values():
            if len(group) > 1:
                detail = ", ".join(map(ascii, group))  # shows accents as code points
                folders = (paths[name] for name in group)
                self.add("name-collision", *folders, detail=detail)


def _join(*parts: str) -> str:
    return normpath("/".join(parts))


def _common_folder(paths: list[str]) -> str:
    """The folder that holds all of `paths`, or the first few that do together."""
    parents = [dirname(path) for path in paths]
    if common := commonpath(parents):
        return common
    tops = sorted({parent.split("/")[0] or "." for parent in parents})
    return ", ".join(tops) if len(tops) <= EXAMPLES else f"{len(tops)} folders"


def _natural(name: str) -> list[str | int]:
    """Sort key of people: numbers by value, case ignored."""
    parts = re.split(r"(\d+)", name.casefold())
    return [int(part) if i % 2 else part for i, part in enumerate(parts)]


def _utf8(name: str) -> bool:
    with suppress(UnicodeEncodeError):
        return bool(name.encode())
    return False
