import torch
import torch.nn.functional as F


class JacobianTrainer:
    def __init__(self, net, lam=0.05, lr=1e-3, device="cpu"):
        self.net, self.lam, self.device = net.to(device), lam, device
        self.opt = torch.optim.Adam(self.net.parameters(), lr=lr)

    def penalty(self, x, logits, y):
        picked = logits.gather(1, y[:, None]).sum()
        gx = torch.autograd.grad(picked, x, create_graph=True)[0]
        return gx.flatten(1).pow(2).sum(1).mean()

    def fit(self, loader, epochs):
        for ep in range(epochs):
            self.net.train()
            stat = [0.0, 0.0, 0]
            for x, y in loader:
                x = x.to(self.device).requires_grad_(True)
                y = y.to(self.device)
                logits = self.net(x)
                ce = F.cross_entropy(logits, y)
                gp = self.penalty(x, logits, y)
                self.opt.zero_grad()
                (ce + self.lam * gp).backward()
                self.opt.step()
                b = y.numel()
                stat[0] += ce.item() * b
                stat[1] += gp.item() * b
                stat[2] += b
            print(ep, f"ce {stat[0] / stat[2]:.4f} gp {stat[1] / stat[2]:.4f}")

    @torch.no_grad()
    def accuracy(self, loader):
        self.net.eval()
        r = [(self.net(x.to(self.device)).argmax(1).cpu() == y) for x, y in loader]
        return torch.cat(r).float().mean().item()
