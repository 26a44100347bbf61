import torch
import torch.nn.functional as F
from torch import nn


def unwrap(model):
    return getattr(model, "_orig_mod", model)


class Runner:
    def __init__(self, make_net, device="cuda", compile_it=True):
        self.device = device
        self.net = make_net().to(device)
        if compile_it:
            self.net = torch.compile(self.net)
        self.opt = torch.optim.Adam(self.net.parameters(), lr=3e-4)

    def save(self, path):
        torch.save({"net": unwrap(self.net).state_dict(), "opt": self.opt.state_dict()}, path)

    def load(self, path):
        state = torch.load(path, map_location=self.device, weights_only=True)
        unwrap(self.net).load_state_dict(state["net"])
        self.opt.load_state_dict(state["opt"])

    def fit(self, loader, epochs):
        for epoch in range(epochs):
            self.net.train()
            for x, y in loader:
                self.opt.zero_grad(set_to_none=True)
                loss = F.mse_loss(self.net(x.to(self.device)), y.to(self.device))
                loss.backward()
                self.opt.step()
            self.save(f"epoch{epoch:03d}.pt")
            print(epoch, loss.item())


def compare_widths(loader, widths=(64, 128, 256)):
    for w in widths:        # another network each time, so each is compiled once
        def make(w=w):
            return nn.Sequential(nn.Linear(16, w), nn.ReLU(), nn.Linear(w, 1))
        Runner(make).fit(loader, 5)


if __name__ == "__main__":
    from molecules import descriptor_loader
    compare_widths(descriptor_loader())
