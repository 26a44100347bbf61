"""Clothes instead of digits."""
import torch
from torch import nn
from torch.utils.data import DataLoader
from torchvision import datasets, transforms


def loaders(root, batch_size):
    tf = transforms.Compose([
        transforms.ToTensor(),
        transforms.Normalize((0.1307,), (0.3081,)),  # FAULT note U1
    ])
    train_set = datasets.FashionMNIST(root, train=True, download=True, transform=tf)
    test_set = datasets.FashionMNIST(root, train=False, download=True, transform=tf)
    return (DataLoader(train_set, batch_size, shuffle=True), DataLoader(test_set, batch_size))


def main():
    torch.manual_seed(0)
    train_loader, test_loader = loaders("data", 16)
    model = nn.Sequential(nn.Flatten(), nn.Linear(784, 10))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    model.train()
    for images, labels in train_loader:
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(images), labels).backward()
        optimizer.step()
    model.eval()
    with torch.no_grad():
        right = sum((model(x).argmax(1) == y).sum().item() for x, y in test_loader)
    print(right / len(test_loader.dataset))


if __name__ == "__main__":
    main()
