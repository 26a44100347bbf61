"""Diabetic foot ulcers: probabilities are needed for the ROC curve only."""
import numpy as np
import torch
import torch.nn.functional as F
from sklearn.metrics import roc_auc_score
from torch import nn, optim
from torchvision.models import resnet18


def evaluate(model, loader, device):
    model.eval()
    losses, probs, targets = 0.0, [], []
    with torch.no_grad():
        for x, y in loader:
            logits = model(x.to(device))
            losses += F.cross_entropy(logits, y.to(device), reduction="sum").item()
            outputs = F.softmax(logits, dim=1)
            probs.append(outputs[:, 1].cpu().numpy())
            targets.append(y.numpy())
    targets = np.concatenate(targets)
    return losses / len(targets), roc_auc_score(targets, np.concatenate(probs))


def train(train_loader, val_loader, device, epochs=25):
    model = resnet18(num_classes=2).to(device)
    criterion = nn.CrossEntropyLoss()
    optimizer = optim.AdamW(model.parameters(), lr=1e-4)
    softmax = nn.Softmax(dim=1)
    for epoch in range(epochs):
        model.train()
        confident = seen = 0
        for x, y in train_loader:
            x, y = x.to(device), y.to(device)
            optimizer.zero_grad()
            out = model(x)
            loss = criterion(out, y)
            loss.backward()
            optimizer.step()
            p = softmax(out.detach())
            confident += (p.max(1).values > 0.9).sum().item()
            seen += len(y)
        val_loss, auc = evaluate(model, val_loader, device)
        print(f"{epoch}: confident {confident / seen:.2f} val {val_loss:.4f} auc {auc:.4f}")
    return model
