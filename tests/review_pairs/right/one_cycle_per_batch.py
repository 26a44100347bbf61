import torch
from torch import nn
from torch.optim.lr_scheduler import OneCycleLR
from torch.utils.data import DataLoader, TensorDataset


def train(model, loader, epochs=3):
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
    scheduler = OneCycleLR(optimizer, max_lr=0.02, epochs=epochs, steps_per_epoch=len(loader))
    criterion = nn.CrossEntropyLoss()
    for epoch in range(epochs):
        model.train()
        for x, y in loader:
            optimizer.zero_grad()
            loss = criterion(model(x), y)
            loss.backward()
            optimizer.step()
            scheduler.step()
        print(epoch, scheduler.get_last_lr()[0])


if __name__ == "__main__":
    torch.manual_seed(0)
    x = torch.randn(64, 4)
    train(nn.Linear(4, 2), DataLoader(TensorDataset(x, (x[:, 0] > 0).long()), batch_size=16))
