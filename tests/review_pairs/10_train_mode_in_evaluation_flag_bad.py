import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


def run_epoch(model, loader, criterion, optimizer=None):
    """Train with an optimizer, evaluate without one."""
    training = optimizer is not None
    model.train()  # FAULT note 10
    total = 0.0
    with torch.set_grad_enabled(training):
        for x, y in loader:
            loss = criterion(model(x), y)
            if training:
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
            total += loss.item() * len(x)
    return total / len(loader.dataset)


def main():
    torch.manual_seed(1)
    x = torch.randn(100, 7)
    y = x[:, :2].argmax(1)
    loaders = {
        "train": DataLoader(TensorDataset(x[:80], y[:80]), batch_size=20, shuffle=True),
        "val": DataLoader(TensorDataset(x[80:], y[80:]), batch_size=20),
    }
    model = nn.Sequential(nn.Linear(7, 14), nn.BatchNorm1d(14), nn.ReLU(), nn.Linear(14, 2))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    criterion = nn.CrossEntropyLoss()
    for epoch in range(3):
        train_loss = run_epoch(model, loaders["train"], criterion, optimizer)
        print(epoch, train_loss, run_epoch(model, loaders["val"], criterion))


if __name__ == "__main__":
    main()
