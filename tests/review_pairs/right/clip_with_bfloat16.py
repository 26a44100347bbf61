import torch
from torch import nn


class Bf16Trainer:
    def __init__(self, net: nn.Module, device: str) -> None:
        self.net, self.device = net.to(device), device
        self.opt = torch.optim.AdamW(self.net.parameters(), lr=1e-3)

    def step(self, x: torch.Tensor, y: torch.Tensor) -> float:
        self.net.train()
        self.opt.zero_grad(set_to_none=True)
        with torch.autocast(device_type=self.device, dtype=torch.bfloat16):
            loss = nn.functional.cross_entropy(self.net(x), y)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.net.parameters(), 1.0)
        self.opt.step()
        return loss.item()


if __name__ == "__main__":
    torch.manual_seed(0)
    where = "cuda" if torch.cuda.is_available() else "cpu"
    trainer = Bf16Trainer(nn.Linear(4, 2), where)
    print(trainer.step(torch.randn(8, 4, device=where), torch.randint(0, 2, (8,), device=where)))
