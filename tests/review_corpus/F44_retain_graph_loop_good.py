import torch
import torch.nn as nn
import torch.nn.functional as F


class Embedder(nn.Module):
    def __init__(self, k, dim=128):
        super().__init__()
        self.conv = nn.Sequential(nn.Conv2d(3, 64, 5, 2), nn.ReLU(), nn.Conv2d(64, 128, 3, 2), nn.ReLU(),
                                  nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(128, dim))
        self.cls = nn.Linear(dim, k)

    def forward(self, x):
        z = self.conv(x)
        return z, self.cls(z)


def train(model, loader, device, lam=0.01, epochs=10):
    opt = torch.optim.Adam(model.parameters(), lr=1e-3)
    centre = torch.zeros(128, device=device)
    for epoch in range(epochs):
        model.train()
        seen, acc_loss = 0, 0.0
        for img, y in loader:
            img, y = img.to(device), y.to(device)
            z, logits = model(img)
            loss = F.cross_entropy(logits, y) + lam * (z - centre).pow(2).sum(1).mean()
            opt.zero_grad()
            loss.backward()
            opt.step()
            centre = 0.95 * centre + 0.05 * z.detach().mean(0)
            seen += y.numel()
            acc_loss += loss.item() * y.numel()
        print(epoch, acc_loss / seen)
    return model
