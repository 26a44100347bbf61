"""Train on one folder of pictures, validate on another."""
import argparse

import torch
from torch import nn
from torch.utils.data import DataLoader
from torchvision import datasets, transforms


def parse_args():
    parser = argparse.ArgumentParser()
    parser.add_argument("--train", default="data/train")
    parser.add_argument("--val", default="data/val")
    parser.add_argument("--epochs", type=int, default=2)
    return parser.parse_args()


def accuracy(model, loader):
    model.eval()
    right = total = 0
    with torch.no_grad():
        for images, labels in loader:
            right += (model(images).argmax(1) == labels).sum().item()
            total += len(labels)
    return right / total


def main():
    args = parse_args()
    tf = transforms.Compose([transforms.Resize((32, 32)), transforms.ToTensor()])
    train_set = datasets.ImageFolder(args.train, transform=tf)
    val_set = datasets.ImageFolder(args.val, transform=tf)  # FAULT note 1
    train_loader = DataLoader(train_set, batch_size=8, shuffle=True)
    val_loader = DataLoader(val_set, batch_size=8)
    model = nn.Sequential(nn.Flatten(), nn.Linear(3 * 32 * 32, len(train_set.classes)))
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-3)
    criterion = nn.CrossEntropyLoss()
    for epoch in range(args.epochs):
        model.train()
        for images, labels in train_loader:
            optimizer.zero_grad()
            criterion(model(images), labels).backward()
            optimizer.step()
        print(epoch, accuracy(model, val_loader))


if __name__ == "__main__":
    main()
