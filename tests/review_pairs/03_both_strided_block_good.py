"""A residual network for small pictures."""
import torch
import torch.nn as tnn


class ResBlock(tnn.Module):
    def __init__(self, cin: int, cout: int, stride: int = 1):
        super().__init__()
        self.conv_a = tnn.Conv2d(cin, cout, 3, stride=stride, padding=1, bias=False)
        self.norm_a = tnn.BatchNorm2d(cout)
        self.conv_b = tnn.Conv2d(cout, cout, 3, padding=1, bias=False)
        self.norm_b = tnn.BatchNorm2d(cout)
        self.act = tnn.ReLU()
        self.skip = tnn.Identity()
        if stride != 1 or cin != cout:
            self.skip = tnn.Sequential(
                tnn.Conv2d(cin, cout, 1, stride=stride, bias=False), tnn.BatchNorm2d(cout))

    def forward(self, x):
        y = self.act(self.norm_a(self.conv_a(x)))
        y = self.norm_b(self.conv_b(y))
        return self.act(y + self.skip(x))


def make_net(classes: int) -> tnn.Module:
    return tnn.Sequential(
        ResBlock(3, 16), ResBlock(16, 32, 2), ResBlock(32, 64, 2),
        tnn.AdaptiveAvgPool2d(1), tnn.Flatten(), tnn.Linear(64, classes))


if __name__ == "__main__":
    print(make_net(5)(torch.randn(2, 3, 32, 32)).shape)
