import torch
from torch import nn


class ConvStem(nn.Module):
    """Down-samples by four before the first stage: two strided convolutions, no shortcut."""

    def __init__(self, cin=4, cout=64):
        super().__init__()
        self.conv1 = nn.Conv2d(cin, cout // 2, 3, stride=2, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(cout // 2)
        self.conv2 = nn.Conv2d(cout // 2, cout, 3, stride=2, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(cout)
        self.act = nn.GELU()

    def forward(self, x):
        x = self.act(self.bn1(self.conv1(x)))
        return self.act(self.bn2(self.conv2(x)))


class Mixer(nn.Module):
    def __init__(self, dim, kernel=7):
        super().__init__()
        self.spatial = nn.Sequential(
            nn.Conv2d(dim, dim, kernel, padding=kernel // 2, groups=dim), nn.GELU(),
            nn.BatchNorm2d(dim))
        self.channel = nn.Sequential(nn.Conv2d(dim, dim, 1), nn.GELU(), nn.BatchNorm2d(dim))

    def forward(self, x):
        x = x + self.spatial(x)
        return self.channel(x)


class MultispectralNet(nn.Module):
    def __init__(self, bands=4, dim=64, depth=6, classes=12):
        super().__init__()
        self.stem = ConvStem(bands, dim)
        self.body = nn.Sequential(*[Mixer(dim) for _ in range(depth)])
        self.head = nn.Linear(dim, classes)

    def forward(self, x):
        return self.head(self.body(self.stem(x)).mean((2, 3)))


if __name__ == "__main__":
    print(MultispectralNet()(torch.randn(2, 4, 128, 128)).shape)
