import torch
import torch.nn.functional as F


class Accumulator:
    def __init__(self, optimizer, params, every, max_norm=None, scheduler=None):
        self.optimizer, self.every = optimizer, every
        self.params = list(params)
        self.max_norm, self.scheduler = max_norm, scheduler
        self._n = 0

    def backward(self, loss):
        (loss / self.every).backward()
        self._n += 1
        if self._n == self.every:
            self.flush()

    def flush(self):
        if self._n == 0:
            return
        if self._n < self.every:
            for p in self.params:
                if p.grad is not None:
                    p.grad.mul_(self.every / self._n)
        if self.max_norm:
            torch.nn.utils.clip_grad_norm_(self.params, self.max_norm)
        self.optimizer.step()
        self.optimizer.zero_grad()
        if self.scheduler is not None:
            self.scheduler.step()
        self._n = 0


def train(model, loader, device, epochs=3, every=4):
    opt = torch.optim.AdamW(model.parameters(), lr=1e-4)
    updates = -(-len(loader) // every) * epochs
    sched = torch.optim.lr_scheduler.LinearLR(opt, 1.0, 0.01, total_iters=updates)
    acc = Accumulator(opt, model.parameters(), every, 1.0, sched)
    for _ in range(epochs):
        model.train()
        for x, y in loader:
            acc.backward(F.cross_entropy(model(x.to(device)), y.to(device)))
        acc.flush()
