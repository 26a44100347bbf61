import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader


class BirdTrainer:
    def __init__(self, net: nn.Module, train_set, device="cuda", lr=1e-3):
        self.device = device
        self.net = net.to(device)
        self.loader = DataLoader(train_set, batch_size=48, shuffle=True, num_workers=4)
        self.optim = torch.optim.AdamW(net.parameters(), lr=lr)
        self.scaler = torch.amp.GradScaler("cuda")

    def loss(self, spec, species):
        with torch.autocast("cuda", dtype=torch.float16):
            logits = self.net(spec)
            return F.cross_entropy(logits, species)

    def optimise(self, loss):
        self.optim.zero_grad(set_to_none=True)
        self.scaler.scale(loss).backward()
        self.scaler.step(self.optim)
        self.scaler.update()

    def run_epoch(self):
        self.net.train()
        total, n = 0.0, 0
        for spec, species in self.loader:
            spec = spec.to(self.device, non_blocking=True)
            species = species.to(self.device, non_blocking=True)
            loss = self.loss(spec, species)
            self.optimise(loss)
            total += loss.item() * len(spec)
            n += len(spec)
        return total / n

    def fit(self, epochs):
        for e in range(epochs):
            print(f"epoch {e:2d}  loss {self.run_epoch():.4f}  scale {self.scaler.get_scale():.0f}")
            torch.save({"net": self.net.state_dict(), "optim": self.optim.state_dict(),
                        "scaler": self.scaler.state_dict()}, "last.pt")


def main():
    from birds import SpectrogramSet, make_net
    ds = SpectrogramSet("xeno_canto.csv", sample_rate=32000)
    BirdTrainer(make_net(ds.num_species), ds).fit(25)


if __name__ == "__main__":
    main()
