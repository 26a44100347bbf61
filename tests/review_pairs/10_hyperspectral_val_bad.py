import torch
import torch.nn as nn
from tqdm import tqdm


class HSINet(nn.Module):
    def __init__(self, bands, n_classes):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(bands, 128, 3, padding=1), nn.BatchNorm2d(128), nn.ReLU(),
            nn.Conv2d(128, 64, 3, padding=1), nn.BatchNorm2d(64), nn.ReLU(),
            nn.AdaptiveAvgPool2d(1),
        )
        self.classifier = nn.Sequential(nn.Flatten(), nn.Dropout(0.5), nn.Linear(64, n_classes))

    def forward(self, x):
        return self.classifier(self.features(x))


def val(net, data_loader, device):
    correct, total = 0, 0
    with torch.no_grad():  # FAULT note 10
        for data, target in data_loader:
            data, target = data.to(device), target.to(device)
            output = net(data)
            correct += (output.argmax(dim=1) == target).sum().item()
            total += target.size(0)
    return correct / total


def train(net, optimizer, criterion, train_loader, val_loader, epochs, device):
    net.to(device)
    best_acc = 0.0
    for epoch in tqdm(range(1, epochs + 1), desc="training"):
        net.train()
        avg_loss = 0.0
        for data, target in train_loader:
            data, target = data.to(device), target.to(device)
            optimizer.zero_grad()
            loss = criterion(net(data), target)
            loss.backward()
            optimizer.step()
            avg_loss += loss.item()
        acc = val(net, val_loader, device)
        tqdm.write(f"epoch {epoch} loss {avg_loss / len(train_loader):.4f} val {acc:.4f}")
        if acc > best_acc:
            best_acc = acc
            torch.save(net.state_dict(), "hsi_best.pth")
    return best_acc


def build(bands, n_classes, lr=0.01):
    net = HSINet(bands, n_classes)
    return net, torch.optim.SGD(net.parameters(), lr=lr, momentum=0.9), nn.CrossEntropyLoss()
