import argparse

import torch
from torch import nn, optim
from torch.utils.data import DataLoader

from nuclei.data import NucleiDataset
from nuclei.unet import UNet


def dice_loss(logits, target, eps=1.0):
    p = torch.sigmoid(logits)
    inter = (p * target).sum((1, 2, 3))
    return 1 - ((2 * inter + eps) / (p.sum((1, 2, 3)) + target.sum((1, 2, 3)) + eps)).mean()


def train_model(model, device, epochs, batch_size, lr, amp, grad_clip=1.0):
    loader = DataLoader(NucleiDataset("train"), batch_size=batch_size, shuffle=True,
                        num_workers=2, pin_memory=True)
    optimizer = optim.RMSprop(model.parameters(), lr=lr, weight_decay=1e-8, momentum=0.9)
    grad_scaler = torch.amp.GradScaler("cuda", enabled=amp)
    criterion = nn.BCEWithLogitsLoss()

    for epoch in range(1, epochs + 1):
        model.train()
        epoch_loss = 0.0
        for images, masks in loader:
            images = images.to(device, memory_format=torch.channels_last)
            masks = masks.to(device)
            with torch.autocast("cuda", enabled=amp):
                pred = model(images)
                loss = criterion(pred, masks) + dice_loss(pred, masks)

            optimizer.zero_grad(set_to_none=True)
            grad_scaler.scale(loss).backward()
            grad_scaler.unscale_(optimizer)
            nn.utils.clip_grad_norm_(model.parameters(), grad_clip)
            grad_scaler.step(optimizer)
            grad_scaler.update()
            epoch_loss += loss.item()
        print(f"epoch {epoch}/{epochs} loss {epoch_loss / len(loader):.4f}")
        torch.save(model.state_dict(), f"checkpoint_epoch{epoch}.pth")


if __name__ == "__main__":
    ap = argparse.ArgumentParser()
    ap.add_argument("--epochs", type=int, default=5)
    ap.add_argument("--batch-size", type=int, default=4)
    ap.add_argument("--lr", type=float, default=1e-5)
    ap.add_argument("--amp", action="store_true")
    a = ap.parse_args()
    dev = torch.device("cuda")
    net = UNet(n_channels=3, n_classes=1).to(dev, memory_format=torch.channels_last)
    train_model(net, dev, a.epochs, a.batch_size, a.lr, a.amp)
