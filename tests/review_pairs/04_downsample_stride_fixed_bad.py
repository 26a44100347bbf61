"""A small ResNet in the manner of torchvision."""
import torch
from torch import Tensor, nn


class Basic(nn.Module):
    def __init__(self, inplanes: int, planes: int, stride: int = 1,
                 downsample: nn.Module | None = None) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(inplanes, planes, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(planes)
        self.conv2 = nn.Conv2d(planes, planes, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(planes)
        self.downsample = downsample

    def forward(self, x: Tensor) -> Tensor:
        identity = x if self.downsample is None else self.downsample(x)
        out = self.bn2(self.conv2(torch.relu(self.bn1(self.conv1(x)))))
        return torch.relu(out + identity)


class MiniResNet(nn.Module):
    def __init__(self, classes: int) -> None:
        super().__init__()
        self.inplanes = 16
        self.stem = nn.Conv2d(3, 16, 3, padding=1)
        self.layer1 = self._make_layer(16, 2, 1)
        self.layer2 = self._make_layer(32, 2, 2)
        self.fc = nn.Linear(32, classes)

    def _make_layer(self, planes: int, blocks: int, stride: int) -> nn.Sequential:
        downsample = None
        if stride != 1 or self.inplanes != planes:
            downsample = nn.Sequential(
                nn.Conv2d(self.inplanes, planes, 1, stride=1, bias=False),  # FAULT note 4
                nn.BatchNorm2d(planes))
        layers = [Basic(self.inplanes, planes, stride, downsample)]
        self.inplanes = planes
        layers += [Basic(planes, planes) for _ in range(1, blocks)]
        return nn.Sequential(*layers)

    def forward(self, x: Tensor) -> Tensor:
        x = self.layer2(self.layer1(self.stem(x)))
        return self.fc(x.mean((2, 3)))


if __name__ == "__main__":
    print(MiniResNet(4)(torch.rand(1, 3, 16, 16)).shape)
