import torch
from torch import nn


def enable_dropout(model):
    model.eval()
    for m in model.modules():
        if isinstance(m, (nn.Dropout, nn.Dropout2d)):
            m.train()


@torch.no_grad()
def mc_predict(model, x, passes=30):
    enable_dropout(model)
    probs = torch.stack([model(x).softmax(-1) for _ in range(passes)])
    mean = probs.mean(0)
    entropy = -(mean * mean.clamp_min(1e-12).log()).sum(-1)
    return mean, entropy


def evaluate_uncertainty(model, loader, device):
    hits, ents = [], []
    for x, y in loader:
        mean, ent = mc_predict(model, x.to(device))
        hits.append(mean.argmax(-1).cpu() == y)
        ents.append(ent.cpu())
    hits, ents = torch.cat(hits), torch.cat(ents)
    model.eval()
    order = ents.argsort()
    kept = hits[order][: int(0.8 * len(hits))]
    return {"acc": hits.float().mean().item(), "acc@80%": kept.float().mean().item()}
