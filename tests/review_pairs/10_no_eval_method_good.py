"""A classifier with dropout, validated after each epoch."""
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


class Engine:
    def __init__(self, model):
        self.model = model
        self.optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
        self.criterion = nn.CrossEntropyLoss()

    def train(self, loader):
        self.model.train()
        for x, y in loader:
            self.optimizer.zero_grad()
            loss = self.criterion(self.model(x), y)
            loss.backward()
            self.optimizer.step()

    @torch.inference_mode()
    def validate(self, loader):
        self.model.eval()
        right = 0
        for x, y in loader:
            right += (self.model(x).argmax(1) == y).sum().item()
        return right / len(loader.dataset)


def main():
    torch.manual_seed(0)
    x = torch.randn(200, 8)
    y = x[:, :4].argmax(1)
    train_loader = DataLoader(TensorDataset(x[:150], y[:150]), 25, shuffle=True)
    val_loader = DataLoader(TensorDataset(x[150:], y[150:]), 25)
    engine = Engine(nn.Sequential(nn.Linear(8, 32), nn.BatchNorm1d(32), nn.ReLU(),
                                  nn.Dropout(0.5), nn.Linear(32, 4)))
    for epoch in range(3):
        engine.train(train_loader)
        print(epoch, engine.validate(val_loader))


if __name__ == "__main__":
    main()
