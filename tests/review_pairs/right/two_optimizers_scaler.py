import torch
from torch import nn
from torch.amp import GradScaler, autocast


def train(net, centres, loader, epochs, dev="cuda"):
    opt_net = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9)
    opt_cen = torch.optim.SGD(centres.parameters(), lr=0.5)
    scaler = GradScaler("cuda")
    ce = nn.CrossEntropyLoss()
    for ep in range(epochs):
        net.train()
        for img, lab in loader:
            img, lab = img.to(dev), lab.to(dev)
            opt_net.zero_grad()
            opt_cen.zero_grad()
            with autocast("cuda"):
                z, logits = net(img)
                loss = ce(logits, lab) + 0.003 * centres(z.float(), lab)
            scaler.scale(loss).backward()

            scaler.unscale_(opt_net)
            nn.utils.clip_grad_norm_(net.parameters(), 5.0)
            scaler.unscale_(opt_cen)
            nn.utils.clip_grad_norm_(centres.parameters(), 1.0)

            scaler.step(opt_net)
            scaler.step(opt_cen)
            scaler.update()


class CentreLoss(nn.Module):
    def __init__(self, k, dim):
        super().__init__()
        self.c = nn.Parameter(torch.randn(k, dim))

    def forward(self, z, y):
        return (z - self.c[y]).pow(2).sum(1).mean()
