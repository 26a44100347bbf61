"""Train a compiled network."""
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


def train(net, loader, epochs):
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-2)
    criterion = nn.CrossEntropyLoss()
    compiled = torch.compile(net)
    for epoch in range(epochs):
        net.train()
        for x, y in loader:
            optimizer.zero_grad()
            loss = criterion(compiled(x), y)
            loss.backward()
            optimizer.step()
        print(epoch, loss.item())


def main():
    torch.manual_seed(0)
    x = torch.randn(96, 6)
    data = TensorDataset(x, x[:, :3].argmax(1))
    loader = DataLoader(data, batch_size=32, shuffle=True, drop_last=True)
    train(nn.Sequential(nn.Linear(6, 12), nn.ReLU(), nn.Linear(12, 3)), loader, epochs=3)


if __name__ == "__main__":
    main()
