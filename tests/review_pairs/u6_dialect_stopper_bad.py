import argparse
from pathlib import Path

import torch
import torch.nn.functional as F


class EarlyStopping:
    """Stops when the validation loss has not improved for `patience` epochs."""

    def __init__(self, patience=7, delta=0.0, path="checkpoint.pt"):
        self.patience = patience
        self.delta = delta
        self.path = Path(path)
        self.counter = 0
        self.best_score = None
        self.early_stop = False

    def __call__(self, val_loss, model):
        score = -val_loss
        if self.best_score is None:
            self.best_score = score
            self.save(model)
        elif score < self.best_score + self.delta:  # FAULT note u6
            self.counter += 1
            print(f"EarlyStopping counter: {self.counter} out of {self.patience}")
            self.early_stop = self.counter >= self.patience
        else:
            self.best_score = score
            self.save(model)
            self.counter = 0

    def save(self, model):
        torch.save(model.state_dict(), self.path)


def run_epoch(model, loader, device, optimizer=None):
    model.train(optimizer is not None)
    total = 0.0
    with torch.set_grad_enabled(optimizer is not None):
        for mfcc, dialect in loader:
            loss = F.cross_entropy(model(mfcc.to(device)), dialect.to(device))
            if optimizer is not None:
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
            total += loss.item()
    return total / len(loader)


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--patience", type=int, default=10)
    ap.add_argument("--device", default="cuda")
    args = ap.parse_args()
    from dialects import loaders, make_model
    train_loader, val_loader = loaders()
    model = make_model().to(args.device)
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-4)
    stopper = EarlyStopping(patience=args.patience)
    for epoch in range(500):
        tr = run_epoch(model, train_loader, args.device, optimizer)
        va = run_epoch(model, val_loader, args.device)
        print(f"{epoch} train {tr:.4f} val {va:.4f}")
        stopper(va, model)
        if stopper.early_stop:
            break
    model.load_state_dict(torch.load(stopper.path, weights_only=True))


if __name__ == "__main__":
    main()
