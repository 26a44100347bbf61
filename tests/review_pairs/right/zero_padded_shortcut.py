import torch
import torch.nn.functional as F
from torch import nn


class PadBlock(nn.Module):
    """The block of the small ResNets for CIFAR; its shortcut has no parameters."""

    def __init__(self, n_in, n_out, stride=1):
        super().__init__()
        self.stride, self.extra = stride, n_out - n_in
        self.conv1 = nn.Conv2d(n_in, n_out, 3, stride=stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(n_out)
        self.conv2 = nn.Conv2d(n_out, n_out, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(n_out)

    def shortcut(self, x):
        x = x[:, :, ::self.stride, ::self.stride]
        return F.pad(x, (0, 0, 0, 0, self.extra // 2, self.extra - self.extra // 2))

    def forward(self, x):
        out = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        identity = self.shortcut(x)
        assert out.shape == identity.shape
        return F.relu(out + identity)


if __name__ == "__main__":
    net = nn.Sequential(PadBlock(16, 16), PadBlock(16, 32, stride=2))
    print(net(torch.randn(2, 16, 8, 8)).shape)
