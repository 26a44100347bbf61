import torch
import torch.nn.functional as F
from torch import nn, optim
from torch.utils.data import DataLoader, TensorDataset

WEIGHTS = torch.tensor([1.0, 2.0, 5.0])


def train(loader, epochs=3):
    net = nn.Sequential(nn.Linear(10, 20), nn.ReLU(), nn.Linear(20, 3)).cuda()
    opt = optim.SGD(net.parameters(), lr=0.1)
    weights = WEIGHTS.cuda()
    for epoch in range(epochs):
        net.train()
        for x, y in loader:
            x, y = x.cuda(), y.cuda()
            opt.zero_grad()
            loss = F.cross_entropy(net(x), y, weight=weights)
            loss.backward()
            opt.step()
        print(epoch, loss.item())
    return net


if __name__ == "__main__":
    torch.manual_seed(0)
    data = TensorDataset(torch.randn(60, 10), torch.randint(0, 3, (60,)))
    train(DataLoader(data, batch_size=20, shuffle=True))
