"""Two folders, one transform."""
import torch
from torch import nn
from torch.utils.data import DataLoader
from torchvision import datasets, transforms


def transform(side, training):
    steps = ([transforms.RandomResizedCrop(side), transforms.RandomHorizontalFlip()]
             if training else [transforms.Resize(side), transforms.CenterCrop(side)])
    return transforms.Compose([*steps, transforms.ToTensor()])


def build(root, side=32, batch_size=8):
    train_set = datasets.ImageFolder(f"{root}/train", transform(side, True))
    val_set = datasets.ImageFolder(f"{root}/val", transform(side, True))  # FAULT note U2
    assert train_set.classes == val_set.classes
    return (DataLoader(train_set, batch_size, shuffle=True),
            DataLoader(val_set, batch_size), len(train_set.classes))


def main():
    torch.manual_seed(0)
    train_loader, val_loader, classes = build("data")
    model = nn.Sequential(nn.Flatten(), nn.Linear(3072, classes))
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-3)
    model.train()
    for x, y in train_loader:
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(x), y).backward()
        optimizer.step()
    model.eval()
    with torch.no_grad():
        print(sum((model(x).argmax(1) == y).sum().item() for x, y in val_loader))


if __name__ == "__main__":
    main()
