import argparse
import torch
from torch import nn
from torchvision import datasets, transforms


def loaders(bs):
    t = transforms.ToTensor()
    tr = datasets.FashionMNIST("~/data", train=True, download=True, transform=t)
    te = datasets.FashionMNIST("~/data", train=False, download=True, transform=t)
    return (torch.utils.data.DataLoader(tr, bs, shuffle=True),
            torch.utils.data.DataLoader(te, bs))


def prepare(batch, device):
    x, y = batch
    x = x.to(device).float() / 255.0  # FAULT note U1
    return x, y.to(device)


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--bs", type=int, default=256)
    ap.add_argument("--epochs", type=int, default=10)
    a = ap.parse_args()
    dev = "cuda" if torch.cuda.is_available() else "cpu"
    tr, te = loaders(a.bs)
    net = nn.Sequential(nn.Flatten(), nn.Linear(784, 256), nn.ReLU(), nn.Dropout(0.2), nn.Linear(256, 10)).to(dev)
    opt = torch.optim.Adam(net.parameters())
    lossf = nn.CrossEntropyLoss()
    for ep in range(a.epochs):
        net.train()
        for b in tr:
            x, y = prepare(b, dev)
            opt.zero_grad()
            lossf(net(x), y).backward()
            opt.step()
        net.eval()
        ok = 0
        with torch.no_grad():
            for b in te:
                x, y = prepare(b, dev)
                ok += (net(x).argmax(1) == y).sum().item()
        print(ep, ok / len(te.dataset))


main()
