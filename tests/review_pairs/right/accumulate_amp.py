import torch
from torch import nn
from torch.nn.utils import clip_grad_norm_

ACCUM = 4
MAX_NORM = 1.0


def train_epoch(model, loader, optimizer, scaler, device):
    model.train()
    criterion = nn.CrossEntropyLoss()
    optimizer.zero_grad(set_to_none=True)
    running = 0.0
    n = len(loader) // ACCUM * ACCUM
    for i, (volume, label) in enumerate(loader):
        if i >= n:
            break
        with torch.autocast("cuda", dtype=torch.float16):
            loss = criterion(model(volume.to(device)), label.to(device)) / ACCUM
        scaler.scale(loss).backward()
        running += loss.item()

        if (i + 1) % ACCUM == 0:
            scaler.unscale_(optimizer)
            clip_grad_norm_(model.parameters(), MAX_NORM)
            scaler.step(optimizer)
            scaler.update()
            optimizer.zero_grad(set_to_none=True)
    return running / max(n // ACCUM, 1)


def main(model, loader, epochs=20):
    device = torch.device("cuda")
    model.to(device)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4)
    scaler = torch.amp.GradScaler("cuda")
    for epoch in range(epochs):
        print(epoch, train_epoch(model, loader, optimizer, scaler, device))
        torch.save(model.state_dict(), "ct3d.pt")
