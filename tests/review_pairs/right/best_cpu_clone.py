import math
import torch
import torch.nn.functional as F


def snapshot(model):
    return {k: v.detach().cpu().clone() for k, v in model.state_dict().items()}


def loop(model, tr, va, dev, patience=6, epochs=100):
    opt = torch.optim.AdamW(model.parameters(), lr=3e-4)
    best, best_state, since = math.inf, snapshot(model), 0
    for epoch in range(epochs):
        model.train()
        for x, y in tr:
            loss = F.cross_entropy(model(x.to(dev)), y.to(dev))
            opt.zero_grad()
            loss.backward()
            opt.step()
        model.eval()
        tot, n = 0.0, 0
        with torch.no_grad():
            for x, y in va:
                tot += F.cross_entropy(model(x.to(dev)), y.to(dev), reduction="sum").item()
                n += y.numel()
        vl = tot / n
        if math.isnan(vl):
            vl = math.inf
        since = 0 if vl < best else since + 1
        if since == 0:
            best, best_state = vl, snapshot(model)
        elif since > patience:
            break
    model.load_state_dict(best_state)
    return best
