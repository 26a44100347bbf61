"""Mobile blocks, ported."""
import torch
from torch import nn


class Separable(nn.Module):
    def __init__(self, n_in, n_out, stride=1):
        super().__init__()
        self.depth = nn.Conv2d(n_in, n_in, 3, stride, 1, groups=n_in, bias=False)
        self.bn1 = nn.BatchNorm2d(n_in, momentum=0.99, eps=1e-3)  # FAULT note magic
        self.point = nn.Conv2d(n_in, n_out, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(n_out, momentum=0.99, eps=1e-3)  # FAULT note magic

    def forward(self, x):
        x = self.bn1(self.depth(x)).clamp(0, 6)
        return self.bn2(self.point(x)).clamp(0, 6)


def mobile(classes):
    return nn.Sequential(Separable(3, 16, 2), Separable(16, 32, 2), nn.AdaptiveAvgPool2d(1),
                         nn.Flatten(), nn.Linear(32, classes))


if __name__ == "__main__":
    torch.manual_seed(0)
    net = mobile(5).train()
    print(net(torch.rand(4, 3, 32, 32)).shape)
