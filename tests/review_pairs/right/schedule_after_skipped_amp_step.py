import torch
from torch import nn

device = "cuda" if torch.cuda.is_available() else "cpu"


def train(model, batches):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=len(batches))
    scaler = torch.amp.GradScaler(device)
    model.train()
    for x, y in batches:
        optimizer.zero_grad(set_to_none=True)
        with torch.autocast(device, dtype=torch.float16):
            loss = nn.functional.cross_entropy(model(x), y)
        scaler.scale(loss).backward()
        scaler.step(optimizer)
        scale = scaler.get_scale()
        scaler.update()
        if scaler.get_scale() >= scale:
            scheduler.step()
    return loss.item()


if __name__ == "__main__":
    torch.manual_seed(0)
    data = [(torch.randn(8, 6, device=device), torch.randint(0, 2, (8,), device=device))
            for _ in range(10)]
    print(train(nn.Linear(6, 2).to(device), data))
