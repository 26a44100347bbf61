"""Loaders for training and validation."""
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


def loaders(train_set, val_set, batch_size):
    settings = dict(batch_size=batch_size, drop_last=True)
    train_loader = DataLoader(train_set, shuffle=True, **settings)
    val_loader = DataLoader(val_set, **settings)  # FAULT note 10
    return train_loader, val_loader


@torch.no_grad()
def accuracy(model, loader):
    model.eval()
    right = seen = 0
    for x, y in loader:
        right += (model(x).argmax(1) == y).sum().item()
        seen += len(y)
    return right / seen


def main():
    torch.manual_seed(0)
    x = torch.randn(150, 5)
    y = x[:, :3].argmax(1)
    train_loader, val_loader = loaders(
        TensorDataset(x[:100], y[:100]), TensorDataset(x[100:], y[100:]), 16)
    model = nn.Linear(5, 3)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.05)
    for epoch in range(2):
        model.train()
        for xb, yb in train_loader:
            optimizer.zero_grad()
            nn.functional.cross_entropy(model(xb), yb).backward()
            optimizer.step()
        print(epoch, accuracy(model, val_loader))


if __name__ == "__main__":
    main()
