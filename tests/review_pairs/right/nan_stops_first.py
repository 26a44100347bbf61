import math

import torch
from torch import nn


class Stopper:
    def __init__(self, patience=3, delta=0.0):
        self.patience, self.delta = patience, delta
        self.best, self.wait = math.inf, 0

    def __call__(self, loss):
        if not math.isfinite(loss):
            raise FloatingPointError(f"validation loss {loss}")
        if loss >= self.best - self.delta:
            self.wait += 1
        else:
            self.best, self.wait = loss, 0
        return self.wait >= self.patience


if __name__ == "__main__":
    torch.manual_seed(0)
    net, stop = nn.Linear(4, 1), Stopper()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.3)
    x, y = torch.randn(30, 4), torch.randn(30, 1)
    for epoch in range(40):
        net.train()
        optimizer.zero_grad()
        nn.functional.mse_loss(net(x), y).backward()
        optimizer.step()
        net.eval()
        with torch.no_grad():
            if stop(nn.functional.mse_loss(net(x), y).item()):
                break
    print(epoch, stop.best)
