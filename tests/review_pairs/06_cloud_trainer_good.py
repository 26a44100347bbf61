from dataclasses import dataclass

import torch
from torch import nn
from torch.optim.lr_scheduler import CosineAnnealingLR


@dataclass
class TrainConfig:
    epochs: int = 60
    lr: float = 4e-4
    weight_decay: float = 0.05
    device: str = "cuda"


class CloudTrainer:
    """Cloud masks from Sentinel-2 tiles."""

    def __init__(self, model, train_loader, val_loader, cfg: TrainConfig):
        self.cfg = cfg
        self.model = model.to(cfg.device)
        self.train_loader = train_loader
        self.val_loader = val_loader
        self.criterion = nn.BCEWithLogitsLoss()
        self.optimizer, self.scheduler = self._build_optim()

    def _build_optim(self):
        opt = torch.optim.AdamW(self.model.parameters(), lr=self.cfg.lr,
                                weight_decay=self.cfg.weight_decay)
        sched = CosineAnnealingLR(opt, T_max=self.cfg.epochs, eta_min=1e-6)
        return opt, sched

    def _train_batch(self, tile, mask):
        self.optimizer.zero_grad(set_to_none=True)
        loss = self.criterion(self.model(tile), mask)
        loss.backward()
        self.optimizer.step()
        return loss.item()

    def _run_epoch(self):
        self.model.train()
        losses = []
        for tile, mask in self.train_loader:
            losses.append(self._train_batch(tile.to(self.cfg.device), mask.to(self.cfg.device)))
        self.scheduler.step()
        return sum(losses) / len(losses)

    @torch.inference_mode()
    def _validate(self):
        self.model.eval()
        inter = union = 0
        for tile, mask in self.val_loader:
            pred = self.model(tile.to(self.cfg.device)).cpu() > 0
            mask = mask > 0.5
            inter += (pred & mask).sum().item()
            union += (pred | mask).sum().item()
        return inter / max(union, 1)

    def fit(self):
        for epoch in range(self.cfg.epochs):
            loss = self._run_epoch()
            print(f"{epoch}: loss {loss:.4f}  IoU {self._validate():.4f}")
