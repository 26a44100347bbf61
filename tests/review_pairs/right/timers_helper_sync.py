import time
import torch
import torch.nn.functional as F


def now():
    if torch.cuda.is_available():
        torch.cuda.synchronize()
    return time.perf_counter()


def profile_epoch(model, loader, optimizer, device):
    model.train()
    t_fwd = t_bwd = 0.0
    images = 0
    for x, y in loader:
        x, y = x.to(device), y.to(device)
        t0 = now()
        loss = F.cross_entropy(model(x), y)
        t1 = now()
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        t2 = now()
        t_fwd += t1 - t0
        t_bwd += t2 - t1
        images += y.shape[0]
    return {"fwd_ms": 1e3 * t_fwd / images, "bwd_ms": 1e3 * t_bwd / images}


def main(model, loader, device="cuda"):
    model = model.to(device)
    opt = torch.optim.SGD(model.parameters(), lr=0.1)
    profile_epoch(model, loader, opt, device)  # first pass: cudnn autotune etc.
    for k, v in profile_epoch(model, loader, opt, device).items():
        print(f"{k}: {v:.3f}")
