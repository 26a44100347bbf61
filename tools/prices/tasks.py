"""The data and the networks of the runs: small enough for a CPU, and two of them real.

``solids``    rendered objects of six classes, a small network from scratch
``cells``     photographs of solar cells, defective or not, the same network
``tuned``     the same photographs, the last blocks of a network with ImageNet weights
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import torch
from torch import Tensor, nn
from torchvision.transforms import v2

from helpers import magic
from helpers.data import elpv, solids
from helpers.data.images import ResizeShortSide, ToNormalised
from helpers.data.loading import ImageFolder, as_tensors
from helpers.model.imagenet import efficientnet_lite0
from helpers.model.resnet import ResNet

SIDE, WIDTH = 48, 16  # pixels; channels of the network's first stage
TUNED_SIDE = 112  # pixels: half of what the weights were made for
FROZEN = 11  # blocks of EfficientNet-Lite0's sixteen that stay as they are
SMALL = 24  # images of each split in a rehearsal
BATCH = 50  # images

Channels = tuple[float, float, float]
PIXELS = ((0.0, 0.0, 0.0), (1.0, 1.0, 1.0))  # mean and std that leave [0, 1]
IMAGENET = (magic.IMAGENET_MEAN, magic.IMAGENET_STD)
Stats = tuple[Channels, Channels]


@dataclass(frozen=True)
class Split:
    """Images ``uint8 [N, 3, H, W]`` and targets ``[N]``, sorted by class."""

    images: Tensor
    targets: Tensor


@dataclass(frozen=True)
class Task:
    """What a run learns, and with what.

    Attributes:
        key: in the names of files.
        title: on the page.
        classes: their number.
        train, val: the images.
        make_network: returns a new network; draws from PyTorch's global generator.
        stats: mean and standard deviation that the inputs are normalised with.
        epochs: passes over the training images.
        lr: highest learning rate of AdamW.
        crops: whether training images are cropped at random; all are flipped.
        front: frozen first part of the network, or none.
    """

    key: str
    title: str
    classes: int
    train: Split
    val: Split
    make_network: Callable[[], nn.Module]
    stats: Stats
    epochs: int
    lr: float
    crops: bool = False
    front: nn.Module | None = None

    def __hash__(self) -> int:
        return hash(self.key)

    def inputs(
        self, split: Split, chosen: Tensor, stats: Stats, draw: bool = False
    ) -> Tensor:
        """Return what the network takes for some images of a split.

        Args:
            chosen: positions in the split, ``[B]``.
            draw: flip and, if the task has it, crop at random, as in training.
        """
        if self.front is not None:
            both = self.features(split, stats)  # [2, N, C, h, w]
            flips = torch.randint(2, chosen.shape) if draw else torch.zeros_like(chosen)
            return both[flips, chosen]
        images = split.images[chosen]
        if draw:
            images = torch.stack([self.drawn(image) for image in images])
        return ToNormalised(*stats)(images)

    def drawn(self, image: Tensor) -> Tensor:
        """Return an image as training sees it: flipped, and perhaps cropped."""
        side = image.shape[-1]
        if self.crops:
            area, ratio = magic.GENTLE_CROP_AREA, magic.CROP_RATIO
            image = v2.RandomResizedCrop(side, area, ratio, antialias=True)(image)
        return v2.RandomHorizontalFlip()(image)

    @cache  # noqa: B019, a task lives as long as the program
    def features(self, split: Split, stats: Stats) -> Tensor:
        """Return what the frozen part makes of a split and of its mirror images."""
        front, normalise = self.front, ToNormalised(*stats)
        assert front is not None
        with torch.inference_mode():
            parts = [
                torch.cat([front(normalise(part)) for part in images.split(BATCH)])
                for images in (split.images, split.images.flip(-1))
            ]
        return torch.stack(parts).clone()  # [2, N, C, h, w]


def own_statistics(images: Tensor) -> Stats:
    """Return mean and standard deviation of images ``[N, 3, H, W]``, pooled."""
    scaled = images.float() / 255
    std, mean = torch.std_mean(scaled, (0, 2, 3), correction=0)  # [3], [3]
    as_channels = lambda x: tuple(round(v, 4) for v in x.tolist())  # noqa: E731
    return as_channels(mean), as_channels(std)


def read_split(root: str, side: int, small: bool) -> Split:
    """Read a folder of images at one size; of a rehearsal a few of each class."""
    folder = ImageFolder(root, v2.Compose([ResizeShortSide(side), v2.CenterCrop(side)]))
    every = len(folder) // SMALL if small else 1
    return Split(*as_tensors(folder, range(0, len(folder), every)))


def from_scratch(classes: int) -> Callable[[], nn.Module]:
    """Return what makes the book's network, narrow."""
    return lambda: ResNet(classes, WIDTH)


