"""CIFAR-10 with a network pretrained on ImageNet."""
import torch
from torch import nn
from torch.utils.data import DataLoader
from torchvision import datasets, models
from torchvision import transforms as T

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
BASE = [T.Resize(64), T.ToTensor(), T.Normalize(MEAN, STD)]
TRAIN_TF = T.Compose([T.RandomHorizontalFlip(), *BASE])
TEST_TF = T.Compose(BASE)


def main():
    torch.manual_seed(0)
    train_set = datasets.CIFAR10("data", train=True, download=True, transform=TRAIN_TF)
    test_set = datasets.CIFAR10("data", train=False, download=True, transform=TEST_TF)
    net = models.resnet18(weights="DEFAULT")
    net.fc = nn.Linear(512, 10)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.01)
    net.train()
    for x, y in DataLoader(train_set, 32, shuffle=True):
        optimizer.zero_grad()
        nn.functional.cross_entropy(net(x), y).backward()
        optimizer.step()
    net.eval()
    with torch.no_grad():
        print(sum((net(x).argmax(1) == y).sum().item() for x, y in DataLoader(test_set, 32)))


if __name__ == "__main__":
    main()
