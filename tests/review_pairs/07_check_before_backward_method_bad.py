import torch
from torch import nn, optim


def gradients_are_finite(module: nn.Module) -> bool:
    grads = [p.grad for p in module.parameters() if p.grad is not None]
    return all(bool(torch.isfinite(g).all()) for g in grads)


class Guarded:
    """Skips the update when a gradient is not finite."""

    def __init__(self, module: nn.Module, lr: float = 1e-3) -> None:
        self.module = module
        self.optim = optim.Adam(module.parameters(), lr=lr)
        self.skipped = 0

    def learn(self, x: torch.Tensor, y: torch.Tensor) -> float:
        self.optim.zero_grad()
        loss = nn.functional.smooth_l1_loss(self.module(x), y)
        finite = gradients_are_finite(self.module)  # FAULT note 7
        loss.backward()
        if finite:
            self.optim.step()
        else:
            self.skipped += 1
        return loss.item()


if __name__ == "__main__":
    torch.manual_seed(0)
    guarded = Guarded(nn.Linear(4, 1))
    for _ in range(5):
        x = torch.randn(8, 4)
        guarded.learn(x, x.sum(1, keepdim=True))
    print("skipped", guarded.skipped)
