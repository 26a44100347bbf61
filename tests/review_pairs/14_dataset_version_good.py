import argparse
import hashlib
import json
import os

import torch
from torch import nn, optim
from torch.utils.data import DataLoader
from torchvision import datasets, transforms


def dataset_hash(root):
    h = hashlib.sha256()
    for folder, dirs, files in os.walk(root):
        dirs.sort()
        for name in sorted(files):
            path = os.path.join(folder, name)
            with open(path, "rb") as f:
                digest = hashlib.file_digest(f, "sha256").hexdigest()
            rel = os.path.relpath(path, root).replace(os.sep, "/")
            h.update(f"{rel}\0{os.path.getsize(path)}\0{digest}\n".encode())
    return h.hexdigest()


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--data", default="potato/train")
    ap.add_argument("--epochs", type=int, default=12)
    args = ap.parse_args()

    tf = transforms.Compose([transforms.Resize((96, 96)), transforms.ToTensor()])
    train_set = datasets.ImageFolder(args.data, transform=tf)
    loader = DataLoader(train_set, batch_size=64, shuffle=True)
    net = nn.Sequential(
        nn.Conv2d(3, 32, 3, 2, 1), nn.ReLU(), nn.Conv2d(32, 64, 3, 2, 1), nn.ReLU(),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, len(train_set.classes)))
    opt = optim.Adam(net.parameters(), lr=1e-3)
    ce = nn.CrossEntropyLoss()
    for epoch in range(args.epochs):
        net.train()
        for x, y in loader:
            opt.zero_grad()
            loss = ce(net(x), y)
            loss.backward()
            opt.step()
        print(epoch, loss.item())

    torch.save(net.state_dict(), "potato.pt")
    with open("potato.json", "w") as f:
        json.dump({"data": dataset_hash(args.data), "classes": train_set.classes}, f)


if __name__ == "__main__":
    main()
