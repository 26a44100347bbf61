"""The learning rate falls along a cosine."""
from dataclasses import dataclass

import torch
from torch import nn
from torch.optim.lr_scheduler import CosineAnnealingLR
from torch.utils.data import DataLoader, TensorDataset


@dataclass
class Config:
    epochs: int = 20
    lr: float = 0.1
    batch_size: int = 32
    t_max: int = 1000


def main(cfg: Config) -> None:
    torch.manual_seed(0)
    data = TensorDataset(torch.randn(96, 10), torch.randint(0, 2, (96,)))
    loader = DataLoader(data, cfg.batch_size, shuffle=True)
    model = nn.Linear(10, 2)
    optimizer = torch.optim.SGD(model.parameters(), lr=cfg.lr)
    scheduler = CosineAnnealingLR(optimizer, T_max=cfg.t_max)  # FAULT note 6
    for epoch in range(cfg.epochs):
        model.train()
        for x, y in loader:
            optimizer.zero_grad()
            nn.functional.cross_entropy(model(x), y).backward()
            optimizer.step()
        scheduler.step()
    print("last rate", scheduler.get_last_lr()[0])


if __name__ == "__main__":
    main(Config())
