"""Fit a polynomial with a small training class."""
import torch
from torch import nn


class PolynomialFit:
    def __init__(self, degree: int):
        self.degree = degree
        self.layer = nn.Linear(degree, 1)
        self.optimizer = torch.optim.Adam(self.layer.parameters(), lr=0.1)

    def features(self, x):
        return torch.stack([x ** k for k in range(1, self.degree + 1)], dim=1)

    def reset_gradients(self):
        self.optimizer.zero_grad(set_to_none=True)

    def fit(self, x, y, steps=100):
        self.layer.train()
        for _ in range(steps):
            loss = nn.functional.mse_loss(self.layer(self.features(x)).squeeze(1), y)
            loss.backward()
            self.optimizer.step()
            self.reset_gradients()
        return loss.item()


if __name__ == "__main__":
    torch.manual_seed(0)
    x = torch.linspace(-1, 1, 40)
    print(PolynomialFit(3).fit(x, x ** 3 - x))
