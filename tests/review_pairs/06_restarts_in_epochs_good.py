import torch
from torch import nn, optim
from torch.utils.data import DataLoader, TensorDataset


def fit(net, loader, epochs=12):
    optimizer = optim.Adam(net.parameters(), lr=1e-2)
    restarts = optim.lr_scheduler.CosineAnnealingWarmRestarts(
        optimizer, T_0=epochs // 3, eta_min=1e-5)
    for epoch in range(epochs):
        net.train()
        for i, (x, y) in enumerate(loader):
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(net(x), y)
            loss.backward()
            optimizer.step()
            restarts.step(epoch + (i + 1) / len(loader))
        if epoch % 4 == 3:
            print(f"epoch {epoch + 1}: loss {loss.item():.3f}")
    return net


if __name__ == "__main__":
    torch.manual_seed(0)
    x = torch.randn(200, 6)
    fit(nn.Linear(6, 2), DataLoader(TensorDataset(x, (x.sum(1) > 0).long()), 20, shuffle=True))
