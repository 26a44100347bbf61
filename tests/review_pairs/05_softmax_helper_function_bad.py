"""Classify points in the plane; the output and the loss have functions of their own."""
import torch
from torch import nn
from torch.nn.functional import cross_entropy, softmax


def predict(model, points):
    scores = model(points)
    return softmax(scores, dim=1)  # FAULT note 5


def objective(model, points, labels):
    predicted = predict(model, points)
    return cross_entropy(predicted, labels)


def update(model, optimizer, points, labels):
    model.train()
    loss = objective(model, points, labels)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.detach()


def accuracy(model, points, labels):
    model.eval()
    with torch.no_grad():
        return (predict(model, points).argmax(1) == labels).float().mean().item()


def main():
    torch.manual_seed(1)
    points = torch.rand(256, 2) * 2 - 1
    labels = (points[:, 0] * points[:, 1] > 0).long()
    model = nn.Sequential(nn.Linear(2, 16), nn.Tanh(), nn.Linear(16, 2))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.03)
    for _ in range(100):
        loss = update(model, optimizer, points, labels)
    print(f"loss {loss:.3f} accuracy {accuracy(model, points, labels):.3f}")


if __name__ == "__main__":
    main()
