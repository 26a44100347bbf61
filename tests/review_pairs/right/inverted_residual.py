import torch
from torch import nn


class InvertedResidual(nn.Module):
    def __init__(self, inp, oup, stride, expand=4):
        super().__init__()
        hidden = inp * expand
        self.use_res_connect = stride == 1 and inp == oup
        self.conv = nn.Sequential(
            nn.Conv2d(inp, hidden, 1, bias=False), nn.BatchNorm2d(hidden), nn.ReLU6(inplace=True),
            nn.Conv2d(hidden, hidden, 3, stride, 1, groups=hidden, bias=False),
            nn.BatchNorm2d(hidden), nn.ReLU6(inplace=True),
            nn.Conv2d(hidden, oup, 1, bias=False), nn.BatchNorm2d(oup))

    def forward(self, x):
        if self.use_res_connect:
            return x + self.conv(x)
        return self.conv(x)


if __name__ == "__main__":
    net = nn.Sequential(InvertedResidual(8, 8, 1), InvertedResidual(8, 16, 2))
    print(net(torch.randn(2, 8, 16, 16)).shape)
