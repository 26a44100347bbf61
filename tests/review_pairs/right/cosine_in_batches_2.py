import torch
from torch.optim.lr_scheduler import CosineAnnealingLR, LinearLR, SequentialLR


def schedule(opt, n_iter_per_epoch, epochs, warm=1):
    w = warm * n_iter_per_epoch
    t = epochs * n_iter_per_epoch
    return SequentialLR(opt, [LinearLR(opt, 0.01, total_iters=w), CosineAnnealingLR(opt, T_max=t - w)], [w])


def go(model, loader, crit, epochs, dev):
    opt = torch.optim.SGD(model.parameters(), lr=0.4, momentum=0.9, weight_decay=1e-4)
    sch = schedule(opt, len(loader), epochs)
    lrs = []
    for e in range(epochs):
        model.train()
        for x, y in loader:
            opt.zero_grad()
            crit(model(x.to(dev)), y.to(dev)).backward()
            opt.step()
            sch.step()
            lrs.append(opt.param_groups[0]["lr"])
        print(e, lrs[-1])
    return lrs


class MyCosine:
    """the same thing without SequentialLR"""

    def __init__(self, opt, loader, epochs):
        self.s = CosineAnnealingLR(opt, epochs * len(loader), eta_min=1e-6)

    def after_batch(self):
        self.s.step()
