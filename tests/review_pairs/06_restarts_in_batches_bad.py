"""Warm restarts for a small classifier."""
import torch
from torch import nn
from torch.optim.lr_scheduler import CosineAnnealingWarmRestarts
from torch.utils.data import DataLoader, TensorDataset


class Experiment:
    def __init__(self, loader, epochs=9, period=3):
        self.loader, self.epochs = loader, epochs
        self.model = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 2))
        self.optimizer = torch.optim.SGD(self.model.parameters(), lr=0.1)
        self.scheduler = CosineAnnealingWarmRestarts(
            self.optimizer, T_0=period * len(loader))  # FAULT note 6
        self.criterion = nn.CrossEntropyLoss()

    def one_epoch(self):
        self.model.train()
        for x, y in self.loader:
            self.optimizer.zero_grad()
            loss = self.criterion(self.model(x), y)
            loss.backward()
            self.optimizer.step()
        return loss.item()

    def run(self):
        rates = []
        for _ in range(self.epochs):
            rates.append(self.scheduler.get_last_lr()[0])
            self.one_epoch()
            self.scheduler.step()
        return rates


if __name__ == "__main__":
    torch.manual_seed(0)
    x = torch.randn(80, 4)
    print(Experiment(DataLoader(TensorDataset(x, (x[:, 0] > 0).long()), 10)).run())
