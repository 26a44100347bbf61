import torch
from torch import nn


def warmup_factor(step, warmup_steps=5):
    return min(1.0, (step + 1) / warmup_steps)


def warmup_epoch(model, batches, optimizer, scheduler):
    model.train()
    for x, y in batches:
        optimizer.zero_grad()
        loss = nn.functional.mse_loss(model(x), y)
        loss.backward()
        optimizer.step()
        scheduler.step()
    return loss.item()


if __name__ == "__main__":
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(3, 6), nn.BatchNorm1d(6), nn.ReLU(), nn.Linear(6, 1))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, warmup_factor)
    data = [(torch.randn(8, 3), torch.randn(8, 1)) for _ in range(8)]
    print(warmup_epoch(model, data, optimizer, scheduler), scheduler.get_last_lr())
