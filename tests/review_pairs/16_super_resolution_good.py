import argparse
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import nn


class SRNet(nn.Module):
    def __init__(self, scale=2, width=64, depth=8):
        super().__init__()
        layers = [nn.Conv2d(3, width, 3, padding=1), nn.ReLU()]
        for _ in range(depth):
            layers += [nn.Conv2d(width, width, 3, padding=1), nn.ReLU()]
        layers += [nn.Conv2d(width, 3 * scale ** 2, 3, padding=1), nn.PixelShuffle(scale)]
        self.net = nn.Sequential(*layers)
        self.scale = scale

    def forward(self, x):
        return self.net(x) + F.interpolate(x, scale_factor=self.scale, mode="bicubic")


def save_checkpoint(net, optimizer, epoch, folder):
    folder.mkdir(parents=True, exist_ok=True)
    torch.save({"model": net.state_dict(), "optim": optimizer.state_dict(), "epoch": epoch},
               folder / "last.pt")


def load_for_inference(folder, device="cpu"):
    net = SRNet()
    state = torch.load(folder / "last.pt", map_location=device, weights_only=True)
    net.load_state_dict(state["model"])
    return net.to(device).eval()


def train(loader, epochs, folder, device="cuda"):
    net = SRNet().to(device)
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-4)
    fast = torch.compile(net)
    for epoch in range(epochs):
        net.train()
        for low, high in loader:
            optimizer.zero_grad(set_to_none=True)
            loss = F.l1_loss(fast(low.to(device)), high.to(device))
            loss.backward()
            optimizer.step()
        save_checkpoint(net, optimizer, epoch, folder)


if __name__ == "__main__":
    ap = argparse.ArgumentParser()
    ap.add_argument("--out", type=Path, default=Path("sr_run"))
    ap.add_argument("--epochs", type=int, default=100)
    args = ap.parse_args()
    from sr_data import pair_loader
    train(pair_loader(), args.epochs, args.out)
    sr = load_for_inference(args.out)
    print(sr(torch.rand(1, 3, 32, 32)).shape)
