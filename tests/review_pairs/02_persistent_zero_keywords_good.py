"""Train a small network; the loader keeps its workers between epochs."""
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


def make_loader(n, train):
    x = torch.randn(n, 12)
    y = torch.randint(0, 3, (n,))
    return DataLoader(
        TensorDataset(x, y), batch_size=16, shuffle=train,
        num_workers=1, persistent_workers=True)


def fit(model, loader, epochs=3):
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    for epoch in range(epochs):
        model.train()
        running = 0.0
        for x, y in loader:
            loss = criterion(model(x), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            running += loss.item()
        print(f"epoch {epoch}: {running / len(loader):.3f}")


if __name__ == "__main__":
    torch.manual_seed(0)
    fit(nn.Sequential(nn.Linear(12, 16), nn.ReLU(), nn.Linear(16, 3)), make_loader(64, True))
