from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch.optim.lr_scheduler import CosineAnnealingLR, LinearLR, SequentialLR


@dataclass
class Schedule:
    epochs: int = 50
    warmup_epochs: int = 3
    lr: float = 1e-3


class PointCloudTrainer:
    def __init__(self, net, loader, cfg=Schedule(), device="cuda"):
        self.net, self.loader, self.cfg, self.device = net.to(device), loader, cfg, device
        self.opt = torch.optim.AdamW(net.parameters(), lr=cfg.lr, weight_decay=0.05)
        per_epoch = len(loader)
        warm = cfg.warmup_epochs * per_epoch
        total = cfg.epochs * per_epoch
        self.sched = SequentialLR(
            self.opt,
            [LinearLR(self.opt, start_factor=0.01, total_iters=warm),
             CosineAnnealingLR(self.opt, T_max=total - warm)],
            milestones=[warm])

    def step(self, points, label):
        self.opt.zero_grad(set_to_none=True)
        loss = F.cross_entropy(self.net(points), label)
        loss.backward()
        self.opt.step()
        self.sched.step()          # everything above is counted in batches
        return loss.detach()

    def fit(self):
        for epoch in range(self.cfg.epochs):
            self.net.train()
            total = torch.zeros((), device=self.device)
            for points, label in self.loader:
                total += self.step(points.to(self.device), label.to(self.device))
            print(epoch, (total / len(self.loader)).item())
