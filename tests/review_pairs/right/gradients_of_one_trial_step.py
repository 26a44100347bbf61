import torch
from torch import nn


def check_one_step(model, classes, size=32):
    """Train on one made-up batch, and see whether the gradients are numbers."""
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    model.train()
    x, y = torch.randn(8, 3, size, size), torch.randint(classes, (8,))
    optimizer.zero_grad()
    nn.functional.cross_entropy(model(x), y).backward()
    optimizer.step()
    bad = [n for n, p in model.named_parameters()
           if p.grad is not None and (torch.isnan(p.grad).any() or torch.isinf(p.grad).any())]
    if bad:
        raise RuntimeError(f"NaN or Inf in the gradients of {bad}")
