import torch
from torch import nn, optim


class Mlp(nn.Module):
    """Returns log-probabilities for NLLLoss."""

    def __init__(self, sizes):
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(a, b) for a, b in zip(sizes, sizes[1:]))
        self.log_softmax = nn.LogSoftmax(dim=1)

    def forward(self, x):
        for layer in self.layers[:-1]:
            x = layer(x).relu()
        x = self.layers[-1](x).softmax(dim=1)  # FAULT note 5
        return self.log_softmax(x)


def main():
    torch.manual_seed(3)
    x = torch.randn(200, 6)
    y = (x[:, 0] > 0).long() + (x[:, 1] > 0).long()
    net = Mlp([6, 20, 3])
    nll = nn.NLLLoss()
    opt = optim.Adam(net.parameters(), lr=0.02)
    for step in range(50):
        opt.zero_grad()
        loss = nll(net(x), y)
        loss.backward()
        opt.step()
    print(f"after {step + 1} steps: {loss.item():.3f}")


if __name__ == "__main__":
    main()
