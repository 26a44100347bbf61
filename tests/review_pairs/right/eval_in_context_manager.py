import contextlib

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


@contextlib.contextmanager
def evaluating(model):
    was_training = model.training
    model.eval()
    try:
        with torch.inference_mode():
            yield model
    finally:
        model.train(was_training)


def accuracy(model, loader):
    with evaluating(model):
        right = sum((model(x).argmax(1) == y).sum().item() for x, y in loader)
    return right / len(loader.dataset)


def main():
    torch.manual_seed(0)
    data = TensorDataset(torch.randn(60, 6), torch.randint(0, 3, (60,)))
    loader = DataLoader(data, batch_size=20)
    model = nn.Sequential(nn.Linear(6, 12), nn.Dropout(0.5), nn.Linear(12, 3))
    optimizer = torch.optim.Adam(model.parameters())
    model.train()
    for epoch in range(2):
        for x, y in loader:
            optimizer.zero_grad()
            nn.functional.cross_entropy(model(x), y).backward()
            optimizer.step()
        print(epoch, accuracy(model, loader))


if __name__ == "__main__":
    main()
