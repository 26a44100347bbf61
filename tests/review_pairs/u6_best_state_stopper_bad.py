import math

import torch
from torch import nn


class EarlyStopping:
    """Stops after `patience` epochs without a better loss."""

    def __init__(self, patience: int = 3) -> None:
        self.patience, self.waited = patience, 0
        self.best = math.inf
        self.state: dict[str, torch.Tensor] = {}

    def update(self, loss: float, model: nn.Module) -> bool:
        if loss < self.best:
            self.best, self.waited = loss, 0
            self.state = {k: v.detach() for k, v in model.state_dict().items()}  # FAULT note U6
        else:
            self.waited += 1
        return self.waited >= self.patience


def run(model, x, y, epochs=50):
    stopper = EarlyStopping()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
    for _ in range(epochs):
        model.train()
        optimizer.zero_grad()
        nn.functional.mse_loss(model(x[:20]), y[:20]).backward()
        optimizer.step()
        model.eval()
        with torch.no_grad():
            loss = nn.functional.mse_loss(model(x[20:]), y[20:]).item()
        if stopper.update(loss, model):
            break
    model.load_state_dict(stopper.state)
    return stopper.best


if __name__ == "__main__":
    torch.manual_seed(0)
    print(run(nn.Linear(6, 1), torch.randn(40, 6), torch.randn(40, 1)))
