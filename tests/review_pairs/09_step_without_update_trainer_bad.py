import torch
from torch import Tensor, nn
from torch.nn.utils import clip_grad_norm_


class MixedPrecision:
    def __init__(self, model: nn.Module, device: str, clip: float = 1.0) -> None:
        self.model = model.to(device)
        self.device = device
        self.clip = clip
        self.opt = torch.optim.SGD(self.model.parameters(), lr=0.02)
        self.grad_scaler = torch.amp.GradScaler(device)

    def forward_loss(self, x: Tensor, y: Tensor) -> Tensor:
        with torch.autocast(self.device, dtype=torch.float16):
            return nn.functional.mse_loss(self.model(x), y)

    def optimise(self, loss: Tensor) -> None:
        self.opt.zero_grad()
        self.grad_scaler.scale(loss).backward()
        self.grad_scaler.unscale_(self.opt)
        clip_grad_norm_(self.model.parameters(), self.clip)
        self.grad_scaler.step(self.opt)  # FAULT note 9


if __name__ == "__main__":
    where = "cuda" if torch.cuda.is_available() else "cpu"
    torch.manual_seed(0)
    runner = MixedPrecision(nn.Linear(3, 1), where)
    for _ in range(3):
        x = torch.randn(16, 3, device=where)
        runner.optimise(runner.forward_loss(x, x.mean(1, keepdim=True)))
    print(runner.grad_scaler.get_scale())
