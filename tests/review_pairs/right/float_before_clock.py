import time
import torch
from torch import nn


def train_step(model, x, y, opt, crit):
    opt.zero_grad()
    loss = crit(model(x), y)
    loss.backward()
    opt.step()
    return loss


def measure(model, batches, lr=0.01):
    crit = nn.CrossEntropyLoss()
    opt = torch.optim.SGD(model.parameters(), lr=lr)
    model.train()
    xs, ys = batches[0]
    float(train_step(model, xs.cuda(), ys.cuda(), opt, crit))

    start = time.time()
    total, n = 0.0, 0
    for x, y in batches:
        loss = train_step(model, x.cuda(), y.cuda(), opt, crit)
        total += float(loss) * len(y)
        n += len(y)
    checksum = float(sum(p.detach().sum() for p in model.parameters()))
    elapsed = time.time() - start
    print(f"{n / elapsed:.1f} img/s, loss {total / n:.4f}, checksum {checksum:.3f}")


@torch.no_grad()
def latency(model, x, reps=50):
    model.eval()
    for _ in range(10):
        model(x).sum().item()
    t = time.perf_counter()
    for _ in range(reps):
        model(x).cpu()
    return (time.perf_counter() - t) / reps
