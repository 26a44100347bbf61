import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


@torch.no_grad()
def evaluate(net, loader):
    net.eval()
    right = 0
    for x, y in loader:
        right += (net(x).argmax(1) == y).sum().item()
    net.train()
    return right / len(loader.dataset)


def fit(net, train_loader, val_loader, every=4):
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    net.train()
    for iteration, (x, y) in enumerate(train_loader, 1):
        optimizer.zero_grad()
        nn.functional.cross_entropy(net(x), y).backward()
        optimizer.step()
        if iteration % every == 0:
            print(iteration, evaluate(net, val_loader))


if __name__ == "__main__":
    torch.manual_seed(0)
    x = torch.randn(100, 5)
    y = x[:, :2].argmax(1)
    net = nn.Sequential(nn.Linear(5, 10), nn.BatchNorm1d(10), nn.ReLU(), nn.Linear(10, 2))
    fit(net, DataLoader(TensorDataset(x[:80], y[:80]), 10, shuffle=True),
        DataLoader(TensorDataset(x[80:], y[80:]), 20))
