"""Missing measurements are NaN in the table and leave the loss alone."""
import torch
from torch import nn


def masked_loss(predicted, measured):
    known = ~torch.isnan(measured)
    return nn.functional.mse_loss(predicted[known], measured[known])


def main():
    torch.manual_seed(0)
    x = torch.randn(40, 5)
    y = x[:, :3].clone()
    y[torch.rand_like(y) < 0.2] = float("nan")
    print("missing:", int(torch.isnan(y).sum()))
    net = nn.Linear(5, 3)
    optimizer = torch.optim.Adam(net.parameters(), lr=0.05)
    net.train()
    for _ in range(20):
        optimizer.zero_grad()
        loss = masked_loss(net(x), y)
        loss.backward()
        norm = nn.utils.clip_grad_norm_(net.parameters(), 5.0)
        if not torch.isfinite(norm):
            raise FloatingPointError("gradients are not finite")
        optimizer.step()
    print(loss.item())


if __name__ == "__main__":
    main()
