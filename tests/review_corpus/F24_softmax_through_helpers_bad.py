import torch
import torch.nn as nn
import torch.nn.functional as F
from torchvision.models import densenet121


def make_head(in_dim, n_out, p=0.3):
    layers = [nn.Dropout(p), nn.Linear(in_dim, 256), nn.ReLU(), nn.Linear(256, n_out)]
    layers.append(nn.Softmax(dim=1))  # FAULT note 5
    return nn.Sequential(*layers)


class XRayNet(nn.Module):
    def __init__(self, n_out=3):
        super().__init__()
        base = densenet121(weights="IMAGENET1K_V1")
        self.encoder = base.features
        self.head = make_head(1024, n_out)

    def forward(self, x):
        z = F.relu(self.encoder(x))
        z = F.adaptive_avg_pool2d(z, 1).flatten(1)
        return self.head(z)


def compute_loss(outputs, labels):
    return nn.CrossEntropyLoss()(outputs, labels)


def train_step(model, batch, optimizer):
    optimizer.zero_grad()
    scores = model(batch["xray"])
    loss = compute_loss(scores, batch["label"])
    loss.backward()
    optimizer.step()
    return loss.item()


def run(loader, epochs=10):
    model = XRayNet()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-4)
    for _ in range(epochs):
        model.train()
        for batch in loader:
            train_step(model, batch, optimizer)
    return model
