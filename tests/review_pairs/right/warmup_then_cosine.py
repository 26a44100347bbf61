from dataclasses import dataclass

import torch
from torch import nn
from torch.optim.lr_scheduler import CosineAnnealingLR, LinearLR, SequentialLR


@dataclass
class Plan:
    epochs: int = 10
    warmup: int = 3
    lr: float = 0.1


def make_schedule(optimizer, plan):
    warmup = LinearLR(optimizer, start_factor=0.1, total_iters=plan.warmup)
    cosine = CosineAnnealingLR(optimizer, T_max=plan.epochs - plan.warmup)
    return SequentialLR(optimizer, [warmup, cosine], milestones=[plan.warmup])


def main(plan=Plan()):
    torch.manual_seed(0)
    net = nn.Linear(3, 1)
    optimizer = torch.optim.SGD(net.parameters(), lr=plan.lr)
    schedule = make_schedule(optimizer, plan)
    x = torch.randn(20, 3)
    for epoch in range(plan.epochs):
        net.train()
        optimizer.zero_grad()
        loss = nn.functional.mse_loss(net(x), x[:, :1])
        loss.backward()
        optimizer.step()
        schedule.step()
        print(epoch, optimizer.param_groups[0]["lr"])


if __name__ == "__main__":
    main()
