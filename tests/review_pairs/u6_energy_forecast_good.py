import copy
import torch
from torch import nn


class Forecast(nn.Module):
    def __init__(self, n_in, n_out=24):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(n_in, 256), nn.ReLU(), nn.Dropout(0.1),
                                 nn.Linear(256, 256), nn.ReLU(), nn.Linear(256, n_out))

    def forward(self, x):
        return self.net(x)


def validation_loss(model, loader, criterion, device):
    model.eval()
    total, n = 0.0, 0
    with torch.no_grad():
        for x, y in loader:
            x, y = x.to(device), y.to(device)
            total += criterion(model(x), y).item() * len(x)
            n += len(x)
    return total / n


def train(model, train_loader, val_loader, device, epochs=200, patience=10, lr=1e-3):
    model.to(device)
    criterion = nn.HuberLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    best_loss = float("inf")
    best_weights = None
    wait = 0

    for epoch in range(epochs):
        model.train()
        for x, y in train_loader:
            x, y = x.to(device), y.to(device)
            optimizer.zero_grad()
            loss = criterion(model(x), y)
            loss.backward()
            optimizer.step()

        val_loss = validation_loss(model, val_loader, criterion, device)
        print(f"epoch {epoch + 1}: val {val_loss:.5f}")
        if val_loss < best_loss:
            best_loss = val_loss
            best_weights = copy.deepcopy(model.state_dict())
            wait = 0
        else:
            wait += 1
            if wait >= patience:
                print("early stopping")
                break

    if best_weights is not None:
        model.load_state_dict(best_weights)
    return model, best_loss
