import torch
import torch.nn.functional as F
from torch.nn.utils import clip_grad_norm_


class Wrapped:
    def __init__(self, net, freeze_until):
        self.net = net
        on = False
        for name, p in net.named_parameters():
            on = on or name.startswith(freeze_until)
            p.requires_grad = on

    def trainable(self):
        return (p for p in self.net.parameters() if p.requires_grad)

    @property
    def trainable_params(self):
        return filter(lambda p: p.requires_grad, self.net.parameters())


def fit(w, loader, dev, epochs=4):
    opt = torch.optim.AdamW(w.trainable(), lr=3e-4)
    print("trainable:", sum(p.numel() for p in w.trainable()))
    for _ in range(epochs):
        w.net.train()
        for x, y in loader:
            loss = F.cross_entropy(w.net(x.to(dev)), y.to(dev))
            opt.zero_grad()
            loss.backward()
            norm = clip_grad_norm_(w.trainable_params, 2.0)
            if not torch.isfinite(norm):
                continue
            opt.step()
