import torch
from torch import nn


class DoseNet(nn.Module):
    def __init__(self, n_in=30):
        super().__init__()
        self.net = nn.Sequential(
            nn.Linear(n_in, 128), nn.BatchNorm1d(128), nn.ReLU(), nn.Dropout(0.2),
            nn.Linear(128, 64), nn.ReLU(), nn.Dropout(0.2), nn.Linear(64, 1))

    def forward(self, x):
        return self.net(x).squeeze(1)


def enable_dropout(model):
    """Monte-Carlo dropout: only the dropout layers stay random, BatchNorm does not."""
    model.eval()
    for m in model.modules():
        if isinstance(m, nn.Dropout):
            m.train()


@torch.no_grad()
def predict_with_uncertainty(model, x, samples=50):
    enable_dropout(model)
    draws = torch.stack([model(x) for _ in range(samples)])
    model.eval()
    return draws.mean(0), draws.std(0)


def train(model, loader, epochs=100):
    opt = torch.optim.Adam(model.parameters(), lr=1e-3)
    mse = nn.MSELoss()
    for epoch in range(epochs):
        model.train()
        for x, y in loader:
            opt.zero_grad()
            loss = mse(model(x), y)
            loss.backward()
            opt.step()
    return model


def report(model, test_loader):
    for x, y in test_loader:
        mean, std = predict_with_uncertainty(model, x)
        inside = ((y - mean).abs() < 2 * std).float().mean().item()
        print(f"within two standard deviations: {inside:.3f}")
