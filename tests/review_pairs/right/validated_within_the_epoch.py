import torch
from torch import nn
from torch.utils.data import DataLoader


def make_loaders(train_set, val_set):
    train_loader = DataLoader(train_set, batch_size=32, shuffle=True, drop_last=True)
    val_loader = DataLoader(val_set, batch_size=64)
    return train_loader, val_loader


def accuracy(model, loader):
    model.eval()
    hits = n = 0
    with torch.no_grad():
        for x, y in loader:
            hits += (model(x).argmax(1) == y).sum().item()
            n += len(y)
    model.train()
    return hits / n


def fit(model, train_set, val_set, epochs=5, every=200):
    train_loader, val_loader = make_loaders(train_set, val_set)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
    loss_fn = nn.CrossEntropyLoss()
    step = 0
    model.train()
    for epoch in range(epochs):
        for x, y in train_loader:
            optimizer.zero_grad()
            loss_fn(model(x), y).backward()
            optimizer.step()
            step += 1
            if step % every == 0:
                print(step, "validation", accuracy(model, val_loader))
        print(epoch, "training", accuracy(model, train_loader))
