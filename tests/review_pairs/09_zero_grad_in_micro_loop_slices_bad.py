"""One update from several slices of a batch."""
import torch
from torch import nn

SLICES = 4


def train_batch(model, optimizer, images, labels):
    criterion = nn.CrossEntropyLoss()
    for part, target in zip(images.split(8), labels.split(8)):
        optimizer.zero_grad()  # FAULT note 9
        loss = criterion(model(part), target) / SLICES
        loss.backward()
    optimizer.step()
    return loss.item() * SLICES


def main():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Flatten(), nn.Linear(3 * 8 * 8, 5))
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    model.train()
    for step in range(4):
        images = torch.rand(8 * SLICES, 3, 8, 8)
        labels = torch.randint(0, 5, (8 * SLICES,))
        print(step, train_batch(model, optimizer, images, labels))


if __name__ == "__main__":
    main()
