import torch
from torch.utils.data import DataLoader
from torchvision import datasets, transforms

TF = transforms.Compose([transforms.Resize((16, 16)), transforms.ToTensor()])


def check_classes(*sets):
    first, *others = (s.class_to_idx for s in sets)
    if any(other != first for other in others):
        raise ValueError("the folders have different classes")


def loaders(root):
    train_set = datasets.ImageFolder(f"{root}/train", TF)
    val_set = datasets.ImageFolder(f"{root}/val", TF)
    check_classes(train_set, val_set)
    return DataLoader(train_set, 8, shuffle=True), DataLoader(val_set, 8)


if __name__ == "__main__":
    train_loader, val_loader = loaders("data")
    print(torch.cat([y for _, y in val_loader]).bincount())
