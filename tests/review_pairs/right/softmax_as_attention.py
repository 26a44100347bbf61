"""Attention pooling over a sequence."""
import torch
from torch import nn
from torch.nn import functional as F


class AttentionPool(nn.Module):
    def __init__(self, width, classes):
        super().__init__()
        self.score = nn.Linear(width, 1)
        self.head = nn.Linear(width, classes)

    def forward(self, tokens):
        weights = F.softmax(self.score(tokens), dim=1)
        pooled = (weights * tokens).sum(1)
        return self.head(pooled)


def main():
    torch.manual_seed(0)
    model = AttentionPool(12, 3)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2)
    for _ in range(4):
        model.train()
        optimizer.zero_grad()
        loss = F.cross_entropy(model(torch.randn(8, 5, 12)), torch.randint(0, 3, (8,)))
        loss.backward()
        optimizer.step()
    print(loss.item())


if __name__ == "__main__":
    main()
