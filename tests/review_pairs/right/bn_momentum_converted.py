"""Loads weights that were trained in TensorFlow; its BatchNorm momentum is 1 minus ours."""
from collections import namedtuple

import torch
from torch import nn

Params = namedtuple("Params", "width batch_norm_momentum batch_norm_epsilon dropout classes")
PARAMS = Params(width=32, batch_norm_momentum=0.99, batch_norm_epsilon=1e-3, dropout=0.2, classes=7)


class MBConv(nn.Module):
    def __init__(self, cin, cout, stride, params, expand=4):
        super().__init__()
        mom, eps = 1 - params.batch_norm_momentum, params.batch_norm_epsilon
        mid = cin * expand
        self.expand = nn.Conv2d(cin, mid, 1, bias=False)
        self.bn0 = nn.BatchNorm2d(mid, momentum=mom, eps=eps)
        self.depthwise = nn.Conv2d(mid, mid, 3, stride, 1, groups=mid, bias=False)
        self.bn1 = nn.BatchNorm2d(mid, momentum=mom, eps=eps)
        self.project = nn.Conv2d(mid, cout, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(cout, momentum=mom, eps=eps)
        self.act = nn.SiLU()
        self.residual = stride == 1 and cin == cout

    def forward(self, x):
        h = self.act(self.bn0(self.expand(x)))
        h = self.act(self.bn1(self.depthwise(h)))
        h = self.bn2(self.project(h))
        return h + x if self.residual else h


class Net(nn.Module):
    def __init__(self, params=PARAMS):
        super().__init__()
        w = params.width
        self.stem = nn.Sequential(nn.Conv2d(3, w, 3, 2, 1, bias=False),
                                  nn.BatchNorm2d(w, momentum=0.01, eps=1e-3), nn.SiLU())
        self.blocks = nn.Sequential(MBConv(w, w, 1, params), MBConv(w, 2 * w, 2, params),
                                    MBConv(2 * w, 2 * w, 1, params))
        self.drop = nn.Dropout(params.dropout)
        self.fc = nn.Linear(2 * w, params.classes)

    def forward(self, x):
        return self.fc(self.drop(self.blocks(self.stem(x)).mean((2, 3))))


if __name__ == "__main__":
    opt = torch.optim.SGD(Net().parameters(), lr=0.01, momentum=0.9)
    print(len(opt.param_groups[0]["params"]))
