import torch
from torch.amp import GradScaler, autocast


def total_grad_norm(model):
    norms = [p.grad.detach().norm(2) for p in model.parameters() if p.grad is not None]
    return torch.norm(torch.stack(norms), 2).item()


def log_gradients(writer, model, scaler, optimizer, step):
    scaler.unscale_(optimizer)
    writer.add_scalar("grad/norm", total_grad_norm(model), step)


def train(model, loader, optimizer, criterion, writer, epochs, clip=5.0):
    scaler = GradScaler("cuda")
    step = 0
    for epoch in range(epochs):
        model.train()
        for images, target in loader:
            images = images.cuda(non_blocking=True)
            target = target.cuda(non_blocking=True)
            optimizer.zero_grad()
            with autocast("cuda"):
                output = model(images)
                loss = criterion(output, target)
            scaler.scale(loss).backward()
            log_gradients(writer, model, scaler, optimizer, step)
            torch.nn.utils.clip_grad_norm_(model.parameters(), clip)
            scaler.step(optimizer)
            scaler.update()
            writer.add_scalar("loss", loss.item(), step)
            step += 1
