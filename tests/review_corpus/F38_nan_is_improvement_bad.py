import torch
import torch.nn.functional as F


@torch.no_grad()
def val_loss_of(net, loader, device):
    net.eval()
    s = n = 0
    for x, y in loader:
        s += F.cross_entropy(net(x.to(device)), y.to(device), reduction="sum").item()
        n += len(y)
    return s / n


def train_until(net, tr, va, device, patience=10, max_epochs=200, out="net_best.pt"):
    opt = torch.optim.SGD(net.parameters(), lr=0.02, momentum=0.9, weight_decay=1e-4)
    best, wait = float("inf"), 0
    for ep in range(max_epochs):
        net.train()
        for x, y in tr:
            opt.zero_grad()
            F.cross_entropy(net(x.to(device)), y.to(device)).backward()
            opt.step()
        cur = val_loss_of(net, va, device)
        if cur >= best:  # FAULT note U6
            wait += 1
            if wait >= patience:
                print("no progress, stopping at", ep)
                break
        else:
            best, wait = cur, 0
            torch.save(net.state_dict(), out)
    net.load_state_dict(torch.load(out, map_location=device))
    return net, best
