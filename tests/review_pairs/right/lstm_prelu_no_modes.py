import torch
from torch import nn
from torchvision import datasets, transforms


class RowLSTM(nn.Module):
    """Reads a 28x28 digit row by row."""

    def __init__(self, hidden=128, classes=10):
        super().__init__()
        self.inp = nn.Linear(28, 64)
        self.act = nn.PReLU()
        self.lstm = nn.LSTM(64, hidden, num_layers=2, batch_first=True)
        self.norm = nn.LayerNorm(hidden)
        self.out = nn.Linear(hidden, classes)

    def forward(self, x):
        h, _ = self.lstm(self.act(self.inp(x.squeeze(1))))
        return self.out(self.norm(h[:, -1]))


tf = transforms.ToTensor()
tr = torch.utils.data.DataLoader(datasets.MNIST("d", train=True, transform=tf, download=True), 128, shuffle=True)
te = torch.utils.data.DataLoader(datasets.MNIST("d", train=False, transform=tf, download=True), 1000)

net = RowLSTM()
opt = torch.optim.Adam(net.parameters(), 2e-3)
lossf = nn.CrossEntropyLoss()

for ep in range(3):
    for x, y in tr:
        opt.zero_grad()
        lossf(net(x), y).backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        opt.step()
    with torch.no_grad():
        c = sum((net(x).argmax(1) == y).sum().item() for x, y in te)
    print(ep, c / len(te.dataset))
