"""Which images a run trained on and which it held out, by path and by content.

A split belongs to its run: the same seed draws other images as soon as one file has
another name. So a checkpoint keeps the paths and the SHA-256 of both halves, and
whatever is computed later is computed on exactly those images.
"""

import os
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any, Literal, NamedTuple

import torch

from helpers.data.fingerprint import Manifest, read_contents
from helpers.data.folders import class_of, loaded_files, open_root
from helpers.data.loading import ImageFolder, Splits
from helpers.errors import UserError
from helpers.text import few

KEY = "files"  # of a checkpoint
SHA256_BYTES = 32
Name = Literal["train", "val"]
DID: dict[Name, str] = {"train": "trained on", "val": "held out"}


class Half(NamedTuple):
    """One half of a run's images, in the order in which the loader counts them.

    Attributes:
        paths: relative to the data folder, with ``/``.
        sha256: of each content, hexadecimal.
    """

    paths: list[str]
    sha256: list[str]

    def state(self) -> dict[str, Any]:
        """Return the half for a checkpoint: paths, and digests ``uint8 [N, 32]``."""
        digests = torch.frombuffer(
            bytearray.fromhex("".join(self.sha256)), dtype=torch.uint8
        )
        return {"paths": self.paths, "sha256": digests.view(-1, SHA256_BYTES)}

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> "Half":
        """Take back what :meth:`state` gave."""
        return cls(
            state["paths"], [bytes(row).hex() for row in state["sha256"].numpy()]
        )


class Contents:
    """The images of a folder, each read at most once, and only when it is asked for.

    Args:
        root: folder of class folders, or of splits of class folders.
        known: a manifest of the folder, made just now; its files are not read.
        progress: show a bar while files are read.

    Attributes:
        splits: the split folders; empty for a plain folder of classes.
        files: path relative to the folder -> what the folder's listing says of it.

    Raises:
        UserError: the folder cannot be read.
    """

    def __init__(
        self, root: Path | str, known: Manifest | None = None, *, progress: bool = False
    ) -> None:
        self.root, self.splits = open_root(root)
        self.files = {file.path: file for file in loaded_files(self.root, self.splits)}
        self.progress = progress
        entries = known.files if known else {}
        self._sha256 = {path: entry.sha256 for path, entry in entries.items()}

    def sha256(self, paths: Iterable[str]) -> dict[str, str]:
        """Return the digests of those of ``paths`` that are there.

        Raises:
            UserError: a file cannot be read or changes meanwhile.
        """
        there = [path for path in paths if path in self.files]
        unread = [self.files[path] for path in there if path not in self._sha256]
        if unread:
            read = read_contents(self.root, unread, progress=self.progress)
            self._sha256 |= {path: entry.sha256 for path, entry in read.items()}
        return {path: self._sha256[path] for path in there}


class Found(NamedTuple):
    """Where the images of a half are now.

    Attributes:
        paths: of those that are there, by their content.
        renamed, relabelled: recorded paths of images that have another path now, in
            the same class folder or in another one.
        changed, gone: recorded paths whose image is nowhere, with another content at
            that path or none.
    """

    paths: list[str]
    renamed: list[str]
    relabelled: list[str]
    changed: list[str]
    gone: list[str]

    @property
    def complete(self) -> bool:
        """Whether every image of the half is there."""
        return not (self.changed or self.gone)

    def __str__(self) -> str:
        said = {
            "renamed": self.renamed,
            "in another class": self.relabelled,
            "with another content": self.changed,
            "gone": self.gone,
        }
        return ", ".join(f"{len(v):,} {k} ({few(v)})" for k, v in said.items() if v)


