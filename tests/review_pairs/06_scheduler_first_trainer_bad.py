"""Linear warm-up over the first updates."""
import torch
from torch import nn
from torch.optim.lr_scheduler import LambdaLR


class Runner:
    def __init__(self, model: nn.Module, warmup: int = 10) -> None:
        self.model = model
        self.opt = torch.optim.AdamW(model.parameters(), lr=1e-2)
        self.sched = LambdaLR(self.opt, lambda step: min(1.0, (step + 1) / warmup))

    def update(self, x: torch.Tensor, y: torch.Tensor) -> float:
        loss = nn.functional.mse_loss(self.model(x), y)
        self.opt.zero_grad()
        loss.backward()
        self._advance()
        return loss.item()

    def _advance(self) -> None:
        self.sched.step()  # FAULT note 6
        self.opt.step()


if __name__ == "__main__":
    torch.manual_seed(0)
    runner = Runner(nn.Linear(3, 1))
    for _ in range(20):
        x = torch.randn(16, 3)
        last = runner.update(x, x.sum(1, keepdim=True))
    print(last)
