"""One-cycle training of a small network."""
import torch
from torch import nn
from torch.optim.lr_scheduler import OneCycleLR
from torch.utils.data import DataLoader, TensorDataset


def train(model, loader, epochs, max_lr=0.1):
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=max_lr / 25, momentum=0.9)
    scheduler = OneCycleLR(optimizer, max_lr, total_steps=epochs * len(loader))
    for epoch in range(epochs):
        model.train()
        for x, y in loader:
            optimizer.zero_grad()
            loss = criterion(model(x), y)
            loss.backward()
            optimizer.step()
            scheduler.step()
        print(epoch, loss.item(), scheduler.get_last_lr()[0])


if __name__ == "__main__":
    torch.manual_seed(0)
    x = torch.randn(120, 7)
    train(nn.Linear(7, 3), DataLoader(TensorDataset(x, x[:, :3].argmax(1)), 20, shuffle=True), 2)
