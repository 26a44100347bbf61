"""A trained network on a folder: which images it is examined on, and its answers.

They are those that its run held out, wherever they lie now.
"""

from pathlib import Path
from typing import Literal, NamedTuple

import torch
from tqdm.auto import tqdm

from helpers import magic
from helpers.data import folders, halves
from helpers.data.halves import Contents, Found, Half, Halves, open_images, relative
from helpers.data.images import ToNormalised, eval_transform
from helpers.data.loading import ImageFolder, make_loader
from helpers.errors import UserError
from helpers.evaluation.predictions import Predictions, collect
from helpers.model.trained import Trained
from helpers.text import differences, few, printable

Part = Literal["train", "val", "test", "all"]


class Chosen(NamedTuple):
    """The images that a network is examined on.

    Attributes:
        images: with the transform of evaluation: ``uint8 [3, size, size]``.
        text: which they are, for people.
    """

    images: ImageFolder
    text: str


def choose_images(
    trained: Trained,
    root: str | Path,
    part: Part | None = None,
    name: str = "",
    *,
    progress: bool = False,
) -> Chosen:
    """Open the images that a network is to be examined on.

    Args:
        root: folder of class folders, or of splits of class folders.
        part: ``train`` and ``val`` are the images that the run trained on and held
            out, wherever they lie in ``root`` now. In a folder that holds none of
            them they are its split folders, as ``test`` always is. ``all`` is every
            image of a folder without splits. ``None`` means the images that were
            held out, or in a folder that holds none of the run's images its
            validation split or every image.
        name: of the data set; by default the folder's.
        progress: show a bar while files are read.

    Raises:
        UserError: if the folder cannot be used, has no such part, its classes are
            not those of the network, or not all images of the half are there.
    """
    root, splits = folders.open_root(root)
    name = name or root.resolve().name
    folder = folders.choose_split(splits, part or "val") or ""
    if splits and not folder:
        raise UserError(
            f"{root} has no split {part or 'val'}, but {few(splits)}: choose with "
            "--split."
        )
    if part == "test" and not splits:
        raise UserError(f"{root} has no splits: say --split all.")
    images = ImageFolder(root / folder)
    _require_same_classes(trained.classes, images.classes, root)
    where, note = f"/{folder}" if folder else "", ""
    run = Halves.of_run(trained.about)
    if run is None:
        if not splits and _is_unknown(trained, part, name):
            raise UserError(
                "The checkpoint does not say which images its run held out, as those "
                "of earlier versions: train it again, or say --split all."
            )
    else:
        here = Contents(root, progress=progress)
        half: halves.Name = "train" if part == "train" else "val"
        found = None
        if part not in ("all", "test"):
            found = _find_half(run, half, here, must=part is not None and not splits)
        if found is None:
            trained_on = _count_known(run.train, here, images, root)
            note = f", of which the run trained on {trained_on:,}" * bool(trained_on)
        else:
            images = open_images(root, splits, found.paths)
            where = _describe(trained, run, half, found, here, folder)
    images.transform = eval_transform(trained.size, None, None)
    return Chosen(images, f"{len(images):,} images of {printable(name)}{where}{note}")


def _is_unknown(trained: Trained, part: Part | None, name: str) -> bool:
    """Whether a split was drawn that nobody knows."""
    return part in ("train", "val") or (
        part is None and trained.about.get("data") == name
    )


def _find_half(
    run: Halves, half: halves.Name, here: Contents, *, must: bool
) -> Found | None:
    """Return where a half of the run is, ``None`` in a folder of other images.

    Raises:
        UserError: some of its images are missing; or all of them, and there ``must``
            be some.
    """
    found = run.locate(half, here)
    if found.complete:
        return found
    other = run.locate("val" if half == "train" else "train", here)
    count, did = len(getattr(run, half).paths), halves.DID[half]
    way_out = "give a folder of classes, and say --split all"
    if not here.splits:
        way_out = "say --split all for every image that is there"
    if found.paths or other.paths:
        missing = found._replace(renamed=[], relabelled=[])
        raise UserError(
            f"{here.root} no longer holds all of the {count:,} images that the run "
            f"{did}: {missing}. Restore them, or {way_out}."
        )
    if must:
        raise UserError(
            f"{here.root} holds none of the {count:,} images that the run {did}: name "
            f"the folder that it was trained on, or {way_out}."
        )
    return None


def _describe(
    trained: Trained,
    run: Halves,
    half: halves.Name,
    found: Found,
    here: Contents,
    folder: str,
) -> str:
    """Say which half it is, and what differs in the folder from what the run saw."""
    there = [p for p in here.files if not folder or p.startswith(f"{folder}/")]
    other = run.val if half == "train" else run.train
    known = {*found.paths, *other.paths}
    unknown = here.sha256([path for path in there if path not in known]).values()
    own, others = (set(part.sha256) for part in (getattr(run, half), other))
    moved = sum(sha256 in others for sha256 in unknown) if folder else 0
    new = sum(sha256 not in own and sha256 not in others for sha256 in unknown)
    did = halves.DID["val" if half == "train" else "train"]
    notes = [
        f"{count:,} {text}"
        for count, text in (
            (len(found.renamed), "renamed since"),
            (len(found.relabelled), "in another class since"),
            (new, "left out, new since and in neither half"),
            (moved, f"left out, which the run {did}"),
        )
        if count
    ]
    if not run.splits:
        drawn = f"{half}, drawn with seed {trained.about.get('seed', 0)}"
        return f" ({'; '.join([drawn, *notes])})"
    if not folder:
        return f" ({'; '.join([f'{half} of the run', *notes])})"
    return f"/{folder}" + (f" ({'; '.join(notes)})" if notes else "")


def _count_known(half: Half, here: Contents, images: ImageFolder, root: Path) -> int:
    """How many images have the content of one that is in a half."""
    paths = [relative(path, root) for path, _ in images.samples]
    known = set(half.sha256)
    return sum(sha256 in known for sha256 in here.sha256(paths).values())


def _require_same_classes(known: list[str], there: list[str], root: Path) -> None:
    parts = differences(known, there)
    if not parts:
        return
    raise UserError(
        f"{root} does not have the classes of the checkpoint: it "
        f"{' and it '.join(parts)}. Every label after the first difference "
        "would be wrong (note 11)."
    )


def answer(
    trained: Trained,
    images: ImageFolder,
    *,
    batch_size: int = magic.BATCH_SIZE,
    workers: int = 0,
    device: torch.device | str = "cpu",
    progress: bool = False,
) -> Predictions:
    """Return the network's answer for every image, once and in order (note 10).

    Args:
        images: ``uint8``, see :func:`choose_images`.
        workers: processes that read images ahead.
        progress: show a bar.
    """
    loader = make_loader(
        images,
        batch_size,
        train=False,
        workers=workers,
        normalise=ToNormalised(trained.mean, trained.std).to(device),
    )
    batches = tqdm(loader, "answer", unit="batch", leave=False, disable=not progress)
    return collect(trained.network.to(device), batches, device)
