import argparse
import logging

import torch
import torch.nn.functional as F

from retrieval.data import caption_loaders
from retrieval.model import TwoTower

log = logging.getLogger("retrieval")


def encode_all(model, loader, device):
    model.eval()
    img_embs, cap_embs = [], []
    with torch.no_grad():
        for images, captions in loader:
            a, b = model(images.to(device), captions.to(device))
            img_embs.append(a.cpu())
            cap_embs.append(b.cpu())
    return torch.cat(img_embs), torch.cat(cap_embs)


def recall_at_1(model, loader, device):
    img, cap = encode_all(model, loader, device)
    best = (F.normalize(img, dim=1) @ F.normalize(cap, dim=1).T).argmax(1)
    return (best == torch.arange(len(img))).float().mean().item()


def contrastive(a, b, temperature=0.07):
    logits = F.normalize(a, dim=1) @ F.normalize(b, dim=1).T / temperature
    target = torch.arange(len(a), device=a.device)
    return (F.cross_entropy(logits, target) + F.cross_entropy(logits.T, target)) / 2


def train(model, train_loader, val_loader, opt, args, device):
    step = 0
    for epoch in range(args.epochs):
        model.train()
        for images, captions in train_loader:
            opt.zero_grad()
            loss = contrastive(*model(images.to(device), captions.to(device)))
            loss.backward()
            opt.step()
            step += 1
            if step % args.val_every == 0:
                r1 = recall_at_1(model, val_loader, device)  # FAULT note 10
                log.info("step %d loss %.4f r@1 %.4f", step, loss.item(), r1)
    torch.save(model.state_dict(), args.out)


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--epochs", type=int, default=20)
    ap.add_argument("--val-every", type=int, default=500)
    ap.add_argument("--out", default="two_tower.pt")
    args = ap.parse_args()
    logging.basicConfig(level=logging.INFO)
    device = torch.device("cuda")
    train_loader, val_loader = caption_loaders()
    model = TwoTower(dropout=0.2).to(device)
    train(model, train_loader, val_loader, torch.optim.Adam(model.parameters(), 2e-4), args, device)


if __name__ == "__main__":
    main()