class Halves(NamedTuple):
    """What a run trained on and what it held out.

    Attributes:
        train, val: the two halves.
        splits: the folders that they were; empty if the split was drawn.
    """

    train: Half
    val: Half
    splits: list[str]

    def state(self) -> dict[str, Any]:
        """Return both halves for a checkpoint, fit for ``weights_only=True``."""
        halves = {"train": self.train.state(), "val": self.val.state()}
        return halves | {"splits": self.splits}

    @classmethod
    def of_run(cls, checkpoint: Mapping[str, Any]) -> "Halves | None":
        """Return the halves that a checkpoint keeps; ``None`` in an early one."""
        if KEY not in checkpoint:
            return None
        state = checkpoint[KEY]
        train, val = (Half.from_state(state[name]) for name in ("train", "val"))
        return cls(train, val, list(state["splits"]))

    def locate(self, name: Name, here: Contents) -> Found:
        """Find the images of a half in a folder, first by path, then by content.

        Files that are where the other half had them are not taken: of two copies,
        one in each half, the held-out one stays the held-out one.
        """
        half: Half = getattr(self, name)
        other = self.val if name == "train" else self.train
        known = dict(zip(*half, strict=True))
        at_place = here.sha256(known)
        paths = [path for path in known if at_place.get(path) == known[path]]
        found = Found(paths, [], [], [], [])
        if len(paths) == len(known):
            return found
        spare: dict[str, list[str]] = defaultdict(list)
        taken, others = set(paths), dict(zip(*other, strict=True))
        for path, sha256 in here.sha256(here.files).items():
            if path not in taken and others.get(path) != sha256:
                spare[sha256].append(path)
        for path in (path for path in known if path not in taken):
            label = class_of(path, self.splits)
            candidates = spare[known[path]]
            if not candidates:
                (found.changed if path in here.files else found.gone).append(path)
                continue
            same = [c for c in candidates if class_of(c, here.splits) == label]
            now = (same or candidates)[0]
            candidates.remove(now)
            found.paths.append(now)
            if not same:
                found.relabelled.append(path)
            elif _below(path, self.splits) != _below(now, here.splits):
                found.renamed.append(path)
        for paths in found:
            paths.sort()
        return found

    def open(self, root: Path) -> Splits:
        """Open both halves in a folder that has them unchanged.

        Raises:
            UserError: if an image is not where it was.
        """
        root, splits = open_root(root)
        opened = []
        for half in (self.train, self.val):
            images = open_images(root, splits, half.paths)
            if missing := len(half.paths) - len(images):
                raise UserError(
                    f"{root} lacks {missing:,} of the {len(half.paths):,} images of "
                    "one half of the run: restore them."
                )
            opened.append(images)
        return Splits(*opened)

    def require_unchanged(self, here: Contents) -> list[str]:
        """Find out whether a folder still has both halves, each file in its place.

        Returns:
            Images that are new and belong to neither half of a drawn split.

        Raises:
            UserError: if anything differs in a half.
        """
        here.sha256([*self.train.paths, *self.val.paths])  # with one bar for all
        anew = "restore the folder as it was, or start anew with --overwrite."
        for name, did in DID.items():
            found = self.locate(name, here)
            if moved := str(found):
                raise UserError(
                    f"{here.root} has changed since the run began, and --resume "
                    f"continues on the same images: of those that it {did}, {moved}; "
                    f"{anew}"
                )
        known = {*self.train.paths, *self.val.paths}
        new = [path for path in here.files if path not in known]
        if not self.splits:
            return new
        new = [path for path in new if path.split("/")[0] in self.splits]
        if new:
            raise UserError(
                f"{here.root} has {len(new):,} images more than when the run began "
                f"({few(new)}), and --resume continues on the same images: {anew}"
            )
        return []


def _below(path: str, splits: list[str]) -> str:
    """The path without the split folder that it begins with."""
    first, _, rest = path.partition("/")
    return rest if first in splits else path


def record(
    root: Path | str,
    splits: Splits,
    known: Manifest | None = None,
    *,
    progress: bool = False,
) -> Halves:
    """Read the images of both halves and return what a checkpoint keeps of them.

    Args:
        root: the data folder.
        splits: the halves, opened below ``root``.
        known: a manifest of the folder, made just now; its files are not read again.
        progress: show a bar.

    Raises:
        UserError: a file cannot be read or changes meanwhile.
    """
    here = Contents(root, known, progress=progress)
    names = [[relative(path, root) for path, _ in half.samples] for half in splits]
    sha256 = here.sha256([path for paths in names for path in paths])
    train, val = (Half(paths, [sha256[p] for p in paths]) for paths in names)
    return Halves(train, val, _tops(names[0] + names[1], here.splits))


def relative(path: str | Path, root: str | Path) -> str:
    """Return a path relative to the data folder, with ``/``."""
    return Path(path).relative_to(root).as_posix()


def _tops(paths: Iterable[str], splits: list[str]) -> list[str]:
    """The split folders that hold ``paths``, in the usual order."""
    tops = {path.split("/", 1)[0] for path in paths}
    return [name for name in splits if name in tops]


def open_images(root: Path, splits: list[str], paths: Collection[str]) -> ImageFolder:
    """Open some images of a folder as one data set, in the loader's order.

    Args:
        root: the data folder.
        splits: its split folders; empty for a plain folder of classes.
        paths: which images, relative to ``root``.

    Raises:
        UserError: if they lie in splits with different classes.
    """
    wanted = {os.path.normpath(os.path.join(root, path)) for path in paths}
    tops = _tops(paths, splits) if splits else ["."]
    first, *more = (ImageFolder(root / top) for top in tops)
    for part in more:
        if part.classes != first.classes:
            differing = sorted(set(part.classes) ^ set(first.classes))
            raise UserError(
                f"{root} has different classes in {' and '.join(tops)} "
                f"({few(differing)} in one only): labels would not match."
            )
    samples = [sample for part in (first, *more) for sample in part.samples]
    samples.sort(key=lambda sample: sample[1])  # stable: by class, then as they were
    first.samples = samples
    chosen = [
        index
        for index, (path, _) in enumerate(samples)
        if os.path.normpath(path) in wanted
    ]
    return first.subset(chosen)
