"""Fast gradient sign examples in training."""
import torch
from torch import nn
from torch.nn import functional as F


def perturb(model, x, y, epsilon):
    x = x.clone().requires_grad_(True)
    loss = F.cross_entropy(model(x), y)
    (gradient,) = torch.autograd.grad(loss, x)
    return (x + epsilon * gradient.sign()).detach()


def train(model, batches, epsilon=0.1):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for x, y in batches:
        model.train()
        x_adv = perturb(model, x, y, epsilon)
        optimizer.zero_grad()
        loss = 0.5 * (F.cross_entropy(model(x), y) + F.cross_entropy(model(x_adv), y))
        loss.backward()
        optimizer.step()
    return loss.item()


if __name__ == "__main__":
    torch.manual_seed(0)
    data = [(torch.randn(8, 4), torch.randint(0, 2, (8,))) for _ in range(4)]
    print(train(nn.Linear(4, 2), data))
