import torch
from torch import nn


class EarlyClassifier(nn.Module):
    def __init__(self, k):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(3, 32, 3, padding=1), nn.BatchNorm2d(32), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(32, 64, 3, padding=1), nn.BatchNorm2d(64), nn.ReLU(), nn.AdaptiveAvgPool2d(1))
        self.fc = nn.Linear(64, k)

    def forward(self, x):
        return self.fc(self.features(x).flatten(1))


def val(model, val_loader, criterion, gpu):
    model.eval()
    val_loss, n = 0, 0
    for data in val_loader:
        im, gt = data[0].cuda(gpu), data[1].cuda(gpu)
        loss = criterion(model(im), gt)
        val_loss += loss.item() * im.size(0)
        n += im.size(0)
    val_loss = val_loss / n
    print("Val loss: %.4f" % val_loss)
    return val_loss


def train(model, train_loader, val_loader, gpu=0, max_epoch=50):
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), 0.01, momentum=0.9)
    for epoch in range(max_epoch):
        model.train()
        for data in train_loader:
            im, gt = data[0].cuda(gpu), data[1].cuda(gpu)
            optimizer.zero_grad()
            criterion(model(im), gt).backward()
            optimizer.step()
        val(model, val_loader, criterion, gpu)
