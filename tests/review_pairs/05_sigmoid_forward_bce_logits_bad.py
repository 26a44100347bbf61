"""Is there a crack in the solar cell?"""
import torch
from torch import nn


class CrackNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 8, 5, stride=2)
        self.fc = nn.Linear(8, 1)

    def forward(self, cell):
        h = torch.relu(self.conv(cell)).amax((2, 3))
        return torch.sigmoid(self.fc(h)).squeeze(1)  # FAULT note 5


class Session:
    def __init__(self, net):
        self.net = net
        self.objective = nn.BCEWithLogitsLoss()
        self.opt = torch.optim.Adam(net.parameters(), lr=1e-3)

    def learn(self, cells, cracked):
        self.net.train()
        self.opt.zero_grad()
        loss = self.objective(self.net(cells), cracked)
        loss.backward()
        self.opt.step()
        return loss.item()


if __name__ == "__main__":
    torch.manual_seed(0)
    session = Session(CrackNet())
    cells, cracked = torch.rand(16, 1, 32, 32), torch.randint(0, 2, (16,)).float()
    for _ in range(3):
        print(session.learn(cells, cracked))
