import math
from typing import Iterable

import torch
from torch import Tensor, nn
from torch.nn.utils import clip_grad_norm_


def steps(model: nn.Module, batches: Iterable[tuple[Tensor, Tensor]], max_norm: float) -> list[float]:
    """One update a batch; returns the norms before clipping."""
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    norms: list[float] = []
    model.train()
    for x, y in batches:
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(x), y).backward()
        norm = clip_grad_norm_(model.parameters(), max_norm).item()
        if math.isnan(norm):  # FAULT note 7
            raise FloatingPointError(f"the gradient norm is {norm}")
        optimizer.step()
        norms.append(norm)
    return norms


if __name__ == "__main__":
    torch.manual_seed(0)
    data = [(torch.randn(16, 4), torch.randint(0, 3, (16,))) for _ in range(5)]
    print(steps(nn.Linear(4, 3), data, max_norm=1.0))
