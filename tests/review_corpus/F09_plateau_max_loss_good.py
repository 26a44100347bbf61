from dataclasses import dataclass
import torch
import torch.nn.functional as F
from torch.optim import lr_scheduler as S


@dataclass
class CFG:
    lr: float = 3e-4
    epochs: int = 25
    plateau_factor: float = 0.5
    plateau_patience: int = 2
    plateau_mode: str = "min"
    min_lr: float = 1e-6


def get_scheduler(optimizer, cfg):
    return S.ReduceLROnPlateau(optimizer, mode=cfg.plateau_mode, factor=cfg.plateau_factor,
                               patience=cfg.plateau_patience, min_lr=cfg.min_lr)


def valid_fn(model, loader, device):
    model.eval()
    total, count = 0.0, 0
    with torch.inference_mode():
        for img, tgt in loader:
            out = model(img.to(device))
            total += F.cross_entropy(out, tgt.to(device), reduction="sum").item()
            count += len(tgt)
    return total / count


def train_loop(model, tr_loader, va_loader, device, cfg=CFG()):
    optimizer = torch.optim.AdamW(model.parameters(), lr=cfg.lr)
    scheduler = get_scheduler(optimizer, cfg)
    for epoch in range(cfg.epochs):
        model.train()
        for img, tgt in tr_loader:
            loss = F.cross_entropy(model(img.to(device)), tgt.to(device))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        val_loss = valid_fn(model, va_loader, device)
        scheduler.step(val_loss)
        print(f"Epoch {epoch + 1}: val_loss={val_loss:.4f}")
