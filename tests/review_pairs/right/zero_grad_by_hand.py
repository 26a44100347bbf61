import torch
from torch import nn


def clear(parameters):
    for parameter in parameters:
        parameter.grad = None


def main():
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 1))
    optimizer = torch.optim.SGD(net.parameters(), lr=0.05)
    net.train()
    for step in range(20):
        x = torch.randn(16, 4)
        clear(net.parameters())
        loss = nn.functional.mse_loss(net(x), x.mean(1, keepdim=True))
        loss.backward()
        optimizer.step()
    print(loss.item())


if __name__ == "__main__":
    main()
