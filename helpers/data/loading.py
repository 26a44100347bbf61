"""From a folder of images to batches: the folder, its splits, its loader.

How a single image is read and transformed stands in :mod:`helpers.data.images`, how a
folder is checked in :mod:`helpers.data.audit`.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import count
from math import ceil
from pathlib import Path
from typing import Any, NamedTuple

import torch
import torchvision
from jaxtyping import Float
from torch import Tensor
from torch.utils.data import DataLoader, Dataset
from torchvision.transforms import v2

from helpers import magic
from helpers.data import folders
from helpers.data.images import (
    Channels,
    ResizeShortSide,
    ToNormalised,
    read_image,
)
from helpers.data.sampling import Seeded, Share, Shuffled
from helpers.distributed import ALONE, World
from helpers.errors import UserError
from helpers.text import few


class ImageFolder(torchvision.datasets.ImageFolder):
    """A folder with one folder of images per class, read by :func:`read_image`.

    Classes, their order and the order of the images are those of
    ``torchvision.datasets.ImageFolder``: sorted folder names.

    Args:
        root: the folder that holds the class folders.
        transform: maps a ``uint8`` tensor ``[3, H, W]`` to what the network takes.

    Raises:
        UserError: if the folder is missing, is a file, holds no images, holds a
            hidden folder (which would count as a class) or only one class; if a
            folder in it cannot be read, or a link leads nowhere or in a circle.
    """

    def __init__(
        self, root: str | Path, transform: Callable[[Tensor], Tensor] | None = None
    ) -> None:
        try:
            super().__init__(str(root), transform=transform, loader=read_image)
        except NotADirectoryError as error:
            raise UserError(f"{root} is a file: name the folder it lies in.") from error
        except FileNotFoundError as error:
            if not Path(root).exists():
                message = f"There is no folder {root}: check the spelling."
            elif "Found no valid file" in str(error):
                message = f"{str(error).split('. ')[0]} in {root}: fill or remove them."
            else:
                message = (
                    f"{root} holds no class folders: put the images of each class "
                    "into a folder of that name"
                )
                if folders.split_of(Path(root).name):
                    message += ", or rename it if it is itself a class"
                message += "."
            raise UserError(message) from error
        folders.check_folder(Path(root))
        if len(self.classes) == 1:
            raise UserError(
                f"{root} holds one class only ({self.classes[0]}): a classifier "
                "needs at least two class folders."
            )

    def find_classes(self, directory: str | Path) -> tuple[list[str], dict[str, int]]:
        """Return the class folders and their numbers, as torchvision does.

        Raises:
            UserError: if one of them is hidden or holds the files of a run.
        """
        classes, class_to_idx = super().find_classes(str(directory))
        hidden = [name for name in classes if folders.is_hidden(name)]
        if hidden:
            raise UserError(
                f"The hidden folder {hidden[0]} in {directory} would count as a class "
                "and shift every label: delete it, or rename it if it is a class."
            )
        for name in classes:
            if folders.holds_run(Path(directory, name)):
                raise UserError(
                    f"{directory} holds the files of a training run in {name}, which "
                    f"would count as a class: move {name} out of the image folder."
                )
        return classes, class_to_idx

    def subset(self, indices: list[int]) -> "ImageFolder":
        """Keep only the images at ``indices``, in that order; return ``self``."""
        chosen = [self.samples[i] for i in indices]  # type: ignore[has-type]
        self.samples = self.imgs = chosen
        self.targets = [target for _, target in chosen]
        return self


def as_tensors(
    dataset: ImageFolder, indices: Iterable[int] | None = None
) -> tuple[Tensor, Tensor]:
    """Read images of one size into memory: ``[N, 3, H, W]`` and targets ``[N]``.

    Args:
        indices: which images, in this order; ``None`` for all.

    Raises:
        RuntimeError: if the images, transformed, are of different sizes.
    """
    chosen = list(range(len(dataset)) if indices is None else indices)
    images = torch.stack([dataset[index][0] for index in chosen])
    return images, torch.tensor(dataset.targets)[chosen]


class Splits(NamedTuple):
    """The two halves of a data set; each has a transform of its own."""

    train: ImageFolder
    val: ImageFolder


def open_splits(
    root: str | Path, *, share: float = magic.SPLIT_SHARE, seed: int = 0
) -> Splits:
    """Open a folder of images as a training and a validation split.

    Split folders such as ``root/train`` and ``root/val`` are used where they exist
    (:func:`helpers.data.folders.find_splits`). Otherwise the class folders lie in
    ``root`` itself, and ``share`` of each class is held out, drawn with ``seed``.
    The two halves are two data sets, so a random transform on one never reaches
    the other (``random_split`` shares it).

    Raises:
        UserError: if the folder is unusable, the two splits have different
            classes, or a class has too few images to split.
    """
    root, found = folders.open_root(root)
    train, val = (folders.choose_split(found, part) for part in ("train", "val"))
    if train and val:
        splits = Splits(ImageFolder(root / train), ImageFolder(root / val))
        one, other = set(splits.train.classes), set(splits.val.classes)
        if one != other:
            raise UserError(
                f"{root / train} and {root / val} hold different classes "
                f"({few(sorted(one ^ other))} in one only): labels would not "
                "match."
            )
        return splits
    if found:
        there, missing = (train, "val") if train else (found[0], "train")
        raise UserError(
            f"{root / str(there)} has no {missing} folder beside it: add one."
        )
    splits = Splits(ImageFolder(root), ImageFolder(root))
    _require_enough(root, splits.train, share)
    from sklearn.model_selection import train_test_split

    kept, held_out = train_test_split(
        range(len(splits.train)),
        test_size=share,
        stratify=splits.train.targets,
        random_state=seed,
    )
    return Splits(
        splits.train.subset(sorted(kept)), splits.val.subset(sorted(held_out))
    )


def _require_enough(root: Path, images: ImageFolder, share: float) -> None:
    """Raise a UserError unless ``share`` of the images can hold every class."""
    counts = Counter(images.targets)
    single = [images.classes[k] for k, n in sorted(counts.items()) if n < 2]
    held_out = ceil(share * len(images))  # as scikit-learn rounds
    least, classes = min(held_out, len(images) - held_out), len(counts)
    begin = f"{root} has too few images to hold out {share:.0%} of each class"
    if single:
        raise UserError(
            f"{begin}: there is only one of {few(single, images.classes)}, and "
            "every class needs at least two, better dozens."
        )
    if least < classes:
        half = "held out" if least == held_out else "left to train on"
        needed = next(
            n
            for n in count(len(images))
            if min(ceil(share * n), n - ceil(share * n)) >= classes
        )
        raise UserError(
            f"{begin}: {least} of the {len(images)} images would be {half}, which "
            f"cannot cover {classes} classes. Add images until there are {needed:,} or "
            "more, or sort them into train and val folders yourself."
        )


class Loader(DataLoader):
    """A data loader that normalises whole batches in the process that asks.

    Batches cross from the workers, and to a GPU, as bytes: a quarter of what
    floats take.

    Args:
        normalise: applied to the images ``[N, 3, H, W]``, on its own device;
            ``None`` leaves them.
        *args, **kwargs: those of ``torch.utils.data.DataLoader``.
    """

    def __init__(
        self, *args: Any, normalise: ToNormalised | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.normalise = normalise

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:  # type: ignore[override]
        """Yield images and targets."""
        for images, targets in super().__iter__():
            yield self.normalise(images) if self.normalise else images, targets


def make_loader(
    dataset: Dataset,
    batch_size: int = magic.BATCH_SIZE,
    *,
    train: bool,
    workers: int = 0,
    seed: int = 0,
    pin_memory: bool = False,
    normalise: ToNormalised | None = None,
    world: World = ALONE,
) -> Loader:
    """Return batches of images ``[N, 3, H, W]`` and targets ``[N]`` (int64).

    For training the order is drawn anew each epoch, and each image's crop with
    it, from ``seed`` and the epoch's number; a short last batch is left out
    (BatchNorm on a handful of images is noise) unless it is the only one. For
    evaluation every image comes once, in order.

    Args:
        batch_size: images per step, all processes together.
        workers: processes that read ahead; 0 reads in this one. Measure it
            (note 2). The batches are the same whatever the number.
        pin_memory: page-locked batches; pays only on a GPU, together with
            ``.to(device, non_blocking=True)``.
        normalise: for a data set whose transform leaves the images ``uint8``.
        world: the processes that share the batches, see :mod:`helpers.distributed`.

    Raises:
        UserError: if the batch cannot be split evenly among the processes, or there
            are fewer images than processes.
    """
    batch_size = world.share_of(batch_size)
    length = len(dataset)  # type: ignore[arg-type]
    if length < world.size:
        raise UserError(
            f"There are fewer images ({length}) than processes ({world.size}): start "
            "fewer processes."
        )
    sampler: Shuffled | Share = Share(length, world)
    if train:
        dataset, sampler = Seeded(dataset), Shuffled(length, seed, world)
    return Loader(
        dataset,
        batch_size,
        sampler=sampler,
        drop_last=train and len(sampler) >= batch_size,
        num_workers=workers,
        persistent_workers=workers > 0,
        pin_memory=pin_memory,
        # The loader draws from it; else it would draw from the global generator.
        generator=torch.Generator().manual_seed(seed),
        normalise=normalise,
    )


class Statistics(NamedTuple):
    """Mean and standard deviation per RGB channel, for pixels in [0, 1]."""

    mean: Channels
    std: Channels


def channel_statistics(
    dataset: torchvision.datasets.ImageFolder, *, size: int, limit: int = 1000
) -> Statistics:
    """Return mean and standard deviation over all pixels of a training split.

    Unlike ImageNet's famous numbers this is the pooled standard deviation, so
    the normalised pixels really have standard deviation 1.

    Args:
        dataset: images of any size; each is resized and cropped to ``size``.
        limit: at most so many images, evenly spaced over the data set: the
            error of the mean falls with the square root of this number.
    """
    crop = v2.Compose([ResizeShortSide(size), v2.CenterCrop(size)])
    step = max(1, -(-len(dataset) // limit))
    total = torch.zeros(3, dtype=torch.float64)
    squares = torch.zeros(3, dtype=torch.float64)
    chosen = range(0, len(dataset), step)
    for index in chosen:
        image: Float[Tensor, "3 size size"] = (
            crop(read_image(dataset.samples[index][0])).to(torch.float64) / 255
        )  # the largest uint8
        total += image.mean((1, 2))
        squares += image.square().mean((1, 2))
    mean = total / len(chosen)
    std = (squares / len(chosen) - mean.square()).clamp_min(0).sqrt()
    as_channels = lambda x: tuple(round(v, 4) for v in x.tolist())  # noqa: E731
    return Statistics(as_channels(mean), as_channels(std))
