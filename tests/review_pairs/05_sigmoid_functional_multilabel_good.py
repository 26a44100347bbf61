"""Several tags per picture."""
import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


def make_model(tags):
    return nn.Sequential(nn.Conv2d(3, 16, 4, 4), nn.ReLU(), nn.AdaptiveMaxPool2d(1),
                         nn.Flatten(), nn.Linear(16, tags))


def epoch(model, loader, optimizer):
    model.train()
    total = 0.0
    for pictures, tags in loader:
        optimizer.zero_grad()
        scores = model(pictures)
        loss = F.binary_cross_entropy_with_logits(scores, tags)
        loss.backward()
        optimizer.step()
        total += loss.item() * len(pictures)
    return total / len(loader.dataset)


def main():
    torch.manual_seed(0)
    data = TensorDataset(torch.rand(48, 3, 16, 16), (torch.rand(48, 6) > 0.7).float())
    model = make_model(6)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for k in range(3):
        print(k, epoch(model, DataLoader(data, 16, shuffle=True), optimizer))


if __name__ == "__main__":
    main()
