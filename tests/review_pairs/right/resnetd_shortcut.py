import torch
from torch import nn


class BlockD(nn.Module):
    def __init__(self, cin, cout, stride):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(cin, cout, 3, stride, 1, bias=False), nn.BatchNorm2d(cout), nn.ReLU(inplace=True),
            nn.Conv2d(cout, cout, 3, 1, 1, bias=False), nn.BatchNorm2d(cout))
        skip = []
        if stride > 1:
            skip.append(nn.AvgPool2d(stride, stride, ceil_mode=True, count_include_pad=False))
        if cin != cout:
            skip += [nn.Conv2d(cin, cout, 1, bias=False), nn.BatchNorm2d(cout)]
        self.skip = nn.Sequential(*skip)
        nn.init.zeros_(self.body[-1].weight)

    def forward(self, x):
        return torch.relu(self.body(x).add_(self.skip(x)))


class PlainThenRes(nn.Module):
    """first stage is plain VGG style on purpose"""

    def __init__(self, k=10):
        super().__init__()
        self.plain = nn.Sequential(nn.Conv2d(3, 32, 3, padding=1), nn.BatchNorm2d(32), nn.ReLU())
        self.res = nn.Sequential(BlockD(32, 64, 2), BlockD(64, 64, 1), BlockD(64, 128, 2))
        self.fc = nn.Linear(128, k)

    def forward(self, x):
        return self.fc(self.res(self.plain(x)).mean((-2, -1)))
