"""Few positive samples: a weight for them."""
from dataclasses import dataclass, field

import torch
from torch import nn


@dataclass
class Settings:
    positives: list[float] = field(default_factory=lambda: [3.0, 8.0])
    lr: float = 0.05
    steps: int = 10
    device: str = "cuda" if torch.cuda.is_available() else "cpu"


def build_loss(cfg: Settings) -> nn.Module:
    pos_weight = torch.tensor(cfg.positives)
    return nn.BCEWithLogitsLoss(pos_weight=pos_weight).to(cfg.device)


def main() -> None:
    cfg = Settings()
    torch.manual_seed(0)
    model = nn.Linear(5, len(cfg.positives)).to(cfg.device)
    loss_fn = build_loss(cfg)
    optimizer = torch.optim.SGD(model.parameters(), lr=cfg.lr)
    x = torch.randn(64, 5, device=cfg.device)
    y = (torch.rand(64, 2, device=cfg.device) > 0.8).float()
    for _ in range(cfg.steps):
        optimizer.zero_grad()
        loss = loss_fn(model(x), y)
        loss.backward()
        optimizer.step()
    print(loss.item())


if __name__ == "__main__":
    main()
