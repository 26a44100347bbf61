"""Three heads, one backward pass."""
import torch
from torch import nn


class Heads(nn.Module):
    def __init__(self, width=8, heads=3):
        super().__init__()
        self.body = nn.Linear(4, width)
        self.heads = nn.ModuleList(nn.Linear(width, 2) for _ in range(heads))

    def forward(self, x):
        h = self.body(x).relu()
        return [head(h) for head in self.heads]


def step(model, optimizer, x, labels):
    model.train()
    losses = []
    for logits, label in zip(model(x), labels):
        losses.append(nn.functional.cross_entropy(logits, label))
    optimizer.zero_grad()
    sum(losses).backward()
    optimizer.step()
    return [loss.item() for loss in losses]


if __name__ == "__main__":
    torch.manual_seed(0)
    model = Heads()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    print(step(model, optimizer, torch.randn(8, 4), torch.randint(0, 2, (3, 8))))
