from dataclasses import dataclass
import random

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset


@dataclass
class Config:
    images: str = "tissue_images.npy"
    masks: str = "tissue_masks.npy"
    patch: int = 128
    batch_size: int = 16
    workers: int = 4
    epochs: int = 40
    seed: int = 1234
    lr: float = 2e-4


class PatchDataset(Dataset):
    """Random patches; the position is drawn anew for each access."""

    def __init__(self, cfg):
        self.x = np.load(cfg.images, mmap_mode="r")
        self.y = np.load(cfg.masks, mmap_mode="r")
        self.size = cfg.patch

    def __len__(self):
        return len(self.x)

    def __getitem__(self, i):
        h, w = self.x.shape[1:3]
        top = np.random.randint(0, h - self.size)
        left = np.random.randint(0, w - self.size)
        win = np.s_[top:top + self.size, left:left + self.size]
        img = torch.from_numpy(self.x[i][win].astype(np.float32) / 255).permute(2, 0, 1)
        return img, torch.from_numpy(self.y[i][win].astype(np.float32))[None]


def seed_worker(worker_id):
    np.random.seed(Config.seed + worker_id)  # FAULT note 02
    random.seed(Config.seed + worker_id)


def make_loader(cfg):
    gen = torch.Generator().manual_seed(cfg.seed)
    return DataLoader(PatchDataset(cfg), batch_size=cfg.batch_size, shuffle=True,
                      num_workers=cfg.workers, worker_init_fn=seed_worker, generator=gen)


def fit(cfg, net):
    dev = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    net.to(dev).train()
    opt = torch.optim.AdamW(net.parameters(), lr=cfg.lr)
    crit = nn.BCEWithLogitsLoss()
    loader = make_loader(cfg)
    for epoch in range(cfg.epochs):
        for x, y in loader:
            opt.zero_grad()
            loss = crit(net(x.to(dev)), y.to(dev))
            loss.backward()
            opt.step()
        print(f"{epoch:03d} last loss {loss.item():.4f}")


if __name__ == "__main__":
    fit(Config(), nn.Sequential(nn.Conv2d(3, 16, 3, padding=1), nn.ReLU(), nn.Conv2d(16, 1, 1)))
