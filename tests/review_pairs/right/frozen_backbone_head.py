import torch
from torch import nn
from torchvision import models

device = "cuda" if torch.cuda.is_available() else "cpu"


def head(n_in, n_out):
    return nn.Sequential(nn.BatchNorm1d(n_in), nn.Dropout(0.4), nn.Linear(n_in, n_out)).to(device)


def linear_probe(train_loader, val_loader, n_classes, epochs=10):
    backbone = models.resnet50(weights=models.ResNet50_Weights.IMAGENET1K_V2)
    backbone.fc = nn.Identity()
    backbone.to(device).eval()
    clf = head(2048, n_classes)
    opt = torch.optim.Adam(clf.parameters(), lr=1e-3)
    loss_fn = nn.CrossEntropyLoss()

    for ep in range(epochs):
        clf.train()
        for x, y in train_loader:
            with torch.no_grad():
                f = backbone(x.to(device))
            loss = loss_fn(clf(f), y.to(device))
            opt.zero_grad()
            loss.backward()
            opt.step()

        clf.eval()
        ok = n = 0
        with torch.no_grad():
            for x, y in val_loader:
                p = clf(backbone(x.to(device))).argmax(1).cpu()
                ok += (p == y).sum().item()
                n += len(y)
        print(f"{ep}: {ok / n:.4f}")
    return clf
