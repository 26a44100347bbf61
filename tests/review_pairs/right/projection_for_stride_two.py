import torch
from torch import nn


class Residual(nn.Module):
    def __init__(self, c_in, c_out, projection=None, stride=1):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(c_in, c_out, 3, stride=stride, padding=1, bias=False), nn.BatchNorm2d(c_out), nn.ReLU(),
            nn.Conv2d(c_out, c_out, 3, padding=1, bias=False), nn.BatchNorm2d(c_out))
        self.projection = projection

    def forward(self, x):
        skip = x
        if self.projection is not None:
            skip = self.projection(x)
        return torch.relu(self.body(x) + skip)


class Stage(nn.Module):
    def __init__(self, c_in, c_out, stride=1):
        super().__init__()
        projection = None
        if stride != 1:
            projection = nn.Sequential(nn.Conv2d(c_in, c_out, 1, stride=2, bias=False), nn.BatchNorm2d(c_out))
        self.first = Residual(c_in, c_out, projection, stride=stride)
        self.second = Residual(c_out, c_out)

    def forward(self, x):
        return self.second(self.first(x))


net = nn.Sequential(nn.Conv2d(3, 32, 3, padding=1), Stage(32, 32), Stage(32, 64, stride=2), Stage(64, 128, stride=2))
