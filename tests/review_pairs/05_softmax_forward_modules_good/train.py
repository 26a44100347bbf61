"""Train the digit network on random pictures."""
import torch
from torch.nn import CrossEntropyLoss as CE
from torch.utils.data import DataLoader, TensorDataset

from model import DigitNet


def run(epochs=2):
    torch.manual_seed(0)
    data = TensorDataset(torch.rand(64, 1, 28, 28), torch.randint(0, 10, (64,)))
    net = DigitNet()
    loss_fn = CE()
    opt = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9)
    for _ in range(epochs):
        net.train()
        for x, y in DataLoader(data, batch_size=16, shuffle=True):
            opt.zero_grad()
            loss = loss_fn(net(x), y)
            loss.backward()
            opt.step()
    return loss.item()


if __name__ == "__main__":
    print(run())