@cache
def solids_task(small: bool = False) -> Task:
    """Return the rendered objects of six classes."""
    root = solids.solids_root()
    train, val = (read_split(f"{root}/{x}", SIDE, small) for x in ("train", "val"))
    stats = own_statistics(train.images)
    return Task(
        "solids", "Solids, from scratch", 6, train, val, from_scratch(6), stats,
        epochs=2 if small else 8, lr=magic.MAX_LR, crops=True,
    )  # fmt: skip


@cache
def cells_task(small: bool = False) -> Task:
    """Return the photographs of solar cells, for a network from scratch."""
    root = elpv.elpv_root()
    train, val = (read_split(f"{root}/{x}", SIDE, small) for x in ("train", "val"))
    stats = own_statistics(train.images)
    return Task(
        "cells", "Solar cells, from scratch", 2, train, val, from_scratch(2), stats,
        epochs=2 if small else 8, lr=magic.MAX_LR,
    )  # fmt: skip


class Back(nn.Module):
    """The last blocks of EfficientNet-Lite0 and a new head: ``[N, C, h, w] -> [N, K]``.

    Args:
        network: of the package, whose first blocks made the features.
        classes: length of the logits.
    """

    def __init__(self, network: Any, classes: int) -> None:
        super().__init__()
        self.blocks = nn.ModuleList(list(network._blocks)[FROZEN:])
        self.conv, self.bn = network._conv_head, network._bn1
        self.activation = network._swish
        self.fc = nn.Linear(network._fc.in_features, classes)

    def forward(self, x: Tensor) -> Tensor:
        """Return logits."""
        for block in self.blocks:
            x = block(x)  # [N, C, h, w] -> [N, C', h', w']
        x = self.activation(self.bn(self.conv(x)))  # -> [N, 1280, h', w']
        return self.fc(x.mean((2, 3)))  # -> [N, 1280] -> [N, K]


class Front(nn.Module):
    """The first blocks of EfficientNet-Lite0: ``[N, 3, H, W] -> [N, C, h, w]``."""

    def __init__(self, network: Any) -> None:
        super().__init__()
        self.stem, self.bn = network._conv_stem, network._bn0
        self.activation = network._swish
        self.blocks = nn.ModuleList(list(network._blocks)[:FROZEN])

    def forward(self, x: Tensor) -> Tensor:
        """Return the features."""
        x = self.activation(self.bn(self.stem(x)))
        for block in self.blocks:
            x = block(x)
        return x


def lite0() -> Any:
    """Return EfficientNet-Lite0 as its package builds it, with ImageNet weights."""
    return efficientnet_lite0().features.network


@cache
def tuned_task(small: bool = False) -> Task:
    """Return the photographs of solar cells, for a network with ImageNet weights."""
    root = elpv.elpv_root()
    train, val = (
        read_split(f"{root}/{x}", TUNED_SIDE, small) for x in ("train", "val")
    )
    return Task(
        "tuned", "Solar cells, fine-tuned", 2, train, val,
        lambda: Back(lite0(), 2), IMAGENET,
        epochs=2 if small else 3, lr=5e-4, front=Front(lite0()).eval(),
    )  # fmt: skip
