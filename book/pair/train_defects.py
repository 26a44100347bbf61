"""Sort photographs of metal parts by their defect: python train_defects.py parts

`parts/train` and `parts/val` hold a folder for each class; `defects.pt` is written.
"""

import hashlib
import sys
from pathlib import Path

import torch
from sklearn.metrics import classification_report
from torch import nn, optim
from torch.utils.data import DataLoader
from torchvision import datasets, models, transforms

SIZE, BATCH, WORKERS, EPOCHS = 224, 32, 2, 30
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
DEVICE = "cuda" if torch.cuda.is_available() else "cpu"


class Classifier(nn.Module):
    def __init__(self, classes):
        super().__init__()
        self.body = models.resnet18(num_classes=classes)

    def forward(self, images):
        return self.body(images).softmax(dim=1)


def fingerprint(root):
    digest = hashlib.sha256()
    for path in sorted(root.rglob("*.jpg")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def make_loaders(root):
    last = [transforms.ToTensor(), transforms.Normalize(MEAN, STD)]
    turned = [transforms.RandomResizedCrop(SIZE), transforms.RandomHorizontalFlip()]
    plain = [transforms.Resize(SIZE), transforms.CenterCrop(SIZE)]
    train = datasets.ImageFolder(root / "train", transforms.Compose(turned + last))
    val = datasets.ImageFolder(root / "val", transforms.Compose(plain + last))
    train_loader = DataLoader(train, BATCH, shuffle=True, num_workers=WORKERS)
    return train_loader, DataLoader(val, BATCH, num_workers=WORKERS)


def train_epoch(network, loader, optimizer):
    network.train()
    total = 0.0
    for images, targets in loader:
        outputs = network(images.to(DEVICE))
        loss = nn.functional.cross_entropy(outputs, targets.to(DEVICE))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        norm = nn.utils.clip_grad_norm_(network.parameters(), max_norm=5.0)
        total += loss.item()
    return total / len(loader), norm.item()


@torch.no_grad()
def evaluate(network, loader):
    targets, answers = [], []
    for images, labels in loader:
        answers += network(images.to(DEVICE)).argmax(dim=1).tolist()
        targets += labels.tolist()
    return targets, answers


def main(root):
    train_loader, val_loader = make_loaders(root)
    numbers = train_loader.dataset.class_to_idx
    network, best = Classifier(len(numbers)).to(DEVICE), 0
    optimizer = optim.SGD(network.parameters(), lr=0.05, momentum=0.9)
    schedule = optim.lr_scheduler.CosineAnnealingLR(optimizer, len(train_loader))
    for epoch in range(EPOCHS):
        loss, norm = train_epoch(network, train_loader, optimizer)
        schedule.step()
        targets, answers = evaluate(network, val_loader)
        right = sum(a == t for a, t in zip(answers, targets, strict=True))
        print(f"{epoch}: loss {loss:.3f}, norm {norm:.1f}, right {right}")
        if right > best:
            best, kept = right, {"network": network.state_dict(), "classes": numbers}
            torch.save(kept | {"data": fingerprint(root)}, "defects.pt")
    names = ["good", "scratch", "dent", "stain"]
    print(classification_report(targets, answers, target_names=names))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
