"""Train with validation after each epoch."""
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


def evaluate(model, loader):
    model.eval()
    with torch.no_grad():
        hits = sum((model(x).argmax(1) == y).sum().item() for x, y in loader)
    return hits / len(loader.dataset)


def train(model, train_loader, val_loader, epochs=4):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    criterion = nn.CrossEntropyLoss()
    for epoch in range(epochs):
        model.train()
        for x, y in train_loader:
            optimizer.zero_grad()
            loss = criterion(model(x), y)
            loss.backward()
            optimizer.step()
        accuracy = evaluate(model, val_loader)
        print(f"{epoch}: {accuracy:.3f}")


if __name__ == "__main__":
    torch.manual_seed(0)
    x = torch.randn(160, 6)
    y = x[:, :3].argmax(1)
    net = nn.Sequential(nn.Linear(6, 24), nn.BatchNorm1d(24), nn.ReLU(), nn.Linear(24, 3))
    train(net, DataLoader(TensorDataset(x[:128], y[:128]), 32, shuffle=True),
          DataLoader(TensorDataset(x[128:], y[128:]), 32))
