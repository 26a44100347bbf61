import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


def to_device(batch, device):
    return tuple(t.to(device, non_blocking=True) for t in batch)


def main():
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    data = TensorDataset(torch.randn(32, 4), torch.randint(0, 2, (32,)))
    loader = DataLoader(data, batch_size=8, pin_memory=device.type == "cuda")
    net = nn.Linear(4, 2).to(device)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    net.train()
    for batch in loader:
        x, y = to_device(batch, device)
        optimizer.zero_grad()
        nn.functional.cross_entropy(net(x), y).backward()
        optimizer.step()
    print(next(net.parameters()).device)


if __name__ == "__main__":
    main()
