"""A plain convolutional network built from a list of widths."""
import torch
from torch import nn


def body(widths, channels=3):
    layers = []
    for width in widths:
        layers += [
            nn.Conv2d(channels, width, 3, stride=2, padding=1, bias=False),
            nn.BatchNorm2d(width),
            nn.ReLU(),
        ]
        channels = width
    return nn.Sequential(*layers)


def classifier(classes, widths=(8, 16, 32)):
    return nn.Sequential(body(widths), nn.AdaptiveAvgPool2d(1), nn.Flatten(),
                         nn.Linear(widths[-1], classes))


def train_step(net, optimizer, x, y):
    net.train()
    optimizer.zero_grad()
    loss = nn.functional.cross_entropy(net(x), y)
    loss.backward()
    optimizer.step()
    return loss.item()


if __name__ == "__main__":
    torch.manual_seed(0)
    net = classifier(4)
    opt = torch.optim.SGD(net.parameters(), lr=0.1)
    x, y = torch.randn(16, 3, 24, 24), torch.randint(0, 4, (16,))
    print([round(train_step(net, opt, x, y), 3) for _ in range(3)])
