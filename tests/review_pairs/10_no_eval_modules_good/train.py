"""Train and validate."""
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from evaluation import accuracy


def main():
    torch.manual_seed(0)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    data = TensorDataset(torch.rand(96, 1, 8, 8), torch.randint(0, 3, (96,)))
    train_part, val_part = torch.utils.data.random_split(data, [64, 32])
    net = nn.Sequential(
        nn.Conv2d(1, 8, 3, bias=False), nn.BatchNorm2d(8), nn.ReLU(),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 3)).to(device)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for epoch in range(2):
        net.train()
        for images, labels in DataLoader(train_part, 16, shuffle=True):
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(net(images.to(device)), labels.to(device))
            loss.backward()
            optimizer.step()
        print(epoch, accuracy(net, DataLoader(val_part, 16), device))


if __name__ == "__main__":
    main()
