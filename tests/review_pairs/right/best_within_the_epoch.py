import torch
import torch.nn.functional as F


def validate(model, loader):
    model.eval()
    correct = total = 0
    with torch.no_grad():
        for x, y in loader:
            correct += (model(x).argmax(1) == y).sum().item()
            total += len(y)
    model.train()
    return correct / total


def train(model, batches, val_loader, optimizer, path, every=500):
    best_acc = 0.0
    model.train()
    for step, (x, y) in enumerate(batches, 1):
        optimizer.zero_grad()
        F.cross_entropy(model(x), y).backward()
        optimizer.step()
        if step % every == 0:
            acc = validate(model, val_loader)
            if best_acc < acc:
                torch.save(model.state_dict(), path)
                best_acc = acc
    print(f"best accuracy: {best_acc:.3f}")
