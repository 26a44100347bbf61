"""A recurrent forecaster; its gradients are clipped."""
import torch
from torch import nn


class Forecaster(nn.Module):
    def __init__(self, hidden=16):
        super().__init__()
        self.lstm = nn.LSTM(1, hidden, batch_first=True)
        self.out = nn.Linear(hidden, 1)

    def forward(self, series):
        states, _ = self.lstm(series)
        return self.out(states[:, -1])


class Coach:
    def __init__(self, net, max_norm):
        self.net, self.max_norm = net, max_norm
        self.optimizer = torch.optim.Adam(net.parameters(), lr=1e-2)
        self.criterion = nn.MSELoss()

    def limit(self):
        nn.utils.clip_grad_norm_(self.net.parameters(), self.max_norm)

    def practise(self, series, following):
        self.net.train()
        self.optimizer.zero_grad()
        loss = self.criterion(self.net(series), following)
        self.limit()  # FAULT note 8
        loss.backward()
        self.optimizer.step()
        return loss.item()


if __name__ == "__main__":
    torch.manual_seed(0)
    waves = torch.sin(torch.linspace(0, 60, 33 * 20)).view(20, 33, 1)
    coach = Coach(Forecaster(), max_norm=1.0)
    for _ in range(5):
        print(coach.practise(waves[:, :-1], waves[:, -1]))
