import torch
import torch.amp as amp
from torch import nn


class Half:
    """Runs the network in half precision where there is a GPU."""

    def __init__(self, net: nn.Module) -> None:
        self.on = torch.cuda.is_available()
        self.device = torch.device("cuda" if self.on else "cpu")
        self.net = net.to(self.device)
        self.optimizer = torch.optim.AdamW(self.net.parameters(), lr=1e-3)
        self.scaler = amp.GradScaler("cuda", enabled=self.on)

    def step(self, x: torch.Tensor, y: torch.Tensor) -> float:
        self.net.train()
        self.optimizer.zero_grad()
        with amp.autocast("cuda", enabled=self.on):
            loss = nn.functional.cross_entropy(self.net(x.to(self.device)), y.to(self.device))
        self.scaler.scale(loss).backward()
        self.scaler.step(self.optimizer)
        self.scaler.update()
        return loss.item()


if __name__ == "__main__":
    torch.manual_seed(0)
    half = Half(nn.Linear(4, 2))
    print([half.step(torch.randn(8, 4), torch.randint(0, 2, (8,))) for _ in range(3)])
