"""Linear probe on frozen features."""
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


def probe(features, labels, classes, epochs=3):
    head = nn.Linear(features.shape[1], classes)
    optimizer = torch.optim.SGD(head.parameters(), lr=0.05)
    loader = DataLoader(TensorDataset(features, labels), batch_size=25, shuffle=True)
    loss_fn = nn.CrossEntropyLoss()
    for epoch in range(epochs):
        head.train()
        for x, y in loader:
            optimizer.zero_grad()
            loss = loss_fn(head(x), y)
            loss.backward()
            optimizer.step()
        print(f"{epoch}: {loss.item():.3f}")
    return head


def main():
    torch.manual_seed(0)
    backbone = nn.Sequential(nn.Conv2d(3, 6, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(2), nn.Flatten())
    backbone.eval()
    with torch.no_grad():
        features = backbone(torch.rand(100, 3, 12, 12))
    probe(features, torch.randint(0, 4, (100,)), 4)


if __name__ == "__main__":
    main()
