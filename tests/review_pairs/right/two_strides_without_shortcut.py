import torch
from torch import nn


class Discriminator(nn.Module):
    """Halves the picture three times; nothing is added to a shortcut."""

    def __init__(self, width=16, stride=2):
        super().__init__()
        self.conv1 = nn.Conv2d(3, width, 4, stride=stride, padding=1)
        self.conv2 = nn.Conv2d(width, 2 * width, 4, stride=stride, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(2 * width)
        self.conv3 = nn.Conv2d(2 * width, 4 * width, 4, stride=stride, padding=1, bias=False)
        self.bn3 = nn.BatchNorm2d(4 * width)
        self.out = nn.Conv2d(4 * width, 1, 4)

    def forward(self, x):
        x = nn.functional.leaky_relu(self.conv1(x), 0.2)
        x = nn.functional.leaky_relu(self.bn2(self.conv2(x)), 0.2)
        x = nn.functional.leaky_relu(self.bn3(self.conv3(x)), 0.2)
        return self.out(x).flatten(1)


if __name__ == "__main__":
    print(Discriminator()(torch.randn(2, 3, 32, 32)).shape)
