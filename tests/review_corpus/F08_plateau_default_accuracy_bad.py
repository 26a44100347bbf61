import torch
import torch.nn as nn


class Trainer:
    def __init__(self, model, loaders, lr=1e-3, epochs=40, device="cuda"):
        self.model = model.to(device)
        self.train_loader, self.val_loader = loaders
        self.device = device
        self.epochs = epochs
        self.crit = nn.CrossEntropyLoss()
        self.opt = torch.optim.Adam(self.model.parameters(), lr=lr)
        self.sched = torch.optim.lr_scheduler.ReduceLROnPlateau(self.opt, factor=0.2, patience=3)  # FAULT note 6

    def _train_epoch(self):
        self.model.train()
        for x, y in self.train_loader:
            x, y = x.to(self.device), y.to(self.device)
            self.opt.zero_grad()
            self.crit(self.model(x), y).backward()
            self.opt.step()

    @torch.no_grad()
    def _validate(self):
        self.model.eval()
        right = n = 0
        for x, y in self.val_loader:
            x, y = x.to(self.device), y.to(self.device)
            right += (self.model(x).argmax(1) == y).sum().item()
            n += y.numel()
        return right / n

    def run(self):
        best = 0.0
        for ep in range(self.epochs):
            self._train_epoch()
            acc = self._validate()
            self.sched.step(acc)
            if acc > best:
                best = acc
                torch.save(self.model.state_dict(), "best.pt")
            print(ep, f"{acc:.4f}", f"best {best:.4f}")
