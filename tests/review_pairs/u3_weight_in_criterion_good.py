"""Rare classes count more."""
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


class Learner:
    def __init__(self, model, class_counts, lr=1e-2):
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self.model = model.to(self.device)
        weight = class_counts.sum() / (len(class_counts) * class_counts)
        self.criterion = nn.CrossEntropyLoss(weight=weight.to(self.device))
        self.optimizer = torch.optim.Adam(self.model.parameters(), lr=lr)

    def fit(self, loader, epochs):
        for _ in range(epochs):
            self.model.train()
            for x, y in loader:
                x, y = x.to(self.device), y.to(self.device)
                self.optimizer.zero_grad()
                loss = self.criterion(self.model(x), y)
                loss.backward()
                self.optimizer.step()
        return loss.item()


if __name__ == "__main__":
    torch.manual_seed(0)
    y = torch.tensor([0] * 80 + [1] * 15 + [2] * 5)
    loader = DataLoader(TensorDataset(torch.randn(100, 4), y), batch_size=20, shuffle=True)
    print(Learner(nn.Linear(4, 3), torch.bincount(y).float()).fit(loader, 3))
