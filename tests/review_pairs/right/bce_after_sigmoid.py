"""Two-class network with the sigmoid inside and the loss that fits it."""
import torch
from torch import nn, optim


def make_net():
    return nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 1), nn.Sigmoid())


def run(steps=30):
    torch.manual_seed(0)
    net = make_net()
    bce = nn.BCELoss()
    opt = optim.RMSprop(net.parameters(), lr=1e-3)
    x = torch.randn(64, 8)
    y = (x.sum(1, keepdim=True) > 0).float()
    net.train()
    for _ in range(steps):
        opt.zero_grad()
        loss = bce(net(x), y)
        loss.backward()
        opt.step()
    return loss.item()


if __name__ == "__main__":
    print(run())
