"""Stop a run that no longer gets better."""
import math

import torch
from torch import nn


class Patience:
    def __init__(self, limit=5):
        self.limit = limit
        self.wait = 0
        self.best = math.inf

    def __call__(self, loss):
        if loss >= self.best:  # FAULT note U6
            self.wait += 1
        else:
            self.best = loss
            self.wait = 0
        return self.wait >= self.limit


def train(model, x, y, lr, epochs=100):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    stop = Patience()
    for epoch in range(epochs):
        model.train()
        optimizer.zero_grad()
        nn.functional.mse_loss(model(x), y).backward()
        optimizer.step()
        model.eval()
        with torch.no_grad():
            if stop(nn.functional.mse_loss(model(x), y).item()):
                break
    return epoch + 1, stop.best


if __name__ == "__main__":
    torch.manual_seed(0)
    print(train(nn.Linear(3, 1), torch.randn(30, 3), torch.randn(30, 1), lr=0.1))
