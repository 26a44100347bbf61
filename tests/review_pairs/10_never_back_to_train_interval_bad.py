import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


class IterationTrainer:
    """Counts iterations, not epochs; validates every few of them."""

    def __init__(self, net, train_set, val_set, every=5):
        self.net, self.every = net, every
        self.train_set, self.val_set = train_set, val_set
        self.opt = torch.optim.AdamW(net.parameters(), lr=3e-3)
        self.best = 0.0

    def check(self):
        self.net.eval()
        right = 0
        with torch.inference_mode():
            for x, y in DataLoader(self.val_set, batch_size=40):
                right += (self.net(x).argmax(1) == y).sum().item()
        self.best = max(self.best, right / len(self.val_set))  # FAULT note 10

    def run(self):
        self.net.train()
        for iteration, (x, y) in enumerate(DataLoader(self.train_set, 8, shuffle=True), 1):
            self.opt.zero_grad()
            loss = nn.functional.cross_entropy(self.net(x), y)
            loss.backward()
            self.opt.step()
            if iteration % self.every == 0:
                self.check()
        return self.best


if __name__ == "__main__":
    torch.manual_seed(0)
    x = torch.randn(200, 5)
    y = (x[:, 0] > 0).long()
    net = nn.Sequential(nn.Linear(5, 16), nn.ReLU(), nn.Dropout(0.3), nn.Linear(16, 2))
    print(IterationTrainer(net, TensorDataset(x[:160], y[:160]), TensorDataset(x[160:], y[160:])).run())
