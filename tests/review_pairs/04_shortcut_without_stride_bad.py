"""A wide residual block with dropout."""
import torch
from torch import nn


class WideBlock(nn.Module):
    def __init__(self, in_planes: int, planes: int, dropout: float = 0.3, stride: int = 1):
        super().__init__()
        self.bn1 = nn.BatchNorm2d(in_planes)
        self.conv1 = nn.Conv2d(in_planes, planes, kernel_size=3, padding=1, bias=False)
        self.dropout = nn.Dropout(p=dropout)
        self.bn2 = nn.BatchNorm2d(planes)
        self.conv2 = nn.Conv2d(planes, planes, kernel_size=3, stride=stride, padding=1)
        self.shortcut = nn.Identity()
        if stride != 1 or in_planes != planes:
            self.shortcut = nn.Conv2d(in_planes, planes, kernel_size=1, bias=False)  # FAULT note 4

    def forward(self, x):
        out = self.dropout(self.conv1(torch.relu(self.bn1(x))))
        out = self.conv2(torch.relu(self.bn2(out)))
        return out + self.shortcut(x)


if __name__ == "__main__":
    block = WideBlock(16, 32, stride=2)
    print(block(torch.randn(2, 16, 16, 16)).shape)
