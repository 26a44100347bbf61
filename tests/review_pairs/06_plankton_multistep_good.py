import torch
import torch.nn as nn
import torch.optim as optim
from torch.utils.data import DataLoader
from torchvision import models

from plankton import PlanktonCrops, NUM_SPECIES


def train(model, device, loader, optimizer, criterion):
    model.train()
    total = 0.0
    for x, y in loader:
        x, y = x.to(device), y.to(device)
        optimizer.zero_grad()
        loss = criterion(model(x), y)
        loss.backward()
        optimizer.step()
        total += loss.item()
    return total / len(loader)


@torch.no_grad()
def test(model, device, loader):
    model.eval()
    n = ok = 0
    for x, y in loader:
        pred = model(x.to(device)).argmax(1).cpu()
        ok += (pred == y).sum().item()
        n += len(y)
    return ok / n


def main():
    device = torch.device("cuda")
    train_loader = DataLoader(PlanktonCrops("train"), 64, shuffle=True, num_workers=4)
    val_loader = DataLoader(PlanktonCrops("val"), 128, num_workers=4)
    model = models.resnet34(num_classes=NUM_SPECIES).to(device)
    criterion = nn.CrossEntropyLoss()
    optimizer = optim.SGD(model.parameters(), lr=0.1, momentum=0.9, weight_decay=1e-4)
    scheduler = optim.lr_scheduler.MultiStepLR(optimizer, milestones=[30, 60, 80], gamma=0.1)

    for epoch in range(90):
        loss = train(model, device, train_loader, optimizer, criterion)
        scheduler.step()
        acc = test(model, device, val_loader)
        print(f"[{epoch:2d}] loss={loss:.4f} acc={acc:.4f} lr={optimizer.param_groups[0]['lr']:.5f}")
    torch.save(model.state_dict(), "plankton_r34.pth")


if __name__ == "__main__":
    main()
