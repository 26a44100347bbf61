"""Gradient accumulation with a rest at the end of the epoch."""
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


class Accumulator:
    def __init__(self, model, every):
        self.model, self.every = model, every
        self.optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)

    def update(self):
        nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimizer.step()
        self.optimizer.zero_grad()

    def epoch(self, loader):
        self.model.train()
        self.optimizer.zero_grad()
        for i, (x, y) in enumerate(loader):
            loss = nn.functional.cross_entropy(self.model(x), y) / self.every
            loss.backward()
            if (i + 1) % self.every == 0 or i + 1 == len(loader):
                self.update()
        return loss.item() * self.every


if __name__ == "__main__":
    torch.manual_seed(0)
    data = TensorDataset(torch.randn(72, 5), torch.randint(0, 3, (72,)))
    print(Accumulator(nn.Linear(5, 3), 4).epoch(DataLoader(data, batch_size=8, shuffle=True)))
