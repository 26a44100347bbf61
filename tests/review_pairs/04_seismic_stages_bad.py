import torch
from torch import nn


class Bottleneck(nn.Module):
  expansion = 4

  def __init__(self, inplanes, planes, stride=1, project=None):
    super().__init__()
    self.reduce = nn.Sequential(
      nn.Conv2d(inplanes, planes, 1, bias=False), nn.BatchNorm2d(planes), nn.ReLU())
    self.spatial = nn.Sequential(
      nn.Conv2d(planes, planes, 3, stride=stride, padding=1, bias=False),
      nn.BatchNorm2d(planes), nn.ReLU())
    self.expand = nn.Sequential(
      nn.Conv2d(planes, planes * self.expansion, 1, bias=False),
      nn.BatchNorm2d(planes * self.expansion))
    self.project = project
    self.act = nn.ReLU()

  def forward(self, x):
    res = x if self.project is None else self.project(x)
    return self.act(self.expand(self.spatial(self.reduce(x))) + res)


class SeismicNet(nn.Module):
  def __init__(self, depths=(2, 2, 2), num_facies=6):
    super().__init__()
    self.inplanes = 32
    self.stem = nn.Sequential(
      nn.Conv2d(1, 32, 5, padding=2, bias=False), nn.BatchNorm2d(32), nn.ReLU())
    self.stage1 = self._stage(32, depths[0], stride=1)
    self.stage2 = self._stage(64, depths[1], stride=2)
    self.stage3 = self._stage(128, depths[2], stride=2)
    self.head = nn.Linear(128 * Bottleneck.expansion, num_facies)

  def _stage(self, planes, depth, stride):
    width = planes * Bottleneck.expansion
    project = None
    if stride != 1 or self.inplanes != width:
      project = nn.Sequential(
        nn.Conv2d(self.inplanes, width, kernel_size=1, stride=1, bias=False),  # FAULT note 04
        nn.BatchNorm2d(width))
    blocks = [Bottleneck(self.inplanes, planes, stride, project)]
    self.inplanes = width
    for _ in range(depth - 1):
      blocks.append(Bottleneck(width, planes))
    return nn.Sequential(*blocks)

  def forward(self, x):
    x = self.stage3(self.stage2(self.stage1(self.stem(x))))
    return self.head(x.mean((2, 3)))


def fit(loader, epochs, device="cuda"):
  net = SeismicNet().to(device)
  opt = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9, weight_decay=1e-4)
  ce = nn.CrossEntropyLoss()
  for _ in range(epochs):
    net.train()
    for x, y in loader:
      opt.zero_grad()
      ce(net(x.to(device)), y.to(device)).backward()
      opt.step()
  return net
