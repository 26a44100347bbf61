from collections import Counter
import torch
from torch import nn
from torchvision import models

device = torch.device("cuda:0")


def class_weights(targets, n):
    c = Counter(targets)
    total = sum(c.values())
    return torch.tensor([total / (n * c[k]) for k in range(n)], dtype=torch.float32)


def build(train_set):
    n = len(train_set.classes)
    net = models.resnet50(weights=models.ResNet50_Weights.IMAGENET1K_V2)
    net.fc = nn.Linear(net.fc.in_features, n)
    w = class_weights(train_set.targets, n)
    loss_fn = nn.CrossEntropyLoss(weight=w.to(device))
    return net.to(device), loss_fn


def train(train_set, epochs=20):
    net, loss_fn = build(train_set)
    loader = torch.utils.data.DataLoader(train_set, batch_size=32, shuffle=True, num_workers=4)
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-4)
    for ep in range(epochs):
        net.train()
        for img, lbl in loader:
            img, lbl = img.to(device), lbl.to(device)
            loss = loss_fn(net(img), lbl)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        torch.save(net.state_dict(), f"ckpt_{ep:02d}.pth")
