import torch
import torch.nn.functional as F
from torch import nn, optim


class SharedEncoder(nn.Module):
    def __init__(self, n_in=40, d=128, n_disease=6):
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(n_in, d), nn.ReLU(), nn.Linear(d, d), nn.ReLU())
        self.diagnosis = nn.Linear(d, n_disease)
        self.age = nn.Linear(d, 1)

    def forward(self, x):
        h = self.encoder(x)
        return self.diagnosis(h), self.age(h).squeeze(1), h


def encoder_norm(model):
    return torch.sqrt(sum(p.grad.pow(2).sum() for p in model.encoder.parameters())).item()


def train_epoch(model, loader, optimizer, log):
    """The encoder's gradient from the first task is logged separately."""
    model.train()
    for x, disease, age in loader:
        optimizer.zero_grad()
        logits, age_hat, _ = model(x)
        loss_a = F.cross_entropy(logits, disease)
        loss_b = F.smooth_l1_loss(age_hat, age)

        loss_a.backward(retain_graph=True)   # the encoder's graph is needed once more
        log.append(encoder_norm(model))
        (0.1 * loss_b).backward()
        optimizer.step()


def main(loader, epochs=10):
    torch.manual_seed(0)
    model = SharedEncoder()
    optimizer = optim.Adam(model.parameters(), lr=1e-3)
    log = []
    for epoch in range(epochs):
        train_epoch(model, loader, optimizer, log)
        print(epoch, sum(log[-len(loader):]) / len(loader))
    torch.save(model.state_dict(), "multitask.pt")
