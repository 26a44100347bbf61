"""Cosine schedule over the epochs of a run."""
import argparse

import torch
from torch import nn
from torch.optim.lr_scheduler import CosineAnnealingLR
from torch.utils.data import DataLoader, TensorDataset


def train_one_epoch(model, loader, optimizer, scheduler, criterion):
    model.train()
    for images, labels in loader:
        optimizer.zero_grad()
        loss = criterion(model(images), labels)
        loss.backward()
        optimizer.step()
        scheduler.step()  # FAULT note 6
    return loss.item()


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--epochs", type=int, default=5)
    ap.add_argument("--lr", type=float, default=0.1)
    opt = ap.parse_args()
    torch.manual_seed(0)
    data = TensorDataset(torch.randn(160, 1, 8, 8), torch.randint(0, 4, (160,)))
    loader = DataLoader(data, batch_size=16, shuffle=True)
    model = nn.Sequential(nn.Flatten(), nn.Linear(64, 4))
    optimizer = torch.optim.SGD(model.parameters(), lr=opt.lr)
    scheduler = CosineAnnealingLR(optimizer, T_max=opt.epochs)
    for epoch in range(opt.epochs):
        loss = train_one_epoch(model, loader, optimizer, scheduler, nn.CrossEntropyLoss())
        print(epoch, loss, scheduler.get_last_lr())


if __name__ == "__main__":
    main()
