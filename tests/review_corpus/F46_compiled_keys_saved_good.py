import argparse
import os
import torch
from torch import nn
from torchvision import models


def create(n):
    m = models.regnet_y_400mf(weights=None)
    m.fc = nn.Linear(m.fc.in_features, n)
    return m


def train(args, loader):
    model = create(args.classes).to(args.device)
    if args.compile:
        model = torch.compile(model)
    opt = torch.optim.AdamW(model.parameters(), lr=args.lr)
    loss_fn = nn.CrossEntropyLoss()
    for epoch in range(args.epochs):
        model.train()
        for x, y in loader:
            opt.zero_grad()
            loss = loss_fn(model(x.to(args.device)), y.to(args.device))
            loss.backward()
            opt.step()
        raw = getattr(model, "_orig_mod", model)
        torch.save(raw.state_dict(), os.path.join(args.out, "last.pth"))


def load_for_inference(args):
    model = create(args.classes)
    model.load_state_dict(torch.load(os.path.join(args.out, "last.pth"), map_location="cpu"))
    return model.to(args.device).eval()


def get_args():
    p = argparse.ArgumentParser()
    p.add_argument("--classes", type=int, default=10)
    p.add_argument("--epochs", type=int, default=5)
    p.add_argument("--lr", type=float, default=1e-3)
    p.add_argument("--out", default=".")
    p.add_argument("--device", default="cuda")
    p.add_argument("--compile", action="store_true")
    return p.parse_args()
