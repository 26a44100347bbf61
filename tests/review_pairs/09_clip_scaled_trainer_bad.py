from dataclasses import dataclass

import torch
from torch import nn
from torch.nn.utils import clip_grad_value_


@dataclass
class Options:
    lr: float = 1e-2
    clip_value: float = 0.05
    device: str = "cuda" if torch.cuda.is_available() else "cpu"


class AmpTrainer:
    def __init__(self, net: nn.Module, opts: Options):
        self.net, self.opts = net.to(opts.device), opts
        self.optimizer = torch.optim.SGD(net.parameters(), lr=opts.lr, momentum=0.9)
        self.scaler = torch.amp.GradScaler(opts.device)

    def loss(self, x, y):
        with torch.autocast(self.opts.device, dtype=torch.float16):
            return nn.functional.mse_loss(self.net(x), y)

    def update(self, x, y):
        self.optimizer.zero_grad()
        loss = self.loss(x, y)
        self.scaler.scale(loss).backward()
        self.apply_gradients()
        return loss.item()

    def apply_gradients(self):
        clip_grad_value_(self.net.parameters(), self.opts.clip_value)  # FAULT note 9
        self.scaler.step(self.optimizer)
        self.scaler.update()


if __name__ == "__main__":
    torch.manual_seed(0)
    opts = Options()
    trainer = AmpTrainer(nn.Linear(5, 1), opts)
    for _ in range(4):
        x = torch.randn(16, 5, device=opts.device)
        print(trainer.update(x, x.sum(1, keepdim=True)))
