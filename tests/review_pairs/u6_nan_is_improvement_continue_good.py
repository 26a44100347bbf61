import copy

import torch
import torch.nn.functional as F
from torch import nn


def search(rates, x, y, steps=30):
    """The learning rate with the lowest loss, and its weights."""
    best_loss, best = float("inf"), None
    for rate in rates:
        torch.manual_seed(0)
        net = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 1))
        optimizer = torch.optim.SGD(net.parameters(), lr=rate)
        for _ in range(steps):
            optimizer.zero_grad()
            loss = F.mse_loss(net(x), y)
            loss.backward()
            optimizer.step()
        if not loss.item() < best_loss:
            continue
        best_loss, best = loss.item(), (rate, copy.deepcopy(net.state_dict()))
    return best_loss, best


if __name__ == "__main__":
    torch.manual_seed(1)
    lowest, (rate, weights) = search([1e-3, 1e-2, 1e-1], torch.randn(32, 4), torch.randn(32, 1))
    print(rate, lowest, len(weights))
