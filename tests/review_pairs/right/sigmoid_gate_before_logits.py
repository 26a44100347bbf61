import torch
from torch import nn


class SqueezeExcite(nn.Module):
    def __init__(self, channels, reduction=4):
        super().__init__()
        self.scale = nn.Sequential(
            nn.AdaptiveAvgPool2d(1), nn.Conv2d(channels, channels // reduction, 1), nn.ReLU(),
            nn.Conv2d(channels // reduction, channels, 1), nn.Sigmoid())

    def forward(self, x):
        return x * self.scale(x)


class Detector(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), SqueezeExcite(8))
        self.out = nn.Linear(8, 1)

    def forward(self, x):
        return self.out(self.body(x).mean((2, 3))).squeeze(1)


def main():
    torch.manual_seed(0)
    net = Detector().train()
    loss_fn = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for _ in range(3):
        optimizer.zero_grad()
        loss = loss_fn(net(torch.rand(4, 3, 10, 10)), torch.randint(0, 2, (4,)).float())
        loss.backward()
        optimizer.step()
    print(torch.sigmoid(net.eval()(torch.rand(2, 3, 10, 10))).tolist())


if __name__ == "__main__":
    main()
