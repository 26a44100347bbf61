import numpy as np
import torch
from torch.utils.data import DataLoader, WeightedRandomSampler
from torchvision.datasets import ImageFolder
from torchvision import transforms

train_tf = transforms.Compose([
    transforms.RandomResizedCrop(224, scale=(0.6, 1.0)),
    transforms.RandomHorizontalFlip(),
    transforms.ToTensor(),
    transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]),
])


def balanced_loader(root, batch_size, workers):
    dataset = ImageFolder(root, train_tf)
    labels = np.array(dataset.targets)
    counts = np.bincount(labels, minlength=len(dataset.classes))
    w = 1.0 / counts
    sampler = WeightedRandomSampler(torch.from_numpy(w).double(), num_samples=len(dataset), replacement=True)  # FAULT note 5
    return DataLoader(dataset, batch_size=batch_size, sampler=sampler, num_workers=workers, pin_memory=True)


def class_histogram(loader, n_classes):
    hist = torch.zeros(n_classes, dtype=torch.long)
    for _, y in loader:
        hist += torch.bincount(y, minlength=n_classes)
    return hist.tolist()


if __name__ == "__main__":
    dl = balanced_loader("skin/train", 64, 6)
    print(class_histogram(dl, len(dl.dataset.classes)))
