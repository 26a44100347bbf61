import torch.nn as nn
import torch.nn.functional as F


def conv_bn(cin, cout, k, s=1):
    return nn.Sequential(nn.Conv2d(cin, cout, k, stride=s, padding=k // 2, bias=False), nn.BatchNorm2d(cout))


class Bottleneck(nn.Module):
    EXP = 4

    def __init__(self, cin, width, stride):
        super().__init__()
        cout = width * self.EXP
        self.a = conv_bn(cin, width, 1)
        self.b = conv_bn(width, width, 3, stride)
        self.c = conv_bn(width, cout, 1)
        if stride != 1 or cin != cout:
            self.proj = conv_bn(cin, cout, 1, stride)
        else:
            self.proj = None

    def forward(self, x):
        y = F.relu(self.a(x))
        y = F.relu(self.b(y))
        y = self.c(y)
        r = x if self.proj is None else self.proj(x)
        return F.relu(y + r)


def stage(cin, width, depth, stride):
    mods = [Bottleneck(cin, width, stride)]
    mods += [Bottleneck(width * 4, width, 1) for _ in range(depth - 1)]
    return nn.Sequential(*mods)


def resnet50_small(num_classes=200):
    return nn.Sequential(
        conv_bn(3, 64, 3), nn.ReLU(),
        stage(64, 64, 3, 1), stage(256, 128, 4, 2), stage(512, 256, 6, 2), stage(1024, 512, 3, 2),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(2048, num_classes))
