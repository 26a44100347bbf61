import torch
from torch import nn as layers


class Skip(layers.Module):
    """conv - norm - relu - conv - norm, and a way around them."""

    def __init__(self, width: int, out: int, stride: int = 1) -> None:
        super().__init__()
        self.body = layers.Sequential(
            layers.Conv2d(width, out, 3, stride, 1, bias=False), layers.BatchNorm2d(out),
            layers.ReLU(),
            layers.Conv2d(out, out, 3, 1, 1, bias=False), layers.BatchNorm2d(out))
        self.downsample = None
        if stride != 1 or width != out:
            self.downsample = layers.Conv2d(width, out, 1, stride, bias=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        way = self.downsample(x) if self.downsample is not None else x
        return layers.functional.relu(self.body(x) + way)


class Encoder(layers.Module):
    def __init__(self, classes: int = 6) -> None:
        super().__init__()
        self.blocks = layers.ModuleList([Skip(3, 8, 2), Skip(8, 8), Skip(8, 16, 2)])
        self.head = layers.Linear(16, classes)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for block in self.blocks:
            x = block(x)
        return self.head(x.mean(dim=(2, 3)))


if __name__ == "__main__":
    print(Encoder()(torch.rand(2, 3, 32, 32)).shape)
