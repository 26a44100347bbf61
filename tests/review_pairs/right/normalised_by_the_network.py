import torch
from torch import nn
from torch.utils.data import DataLoader
from torchvision import datasets, transforms


class Normalised(nn.Module):
    def __init__(self, body, mean, std):
        super().__init__()
        self.body = body
        self.register_buffer("mean", torch.tensor(mean).view(1, -1, 1, 1))
        self.register_buffer("std", torch.tensor(std).view(1, -1, 1, 1))

    def forward(self, x):
        return self.body((x - self.mean) / self.std)


def main():
    torch.manual_seed(0)
    train_tf = transforms.Compose([transforms.RandomCrop(28, padding=2), transforms.ToTensor()])
    train_set = datasets.MNIST("data", train=True, download=True, transform=train_tf)
    test_set = datasets.MNIST("data", train=False, download=True, transform=transforms.ToTensor())
    net = Normalised(nn.Sequential(nn.Flatten(), nn.Linear(784, 10)), [0.1307], [0.3081])
    optimizer = torch.optim.SGD(net.parameters(), lr=0.01)
    net.train()
    for x, y in DataLoader(train_set, 16, shuffle=True):
        optimizer.zero_grad()
        nn.functional.cross_entropy(net(x), y).backward()
        optimizer.step()
    net.eval()
    with torch.inference_mode():
        print(sum((net(x).argmax(1) == y).sum().item() for x, y in DataLoader(test_set, 16)))


if __name__ == "__main__":
    main()
