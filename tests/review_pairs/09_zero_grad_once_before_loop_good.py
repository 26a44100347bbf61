import torch
from torch import nn, optim


def backprop_and_step(loss: torch.Tensor, optimizer: optim.Optimizer) -> None:
    loss.backward()
    optimizer.step()


def main(steps: int = 50) -> None:
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 1))
    optimizer = optim.SGD(model.parameters(), lr=0.05)
    model.train()
    for step in range(steps):
        optimizer.zero_grad()
        x = torch.rand(32, 2)
        target = (x[:, :1] * x[:, 1:])
        loss = (model(x) - target).square().mean()
        backprop_and_step(loss, optimizer)
        if step % 10 == 0:
            print(step, loss.item())


if __name__ == "__main__":
    main()
