"""From a folder of images to batches: reading, transforms, splits, loaders.

An image is a ``uint8`` tensor ``[3, H, W]`` when it is read, and a normalised
``float32`` tensor ``[3, size, size]`` when the transform is done with it.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import torch
import torchvision
from jaxtyping import Float, UInt8
from PIL import Image, ImageOps
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset
from torchvision.transforms import v2
from torchvision.transforms.v2 import functional as tv

from helpers import magic
from helpers.audit import audit
from helpers.errors import UserError

try:
    from torchcodec.decoders import decode_image
except (ImportError, RuntimeError, OSError):  # not installed, or for another torch
    decode_image = None  # type: ignore[assignment]

__all__ = [
    "ImageFolder",
    "Splits",
    "ToNormalised",
    "audit",
    "channel_statistics",
    "eval_transform",
    "make_loader",
    "open_splits",
    "read_image",
    "train_transform",
]

Channels = tuple[float, float, float]
TRAIN_NAMES = ("train", "training")
VAL_NAMES = ("val", "valid", "validation", "test")


def read_image(path: str | os.PathLike) -> UInt8[Tensor, "3 h w"]:
    """Read an image file as RGB, turned upright by its EXIF tag.

    TorchCodec decodes JPEG, PNG, WebP, GIF, AVIF and HEIC straight into a tensor
    (torchvision's own decoders are deprecated since 0.29). Pillow reads all else,
    and everything where TorchCodec is not installed. 16-bit images are scaled to
    8 bits, where Pillow's ``convert`` would clip them to white
    (pytorch/vision#2218). Of an animation, the first picture is taken.

    Raises:
        UserError: if the file cannot be read as an image.
    """
    if decode_image is not None:
        try:
            image = decode_image(os.fspath(path))  # [3, H, W], or [frames, 3, H, W]
            return image if image.ndim == 3 else image[0]
        except (RuntimeError, ValueError, OSError):
            pass  # another format, or broken: Pillow finds out and says which
    return _read_with_pillow(path)


def _read_with_pillow(path: str | os.PathLike) -> UInt8[Tensor, "3 h w"]:
    """Read any image that Pillow knows, with the same result as TorchCodec."""
    try:
        with Image.open(path) as file:
            image = ImageOps.exif_transpose(file)
            if image.mode.startswith("I"):  # 16 bits a pixel: 65,535 / 257 = 255
                image = image.point(lambda value: value / 257).convert("L")
            return tv.pil_to_tensor(image.convert("RGB"))
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        reason = str(error).replace(os.fspath(path), "the file")
        raise UserError(
            f"{os.fspath(path)} cannot be read as an image ({reason}): repair or "
            "remove it; `python -m helpers audit` finds all such files."
        ) from error


class ImageFolder(torchvision.datasets.ImageFolder):
    """A folder with one folder of images per class, read by :func:`read_image`.

    Classes, their order and the order of the images are those of
    ``torchvision.datasets.ImageFolder``: sorted folder names.

    Args:
        root: the folder that holds the class folders.
        transform: maps a ``uint8`` tensor ``[3, H, W]`` to what the network takes.

    Raises:
        UserError: if the folder is missing, is a file, holds no images, holds a
            hidden folder (which would count as a class) or only one class.
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
                    "into a folder of that name."
                )
            raise UserError(message) from error
        hidden = [name for name in self.classes if name.startswith(".")]
        if hidden:
            raise UserError(
                f"The hidden folder {hidden[0]} in {root} would count as a class "
                "and shift every label: delete it."
            )
        if len(self.classes) == 1:
            raise UserError(
                f"{root} holds one class only ({self.classes[0]}): a classifier "
                "needs at least two class folders."
            )

    def subset(self, indices: list[int]) -> "ImageFolder":
        """Keep only the images at ``indices``, in that order; return ``self``."""
        chosen = [self.samples[i] for i in indices]  # type: ignore[has-type]
        self.samples = self.imgs = chosen
        self.targets = [target for _, target in chosen]
        return self


class ToNormalised(nn.Module):
    """Scale to [0, 1] and normalise: ``uint8 [3, H, W] -> float32 [3, H, W]``.

    The same as ``v2.ToDtype(torch.float32, scale=True)`` and then
    ``v2.Normalize(mean, std)``, in a third of the time: (x / 255 - mean) / std is
    one product and one difference.

    Args:
        mean, std: per channel, for pixels scaled to [0, 1].
    """

    def __init__(self, mean: Channels, std: Channels) -> None:
        super().__init__()
        self.factor = (1 / (255 * torch.tensor(std))).view(3, 1, 1)  # [3] -> [3, 1, 1]
        self.shift = (torch.tensor(mean) / torch.tensor(std)).view(3, 1, 1)

    def forward(self, image: UInt8[Tensor, "3 h w"]) -> Float[Tensor, "3 h w"]:
        """Return the normalised image."""
        return image.to(torch.float32).mul_(self.factor).sub_(self.shift)


def train_transform(
    size: int,
    mean: Channels = magic.IMAGENET_MEAN,
    std: Channels = magic.IMAGENET_STD,
    area: tuple[float, float] = magic.GENTLE_CROP_AREA,
) -> v2.Transform:
    """Random crop and flip: ``uint8 [3, H, W] -> float32 [3, size, size]``.

    Args:
        size: side of the result in pixels.
        mean, std: per channel, for pixels scaled to [0, 1].
        area: least and largest share of the image that a crop keeps.
    """
    return v2.Compose(
        [
            v2.RandomResizedCrop(size, area, magic.CROP_RATIO, antialias=True),
            v2.RandomHorizontalFlip(),
            ToNormalised(mean, std),
        ]
    )


def eval_transform(
    size: int,
    mean: Channels = magic.IMAGENET_MEAN,
    std: Channels = magic.IMAGENET_STD,
) -> v2.Transform:
    """Resize and central crop, nothing random: ``[3, H, W] -> [3, size, size]``.

    Args:
        size: side of the result in pixels.
        mean, std: the same as in training.
    """
    return v2.Compose(
        [
            v2.Resize(round(size * magic.EVAL_RESIZE), antialias=True),
            v2.CenterCrop(size),
            ToNormalised(mean, std),
        ]
    )


class Splits(NamedTuple):
    """The two halves of a data set; each has a transform of its own."""

    train: ImageFolder
    val: ImageFolder


def open_splits(
    root: str | Path, *, share: float = magic.SPLIT_SHARE, seed: int = 0
) -> Splits:
    """Open a folder of images as a training and a validation split.

    ``root/train`` and ``root/val`` are used where they exist. Otherwise the
    class folders lie in ``root`` itself, and ``share`` of each class is held
    out, drawn with ``seed``. The two halves are two data sets, so a random
    transform on one never reaches the other (``random_split`` shares it).

    Raises:
        UserError: if the folder is unusable, the two splits have different
            classes, or a class has too few images to split.
    """
    root = Path(root)
    train = next((root / n for n in TRAIN_NAMES if (root / n).is_dir()), None)
    val = next((root / n for n in VAL_NAMES if (root / n).is_dir()), None)
    if train and val:
        splits = Splits(ImageFolder(train), ImageFolder(val))
        missing = sorted(set(splits.train.classes) ^ set(splits.val.classes))
        if missing:
            raise UserError(
                f"{train} and {val} hold different classes ({', '.join(missing)} in "
                "one only): labels would not match."
            )
        return splits
    if train or val:
        there, other = (train, "val") if train else (val, "train")
        raise UserError(f"{there} has no {other} folder beside it: add one.")
    splits = Splits(ImageFolder(root), ImageFolder(root))
    from sklearn.model_selection import train_test_split

    try:
        kept, held_out = train_test_split(
            range(len(splits.train)),
            test_size=share,
            stratify=splits.train.targets,
            random_state=seed,
        )
    except ValueError as error:
        raise UserError(
            f"{root} has too few images to hold out {share:.0%} of each class: "
            "every class needs at least two images, better dozens."
        ) from error
    return Splits(
        splits.train.subset(sorted(kept)), splits.val.subset(sorted(held_out))
    )


def make_loader(
    dataset: Dataset,
    batch_size: int = magic.BATCH_SIZE,
    *,
    train: bool,
    workers: int = 0,
    seed: int = 0,
    pin_memory: bool = False,
) -> DataLoader:
    """Return batches of images ``[N, 3, H, W]`` and targets ``[N]`` (int64).

    For training the order is drawn anew each epoch from ``seed``, and a short
    last batch is left out (BatchNorm on a handful of images is noise) unless
    it is the only one. For evaluation every image comes once, in order.

    Args:
        workers: processes that read ahead; 0 reads in this one. Measure it
            (note 2).
        pin_memory: page-locked batches; pays only on a GPU, together with
            ``.to(device, non_blocking=True)``.
    """
    return DataLoader(
        dataset,
        batch_size,
        shuffle=train,
        drop_last=train and len(dataset) >= batch_size,  # type: ignore[arg-type]
        num_workers=workers,
        persistent_workers=workers > 0,
        pin_memory=pin_memory,
        generator=torch.Generator().manual_seed(seed),
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
    crop = v2.Compose([v2.Resize(size, antialias=True), v2.CenterCrop(size)])
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
