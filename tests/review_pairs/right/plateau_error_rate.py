import torch
from torch.optim.lr_scheduler import ReduceLROnPlateau


def top1(model, loader, dev):
    model.eval()
    hit = n = 0
    with torch.no_grad():
        for x, y in loader:
            hit += model(x.to(dev)).argmax(1).eq(y.to(dev)).sum().item()
            n += y.numel()
    return hit / n


def train(model, tl, vl, dev, epochs=60):
    crit = torch.nn.CrossEntropyLoss()
    opt = torch.optim.SGD([
        {"params": model.features.parameters(), "lr": 1e-3},
        {"params": model.classifier.parameters(), "lr": 1e-2},
    ], momentum=0.9)
    sched = ReduceLROnPlateau(opt, patience=4, threshold=1e-3, threshold_mode="abs")
    best = 1.0
    for e in range(epochs):
        model.train()
        for x, y in tl:
            opt.zero_grad()
            crit(model(x.to(dev)), y.to(dev)).backward()
            opt.step()
        acc = top1(model, vl, dev)
        err = 1.0 - acc
        sched.step(err)
        if err < best:
            best = err
            torch.save(model.state_dict(), "vgg_best.pt")
        print(f"{e} acc {acc:.4f} err {err:.4f}")
    return 1.0 - best
