"""Gradient accumulation over four small batches."""
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


def train(model, loader, optimizer, accumulate=4, max_norm=1.0):
    criterion = nn.CrossEntropyLoss()
    model.train()
    optimizer.zero_grad()
    updates = 0
    for i, (images, labels) in enumerate(loader, start=1):
        loss = criterion(model(images), labels) / accumulate
        loss.backward()
        if i % accumulate == 0:
            nn.utils.clip_grad_norm_(model.parameters(), max_norm)
            optimizer.step()
            optimizer.zero_grad()
            updates += 1
    return updates


if __name__ == "__main__":
    torch.manual_seed(0)
    data = TensorDataset(torch.rand(64, 1, 10, 10), torch.randint(0, 3, (64,)))
    net = nn.Sequential(nn.Flatten(), nn.Linear(100, 3))
    sgd = torch.optim.SGD(net.parameters(), lr=0.1)
    print(train(net, DataLoader(data, batch_size=4, shuffle=True), sgd))
