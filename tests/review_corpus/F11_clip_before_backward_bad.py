import torch
import torch.nn as nn
from tqdm import tqdm


def accuracy(logits, target):
    return (logits.argmax(dim=-1) == target).sum().item()


def train_one_epoch(net, loader, optim, loss_fn, dev, max_norm=1.0):
    net.train()
    n, hit, tot = 0, 0, 0.0
    bar = tqdm(loader, leave=False)
    for img, lab in bar:
        img = img.to(dev)
        lab = lab.to(dev)
        logits = net(img)
        loss = loss_fn(logits, lab)
        optim.zero_grad()
        nn.utils.clip_grad_norm_(net.parameters(), max_norm)  # FAULT note 8
        loss.backward()
        optim.step()

        bs = lab.size(0)
        n += bs
        tot += loss.item() * bs
        hit += accuracy(logits, lab)
        bar.set_description(f"loss {tot / n:.3f}")
    return tot / n, hit / n


def main(net, loader, dev="cuda", epochs=10):
    opt = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9, nesterov=True)
    loss_fn = nn.CrossEntropyLoss()
    for e in range(epochs):
        l, a = train_one_epoch(net, loader, opt, loss_fn, dev)
        print(f"{e:03d} {l:.4f} {100 * a:.2f}%")
