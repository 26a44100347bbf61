import torch
import torch.nn.functional as F


def pgd(model, x, y, eps=8 / 255, alpha=2 / 255, steps=7):
    model.eval()
    delta = torch.empty_like(x).uniform_(-eps, eps)
    for _ in range(steps):
        delta.requires_grad_(True)
        loss = F.cross_entropy(model((x + delta).clamp(0, 1)), y)
        g, = torch.autograd.grad(loss, delta)
        delta = (delta.detach() + alpha * g.sign()).clamp(-eps, eps)
    model.train()
    return (x + delta).clamp(0, 1).detach()


def train(model, loader, opt, sched, device, epochs):
    for epoch in range(epochs):
        model.train()
        tot = torch.zeros((), device=device)
        n = 0
        for x, y in loader:
            x, y = x.to(device), y.to(device)
            x_adv = pgd(model, x, y)
            opt.zero_grad()
            loss = F.cross_entropy(model(x_adv), y)
            loss.backward()
            opt.step()
            tot += loss.detach() * y.numel()
            n += y.numel()
        sched.step()
        print(f"epoch {epoch} adv loss {tot.item() / n:.4f}")


def configure(model, epochs):
    opt = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9, weight_decay=5e-4)
    sched = torch.optim.lr_scheduler.MultiStepLR(opt, [int(0.5 * epochs), int(0.75 * epochs)], gamma=0.1)
    return opt, sched
