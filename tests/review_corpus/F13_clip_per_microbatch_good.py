import torch
import torch.nn.functional as F

BATCH = 16
ACCUM = 8


def run_epoch(model, dl, opt, sched, device, grad_clip):
    model.train()
    losses = torch.zeros(2)
    opt.zero_grad()
    n_batches = len(dl)
    for k, (xb, yb) in enumerate(dl, start=1):
        xb, yb = xb.to(device), yb.to(device)
        loss = F.cross_entropy(model(xb), yb)
        (loss / ACCUM).backward()
        if k % ACCUM == 0 or k == n_batches:
            torch.nn.utils.clip_grad_norm_(model.parameters(), grad_clip)
            opt.step()
            sched.step()
            opt.zero_grad()
        losses += torch.tensor([loss.item() * len(yb), len(yb)])
    return (losses[0] / losses[1]).item()


def build(model, dl, epochs):
    updates = (len(dl) + ACCUM - 1) // ACCUM
    opt = torch.optim.AdamW(model.parameters(), lr=5e-5)
    sched = torch.optim.lr_scheduler.OneCycleLR(opt, max_lr=5e-5, total_steps=updates * epochs)
    return opt, sched


def train(model, dl, epochs=5, device="cuda"):
    model.to(device)
    opt, sched = build(model, dl, epochs)
    for e in range(epochs):
        print(e, run_epoch(model, dl, opt, sched, device, grad_clip=1.0))
