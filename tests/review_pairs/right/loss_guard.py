import math

import torch
from torch import nn


def train(model, loader, val_loader, optimizer, device, epochs=10, max_norm=5.0):
    """A non-finite loss ends the run; non-finite gradients skip one update."""
    criterion = nn.CTCLoss(zero_infinity=True)
    history = []
    for epoch in range(epochs):
        model.train()
        for feats, feat_len, text, text_len in loader:
            optimizer.zero_grad()
            log_probs = model(feats.to(device)).log_softmax(-1).transpose(0, 1)
            loss = criterion(log_probs, text.to(device), feat_len, text_len)
            if not torch.isfinite(loss):
                raise RuntimeError(f"loss is {loss.item()} in epoch {epoch}")
            loss.backward()
            norm = nn.utils.clip_grad_norm_(model.parameters(), max_norm)
            if not torch.isfinite(norm):
                print("skipped one update, gradient norm", norm.item())
                continue
            optimizer.step()
            history.append(loss.item())
        val = validate(model, val_loader, criterion, device)
        if math.isnan(val):
            raise RuntimeError("validation loss is NaN")
        print(f"epoch {epoch}: train {sum(history[-len(loader):]) / len(loader):.3f} val {val:.3f}")
    return history


@torch.no_grad()
def validate(model, loader, criterion, device):
    model.eval()
    total, n = 0.0, 0
    for feats, feat_len, text, text_len in loader:
        log_probs = model(feats.to(device)).log_softmax(-1).transpose(0, 1)
        total += criterion(log_probs, text.to(device), feat_len, text_len).item()
        n += 1
    return total / n
