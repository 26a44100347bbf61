"""The share of each loss in the gradient of the common layer."""
import torch
from torch import nn


def step(trunk, heads, optimizer, x, targets):
    h = trunk(x).relu()
    first, second = (nn.functional.mse_loss(head(h), t) for head, t in zip(heads, targets))
    optimizer.zero_grad()
    first.backward(retain_graph=True)
    alone = trunk.weight.grad.norm().item()
    second.backward()
    optimizer.step()
    return alone, trunk.weight.grad.norm().item()


if __name__ == "__main__":
    torch.manual_seed(0)
    trunk, heads = nn.Linear(4, 8), nn.ModuleList([nn.Linear(8, 1), nn.Linear(8, 2)])
    optimizer = torch.optim.SGD([*trunk.parameters(), *heads.parameters()], lr=0.1)
    for _ in range(3):
        print(step(trunk, heads, optimizer, torch.randn(8, 4), (torch.randn(8, 1), torch.randn(8, 2))))
