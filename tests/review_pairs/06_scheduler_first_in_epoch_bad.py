import torch
import torch.optim as optim
from torch import nn
from torch.optim import lr_scheduler
from torch.utils.data import DataLoader, TensorDataset

EPOCHS = 6


def train_epoch(net, loader, optimizer, loss_fn):
    net.train()
    running = 0.0
    for inputs, target in loader:
        optimizer.zero_grad()
        loss = loss_fn(net(inputs), target)
        loss.backward()
        optimizer.step()
        running += loss.item()
    return running / len(loader)


def main():
    torch.manual_seed(0)
    inputs = torch.randn(100, 5)
    loader = DataLoader(TensorDataset(inputs, inputs.sum(1, keepdim=True)), 25, shuffle=True)
    net = nn.Sequential(nn.Linear(5, 10), nn.ReLU(), nn.Linear(10, 1))
    optimizer = optim.SGD(net.parameters(), lr=0.05)
    schedule = lr_scheduler.MultiStepLR(optimizer, milestones=[3, 5], gamma=0.1)
    loss_fn = nn.MSELoss()
    for epoch in range(EPOCHS):
        schedule.step()  # FAULT note 6
        mean = train_epoch(net, loader, optimizer, loss_fn)
        print(f"{epoch}: {mean:.4f}")


if __name__ == "__main__":
    main()
