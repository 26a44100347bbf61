import argparse

import torch
from torch import nn, optim
from torch.nn.utils import clip_grad_value_


def learn(net: nn.Module, optimizer: optim.Optimizer, x, y, limit: float) -> float:
    loss = nn.functional.mse_loss(net(x), y)
    loss.backward()
    optimizer.step()
    clip_grad_value_(net.parameters(), limit)  # FAULT note 8
    optimizer.zero_grad()
    return loss.item()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--clip", type=float, default=0.1)
    parser.add_argument("--steps", type=int, default=20)
    args = parser.parse_args()
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(3, 9), nn.Sigmoid(), nn.Linear(9, 1))
    optimizer = optim.SGD(net.parameters(), lr=0.1)
    x = torch.randn(50, 3)
    for step in range(args.steps):
        loss = learn(net, optimizer, x, x.prod(1, keepdim=True), args.clip)
    print(step, loss)


if __name__ == "__main__":
    main()
