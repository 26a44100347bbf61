"""Bfloat16 training."""
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset


def train_epoch(net, loader, opt, device):
    net.train()
    for x, y in loader:
        x, y = x.to(device), y.to(device)
        opt.zero_grad()
        with torch.autocast(device_type=device, dtype=torch.bfloat16):
            loss = nn.functional.cross_entropy(net(x), y)
        loss.backward()
        opt.step()
    return loss.item()


def main():
    torch.manual_seed(0)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    data = TensorDataset(torch.randn(64, 3, 8, 8), torch.randint(0, 4, (64,)))
    net = nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.Flatten(), nn.Linear(288, 4)).to(device)
    opt = torch.optim.SGD(net.parameters(), lr=0.1)
    for epoch in range(2):
        print(epoch, train_epoch(net, DataLoader(data, 16, shuffle=True), opt, device))


if __name__ == "__main__":
    main()
