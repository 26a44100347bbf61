"""Training with augmentation, validation without."""
import torch
from torch import nn
from torch.utils.data import DataLoader
from torchvision import datasets, transforms

SIZE = 32
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)

train_transform = transforms.Compose([
    transforms.RandomResizedCrop(SIZE, scale=(0.5, 1.0)),
    transforms.RandomHorizontalFlip(),
    transforms.ToTensor(),
    transforms.Normalize(MEAN, STD),
])
val_transform = transforms.Compose([
    transforms.Resize(SIZE),
    transforms.CenterCrop(SIZE),
    transforms.ToTensor(),  # FAULT note U1
])


def main():
    torch.manual_seed(0)
    train_set = datasets.ImageFolder("data/train", train_transform)
    val_set = datasets.ImageFolder("data/val", val_transform)
    assert val_set.class_to_idx == train_set.class_to_idx
    model = nn.Sequential(nn.Conv2d(3, 8, 3, 2), nn.ReLU(), nn.AdaptiveAvgPool2d(1),
                          nn.Flatten(), nn.Linear(8, len(train_set.classes)))
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    model.train()
    for x, y in DataLoader(train_set, 8, shuffle=True):
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(x), y).backward()
        optimizer.step()
    model.eval()
    with torch.no_grad():
        hits = sum((model(x).argmax(1) == y).sum().item() for x, y in DataLoader(val_set, 8))
    print(hits / len(val_set))


if __name__ == "__main__":
    main()
