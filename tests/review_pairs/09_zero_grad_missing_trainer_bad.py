"""An autoencoder for short signals."""
import torch
from torch import nn
from torch.utils.data import DataLoader


class AutoEncoder(nn.Module):
    def __init__(self, length=16, code=3):
        super().__init__()
        self.encode = nn.Linear(length, code)
        self.decode = nn.Linear(code, length)

    def forward(self, signal):
        return self.decode(torch.tanh(self.encode(signal)))


class Fitting:
    def __init__(self, model):
        self.model = model
        self.optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)

    def _update(self, loss):
        loss.backward()  # FAULT note 9
        self.optimizer.step()

    def run(self, loader, epochs):
        for epoch in range(epochs):
            self.model.train()
            total = 0.0
            for signal in loader:
                loss = nn.functional.mse_loss(self.model(signal), signal)
                self._update(loss)
                total += loss.item()
            print(epoch, total / len(loader))


if __name__ == "__main__":
    torch.manual_seed(0)
    Fitting(AutoEncoder()).run(DataLoader(torch.randn(64, 16), batch_size=16, shuffle=True), 3)
