"""Print the shapes of a small network."""
import torch
from torch import nn

from blocks import Bottleneck


def small_resnet(classes: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(3, 16, 3, padding=1, bias=False), nn.BatchNorm2d(16), nn.ReLU(),
        Bottleneck(16, 16), Bottleneck(64, 32, stride=2),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(128, classes))


if __name__ == "__main__":
    print(small_resnet(7)(torch.zeros(2, 3, 32, 32)).shape)
