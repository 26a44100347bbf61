from dataclasses import dataclass

import torch
import torch.nn as nn


@dataclass
class Stage:
    cin: int
    cout: int
    stride: int


PLAN = [Stage(16, 16, 1), Stage(16, 32, 2), Stage(32, 64, 2)]


class Residual(nn.Module):
    def __init__(self, stage: Stage):
        super().__init__()
        self.net = nn.Sequential(
            nn.Conv2d(stage.cin, stage.cout, 3, stride=stage.stride, padding=1, bias=False),
            nn.BatchNorm2d(stage.cout),
            nn.ReLU(),
            nn.Conv2d(stage.cout, stage.cout, 3, padding=1, bias=False),
            nn.BatchNorm2d(stage.cout),
        )
        self.skip = nn.Identity()
        if stage.stride != 1 or stage.cin != stage.cout:
            self.skip = nn.Conv2d(stage.cin, stage.cout, 1, stride=stage.stride, bias=False)

    def forward(self, x):
        return torch.relu(self.net(x) + self.skip(x))


def build(classes: int) -> nn.Module:
    stem = nn.Sequential(nn.Conv2d(3, 16, 3, padding=1, bias=False), nn.BatchNorm2d(16), nn.ReLU())
    blocks = [Residual(stage) for stage in PLAN]
    return nn.Sequential(stem, *blocks, nn.AdaptiveAvgPool2d(1), nn.Flatten(),
                         nn.Linear(PLAN[-1].cout, classes))


print(build(10)(torch.randn(2, 3, 32, 32)).shape)
