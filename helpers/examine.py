"""What a trained network does on a folder of images: answers, mistakes, maps."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal, NamedTuple

import torch
from jaxtyping import Float, UInt8
from torch import Tensor
from torch.nn import functional as F
from tqdm.auto import tqdm

from helpers import data, folders, magic
from helpers.errors import UserError
from helpers.evaluation import Predictions, collect
from helpers.folders import few, printable
from helpers.gradcam import enlarge, grad_cam
from helpers.trained import Trained

SPLIT_NAMES = {
    "train": folders.TRAIN_NAMES,
    "val": data.VAL_NAMES,
    "test": folders.TEST_NAMES,
}
Part = Literal["train", "val", "test", "all"]


class Chosen(NamedTuple):
    """The images that a network is examined on.

    Attributes:
        images: with the transform of evaluation: ``uint8 [3, size, size]``.
        text: which they are, for people.
    """

    images: data.ImageFolder
    text: str


class Mistake(NamedTuple):
    """An image whose answer is wrong, or nearly.

    Attributes:
        position: of the image in the data set.
        true, predicted: names of classes.
        probability: what the network gave the predicted class, 0 to 1.
        loss: cross-entropy in nats; the larger, the surer and wronger.
    """

    position: int
    true: str
    predicted: str
    probability: float
    loss: float

    def __str__(self) -> str:
        true, predicted = printable(self.true), printable(self.predicted)
        return f"{true}, said\n{predicted} {self.probability:.0%}"


def choose_images(
    trained: Trained, root: str | Path, part: Part | None = None, name: str = ""
) -> Chosen:
    """Open the images that a network is to be examined on.

    Args:
        root: folder of class folders, or of splits of class folders.
        part: a split folder. In a folder without splits, ``train`` and ``val`` are
            what ``train`` made of it, and ``all`` is every image. ``None`` means the
            validation split, or every image where the network was not trained on
            this folder.
        name: of the data set; by default the folder's.

    Raises:
        UserError: if the folder cannot be used, has no such part, or its classes
            are not those of the network.
    """
    root, splits = folders.open_root(root)
    name = name or root.resolve().name
    where = ""
    if splits:
        part = part or "val"
        found = [split for split in SPLIT_NAMES.get(part, ()) if split in splits]
        if not found:
            raise UserError(
                f"{root} has no split {part}, but {few(splits)}: choose with --split."
            )
        images, where = data.ImageFolder(root / found[0]), f"/{found[0]}"
    elif part == "test":
        raise UserError(f"{root} has no splits: say --split all.")
    elif part == "all" or (part is None and trained.about.get("data") != name):
        images = data.ImageFolder(root)
    else:
        seed = trained.about.get("seed", 0)
        parts = data.open_splits(root, seed=seed)
        count = trained.about.get("settings", {}).get("images")
        if part is None and len(parts.train) != count:  # only the name is the same
            images = data.ImageFolder(root)
        else:
            images = parts.train if part == "train" else parts.val
            where = f" ({part or 'val'}, drawn with seed {seed})"
    _require_same_classes(trained.classes, images.classes, root)
    images.transform = data.eval_transform(trained.size, None, None)
    return Chosen(images, f"{len(images):,} images of {printable(name)}{where}")


def _require_same_classes(known: list[str], there: list[str], root: Path) -> None:
    missing = sorted(set(known) - set(there))
    extra = sorted(set(there) - set(known))
    if not (missing or extra):
        return
    parts = [f"it lacks {few(missing)}"] if missing else []
    parts += [f"it adds {few(extra)}"] if extra else []
    raise UserError(
        f"{root} does not have the classes of the checkpoint: {' and '.join(parts)}. "
        "Every label after the first difference would be wrong (note 11)."
    )


def answer(
    trained: Trained,
    images: data.ImageFolder,
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
    loader = data.make_loader(
        images,
        batch_size,
        train=False,
        workers=workers,
        normalise=data.ToNormalised(trained.mean, trained.std).to(device),
    )
    batches = tqdm(loader, "answer", unit="batch", leave=False, disable=not progress)
    return collect(trained.network.to(device), batches, device)


def worst(
    answers: Predictions, classes: Sequence[str], count: int, *, wrong: bool = True
) -> list[Mistake]:
    """Return the answers with the largest loss, the worst first.

    Args:
        classes: in the order of the logits.
        count: at most so many.
        wrong: only answers that are wrong; else right ones may follow.
    """
    losses = F.cross_entropy(answers.logits, answers.targets, reduction="none")  # [N]
    probabilities = answers.logits.softmax(1)  # [N, C]
    found = []
    for index in losses.argsort(descending=True, stable=True).tolist():
        target, predicted = int(answers.targets[index]), int(answers.classes[index])
        if wrong and target == predicted:
            continue  # among many classes a right answer may have the larger loss
        found.append(
            Mistake(
                index,
                classes[target],
                classes[predicted],
                probabilities[index, predicted].item(),
                losses[index].item(),
            )
        )
        if len(found) == count:
            break
    return found


def class_maps(
    trained: Trained, images: data.ImageFolder, chosen: Sequence[Mistake]
) -> tuple[UInt8[Tensor, "n 3 h w"], Float[Tensor, "n h w"]]:
    """Return the chosen pictures and where the network saw the predicted class.

    The maps are Grad-CAM's at the last block (note 12), enlarged to the pictures
    and scaled to [0, 1] each.
    """
    pictures, _ = data.as_tensors(images, [m.position for m in chosen])
    network = trained.network
    device = next(network.parameters()).device
    normalise = data.ToNormalised(trained.mean, trained.std).to(device)
    predicted = [trained.classes.index(mistake.predicted) for mistake in chosen]
    maps = grad_cam(
        network, network.layer4[-1], normalise(pictures), torch.tensor(predicted)
    )
    return pictures, enlarge(maps, trained.size).cpu()
