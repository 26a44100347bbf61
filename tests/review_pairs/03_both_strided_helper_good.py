import torch
from torch import nn


def conv3x3(n_in, n_out, step=1):
    return nn.Conv2d(n_in, n_out, kernel_size=3, stride=step, padding=1, bias=False)


class PreAct(nn.Module):
    """Normalisation and activation before each convolution."""

    def __init__(self, n_in, n_out, step):
        super().__init__()
        self.branch = nn.Sequential(
            nn.BatchNorm2d(n_in), nn.ReLU(),
            conv3x3(n_in, n_out, step),
            nn.BatchNorm2d(n_out), nn.ReLU(),
            conv3x3(n_out, n_out),
        )
        changed = step != 1 or n_in != n_out
        self.project = nn.Conv2d(n_in, n_out, 1, step, bias=False) if changed else nn.Identity()

    def forward(self, maps):
        return self.branch(maps) + self.project(maps)


stem = nn.Conv2d(3, 16, 3, padding=1)
stages = [PreAct(16, 16, 1), PreAct(16, 32, 2), PreAct(32, 64, 2)]
network = nn.Sequential(stem, *stages, nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(),
                        nn.Linear(64, 10))
print(network(torch.randn(4, 3, 32, 32)).size())
