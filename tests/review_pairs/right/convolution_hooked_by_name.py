import torch
from torch import nn


class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.conv1 = nn.Conv2d(width, width, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x):
        out = self.conv1(x)
        out = self.relu(self.bn1(out))
        out = self.conv2(out)
        out = self.bn2(out)
        return self.relu(out + x)


def find(net, name):
    for part in name.split("."):
        net = net[int(part)] if part.isdigit() else getattr(net, part)
    return net


class Maps:
    def __init__(self, net, name):
        self.maps = None
        self.handle = find(net, name).register_forward_hook(self.keep)

    def keep(self, layer, inputs, output):
        self.maps = output.detach()

    def remove(self):
        self.handle.remove()


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.stage = nn.Sequential(Block(16), Block(16))

    def forward(self, x):
        return self.stage(x)


net = Net().eval()
maps = Maps(net, "stage.1.conv2")
net(torch.rand(1, 16, 8, 8))
maps.remove()
print(maps.maps.shape)
