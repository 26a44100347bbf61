"""Compile, train, save, restore."""
import torch
from torch import nn, optim

from model import build, restore


def main(path: str = "weights.pt", steps: int = 5) -> None:
    torch.manual_seed(0)
    net = build()
    net = torch.compile(net)
    optimizer = optim.AdamW(net.parameters())
    net.train()
    for _ in range(steps):
        x, y = torch.rand(8, 1, 8, 8), torch.randint(0, 3, (8,))
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(net(x), y)
        loss.backward()
        optimizer.step()
    torch.save(net.state_dict(), path)  # FAULT note 16
    with torch.inference_mode():
        print(restore(path)(x).argmax(1).tolist())


if __name__ == "__main__":
    main()
