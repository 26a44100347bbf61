import numpy as np
import torch
import torch.nn.functional as F
from torch.utils.data import DataLoader


def contrastive_ce(z1, z2, logits, y, tau=0.2):
    z1, z2 = F.normalize(z1), F.normalize(z2)
    sim = z1 @ z2.t() / tau
    return F.cross_entropy(sim, torch.arange(len(y), device=y.device)) + F.cross_entropy(logits, y)


def train(net, dataset, val_set, device, epochs=20, bs=256):
    # in-batch negatives: every batch must have the same size
    dl = DataLoader(dataset, batch_size=bs, shuffle=True, drop_last=True, num_workers=8)
    vl = DataLoader(val_set, batch_size=bs)
    opt = torch.optim.AdamW(net.parameters(), lr=1e-3)
    for ep in range(epochs):
        net.train()
        losses = []
        for (a, b), y in dl:
            a, b, y = a.to(device), b.to(device), y.to(device)
            za, logits = net(a)
            zb, _ = net(b)
            loss = contrastive_ce(za, zb, logits, y)
            opt.zero_grad()
            loss.backward()
            opt.step()
            losses.append(loss.item())
        net.eval()
        right = 0
        with torch.no_grad():
            for x, y in vl:
                right += (net(x.to(device))[1].argmax(1).cpu() == y).sum().item()
        print(f"{ep} train {np.mean(losses):.4f} val {right / len(val_set):.4f}")
