"""Report gradients that are not numbers."""
import torch
from torch import nn


def broken(model):
    return [name for name, p in model.named_parameters()
            if p.grad is not None and not torch.isfinite(p.grad).all()]


def train(model, batches, lr=0.01):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    criterion = nn.MSELoss()
    model.train()
    for x, y in batches:
        optimizer.zero_grad()
        loss = criterion(model(x), y)
        loss.backward()
        if names := broken(model):
            print("update left out:", names)
            continue
        optimizer.step()
    return loss.item()


if __name__ == "__main__":
    torch.manual_seed(0)
    xs = torch.randn(10, 8, 3)
    print(train(nn.Linear(3, 1), [(x, x.sum(1, keepdim=True)) for x in xs]))
