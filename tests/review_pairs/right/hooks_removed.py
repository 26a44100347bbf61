import contextlib
import torch
from torch import nn


@contextlib.contextmanager
def record(model, kinds=(nn.Conv2d,)):
    out, handles = {}, []
    for name, mod in model.named_modules():
        if isinstance(mod, kinds):
            handles.append(mod.register_forward_hook(
                lambda m, i, o, name=name: out.__setitem__(name, o.detach().mean((0, 2, 3)).cpu())))
    try:
        yield out
    finally:
        for h in handles:
            h.remove()


@torch.no_grad()
def channel_means(model, loader, device, max_batches=50):
    model.eval()
    sums, n = {}, 0
    for b, (x, _) in enumerate(loader):
        if b == max_batches:
            break
        with record(model) as acts:
            model(x.to(device))
        for k, v in acts.items():
            sums[k] = sums.get(k, 0) + v * len(x)
        n += len(x)
    return {k: v / n for k, v in sums.items()}


def prune_candidates(model, loader, device, thr=1e-3):
    return {k: (v.abs() < thr).nonzero().flatten().tolist()
            for k, v in channel_means(model, loader, device).items()}
