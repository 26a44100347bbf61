import torch
import torch.nn.functional as F


def _to(batch, device):
    return [t.to(device, non_blocking=True) for t in batch]


def train_epoch(model, loader, optimizer, device, logger):
    model.train()
    ok, bad = 0, 0
    running = 0.0
    for step, batch in enumerate(loader):
        images, labels = _to(batch, device)
        optimizer.zero_grad()
        logits = model(images)
        loss = F.cross_entropy(logits, labels)
        if not torch.isfinite(loss):
            logger.warning("non finite loss at step %d, batch skipped", step)
            bad += 1
            continue
        loss.backward()
        optimizer.step()
        running += loss.item() * labels.size(0)
        ok += labels.size(0)
    logger.info("train loss %.4f (%d batches skipped)", running / max(1, ok), bad)
    return running / max(1, ok)


def main(model, loader, logger, device=torch.device("cuda")):
    model.to(device)
    opt = torch.optim.RMSprop(model.parameters(), lr=1e-4, momentum=0.9)
    for _ in range(30):
        train_epoch(model, loader, opt, device, logger)
