"""The two data sets of a run."""
from dataclasses import dataclass
from pathlib import Path

import torch
from torchvision.datasets import ImageFolder
from torchvision.transforms import v2


@dataclass
class Paths:
    root: Path = Path("data")

    @property
    def train(self) -> Path:
        return self.root / "train"

    @property
    def val(self) -> Path:
        return self.root / "val"


def picture_sets(paths: Paths, size: int = 32) -> tuple[ImageFolder, ImageFolder]:
    transform = v2.Compose([
        v2.Resize((size, size)), v2.PILToTensor(), v2.ToDtype(torch.float32, scale=True)])
    train = ImageFolder(str(paths.train), transform)
    val = ImageFolder(str(paths.val), transform)
    assert val.classes == train.classes, (train.classes, val.classes)
    return train, val
