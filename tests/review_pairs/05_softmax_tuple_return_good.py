"""A classifier that returns its features too."""
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


class Embedder(nn.Module):
    def __init__(self, n_in=16, width=8, classes=3):
        super().__init__()
        self.trunk = nn.Sequential(nn.Linear(n_in, width), nn.Tanh())
        self.classify = nn.Linear(width, classes)

    def forward(self, x):
        features = self.trunk(x)
        pred = self.classify(features)
        return pred, features


def main():
    torch.manual_seed(5)
    x = torch.randn(90, 16)
    loader = DataLoader(TensorDataset(x, x[:, :3].argmax(1)), 30, shuffle=True)
    net = Embedder()
    cross_entropy = nn.CrossEntropyLoss(label_smoothing=0.1)
    optimizer = torch.optim.RMSprop(net.parameters(), lr=1e-3)
    for epoch in range(3):
        net.train()
        for batch, target in loader:
            optimizer.zero_grad()
            pred, features = net(batch)
            penalty = 1e-3 * features.pow(2).mean()
            loss = cross_entropy(pred, target) + penalty
            loss.backward()
            optimizer.step()
        print(epoch, loss.item())


if __name__ == "__main__":
    main()
