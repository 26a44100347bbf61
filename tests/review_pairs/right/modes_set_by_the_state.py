import torch
from torch import nn
from torchengine.state import BaseState


class State(BaseState):
    """train() and eval() of the base go on to every module it holds."""

    def __init__(self, model, optimizer):
        super().__init__()
        self.model = model
        self.optimizer = optimizer


def train_epoch(state, loader):
    state.train()
    for x, y in loader:
        loss = nn.functional.cross_entropy(state.model(x), y)
        state.optimizer.zero_grad()
        loss.backward()
        state.optimizer.step()


@torch.no_grad()
def validate(state, loader):
    state.eval()
    hits = n = 0
    for x, y in loader:
        hits += (state.model(x).argmax(1) == y).sum().item()
        n += len(y)
    return hits / n


def main(train_loader, val_loader, epochs=10):
    model = nn.Sequential(nn.Flatten(), nn.Linear(784, 256), nn.BatchNorm1d(256), nn.ReLU(), nn.Linear(256, 10))
    state = State(model, torch.optim.AdamW(model.parameters(), lr=1e-3))
    for epoch in range(epochs):
        train_epoch(state, train_loader)
        print(epoch, validate(state, val_loader))
