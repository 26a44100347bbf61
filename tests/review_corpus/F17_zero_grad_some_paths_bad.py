import math
import torch
from torch.nn.utils import clip_grad_norm_


def fit_epoch(model, loader, optimizer, scaler, loss_fn, device, skip_above=100.0, clip=1.0):
    model.train()
    skipped, seen, loss_sum = 0, 0, 0.0
    optimizer.zero_grad(set_to_none=True)
    for inputs, labels in loader:
        inputs, labels = inputs.to(device), labels.to(device)
        with torch.autocast(device_type=device.type, dtype=torch.float16):
            preds = model(inputs)
            loss = loss_fn(preds, labels)

        scaler.scale(loss).backward()
        scaler.unscale_(optimizer)
        norm = clip_grad_norm_(model.parameters(), clip).item()
        if not math.isfinite(norm) or norm > skip_above:
            skipped += 1
            scaler.update()
            continue  # FAULT note 9
        scaler.step(optimizer)
        scaler.update()
        optimizer.zero_grad(set_to_none=True)

        loss_sum += loss.item() * inputs.shape[0]
        seen += inputs.shape[0]

    if skipped:
        print(f"skipped {skipped} batches")
    return loss_sum / max(seen, 1)
