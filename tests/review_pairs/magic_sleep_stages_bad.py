from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import nn


@dataclass
class NetConfig:
    channels: int = 2
    width: int = 48
    depth: int = 5
    stages: int = 5
    dropout: float = 0.1
    bn_eps: float = 1e-3
    bn_momentum: float = 0.9  # FAULT note magic


class SepConv(nn.Module):
    def __init__(self, cin, cout, cfg):
        super().__init__()
        self.depthwise = nn.Conv1d(cin, cin, 9, padding=4, groups=cin, bias=False)
        self.pointwise = nn.Conv1d(cin, cout, 1, bias=False)
        self.bn = nn.BatchNorm1d(cout, eps=cfg.bn_eps, momentum=cfg.bn_momentum)

    def forward(self, x):
        return F.silu(self.bn(self.pointwise(self.depthwise(x))))


class SleepNet(nn.Module):
    def __init__(self, cfg: NetConfig):
        super().__init__()
        c = cfg.channels
        layers = []
        for i in range(cfg.depth):
            layers += [SepConv(c, cfg.width * (i + 1), cfg), nn.MaxPool1d(4)]
            c = cfg.width * (i + 1)
        self.features = nn.Sequential(*layers)
        self.drop = nn.Dropout(cfg.dropout)
        self.out = nn.Linear(c, cfg.stages)

    def forward(self, eeg):
        return self.out(self.drop(self.features(eeg).mean(-1)))


def train(loader, epochs=40, device="cuda"):
    net = SleepNet(NetConfig()).to(device)
    opt = torch.optim.AdamW(net.parameters(), lr=1e-3, weight_decay=0.01)
    sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, T_max=epochs)
    for epoch in range(epochs):
        net.train()
        for eeg, stage in loader:
            opt.zero_grad()
            loss = F.cross_entropy(net(eeg.to(device)), stage.to(device))
            loss.backward()
            opt.step()
        sched.step()
        print(f"{epoch:02d} {loss.item():.4f}")
    torch.save(net.state_dict(), "sleepnet.pt")
    return net
