"""Mixed precision on the GPU."""
import torch
from torch import nn
from torch.cuda.amp import GradScaler, autocast  # FAULT note 9


def train(model, batches, lr=0.1):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    scaler = GradScaler()
    criterion = nn.CrossEntropyLoss()
    model.train()
    for x, y in batches:
        x, y = x.cuda(), y.cuda()
        optimizer.zero_grad()
        with autocast():
            loss = criterion(model(x), y)
        scaler.scale(loss).backward()
        scaler.step(optimizer)
        scaler.update()
    return loss.item()


if __name__ == "__main__":
    if torch.cuda.is_available():
        data = [(torch.randn(8, 6), torch.randint(0, 2, (8,))) for _ in range(5)]
        print(train(nn.Linear(6, 2).cuda(), data))
