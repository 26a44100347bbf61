"""Small data and models that several test files train."""

import torch
from torch import nn

LOSS = nn.functional.cross_entropy


def separable(batches=5, n=8, last=3):
    """Return batches of points that a linear model can tell apart; a short last."""
    generator = torch.Generator().manual_seed(0)
    sizes = [n] * (batches - 1) + [last]
    made = []
    for size in sizes:
        targets = torch.randint(0, 2, (size,), generator=generator)
        images = torch.randn(size, 3, 4, 4, generator=generator)
        images[:, 0] += 2.0 * targets.view(-1, 1, 1) - 1
        made.append((images, targets))
    return made


def linear():
    torch.manual_seed(0)
    return nn.Sequential(nn.Flatten(), nn.Linear(48, 2))


def same_weights(one, other):
    """Whether two models are equal bit for bit, buffers included."""
    first, second = one.state_dict(), other.state_dict()
    return first.keys() == second.keys() and all(
        torch.equal(first[key], second[key]) for key in first
    )
