"""Mixed precision with clipping."""
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

DEVICE = "cuda" if torch.cuda.is_available() else "cpu"


def train_epoch(model, loader, optimizer, scaler, max_norm):
    model.train()
    for x, y in loader:
        x, y = x.to(DEVICE), y.to(DEVICE)
        optimizer.zero_grad()
        with torch.autocast(DEVICE, dtype=torch.float16):
            loss = nn.functional.cross_entropy(model(x), y)
        scaler.scale(loss).backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), max_norm)  # FAULT note 9
        scaler.step(optimizer)
        scaler.update()
    return loss.item()


if __name__ == "__main__":
    torch.manual_seed(0)
    x = torch.randn(64, 10)
    loader = DataLoader(TensorDataset(x, x[:, :3].argmax(1)), batch_size=16, shuffle=True)
    model = nn.Linear(10, 3).to(DEVICE)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    scaler = torch.amp.GradScaler(DEVICE)
    for epoch in range(2):
        print(epoch, train_epoch(model, loader, optimizer, scaler, 1.0))
