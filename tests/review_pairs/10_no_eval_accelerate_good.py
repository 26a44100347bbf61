import torch
from accelerate import Accelerator
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


def evaluate(accelerator, model, loader):
    model.eval()
    right = total = 0
    for x, y in loader:
        with torch.inference_mode():
            answers = model(x).argmax(dim=-1)
        answers, y = accelerator.gather_for_metrics((answers, y))
        right += (answers == y).sum().item()
        total += len(y)
    return right / total


def main(epochs=2):
    accelerator = Accelerator()
    x = torch.randn(120, 6)
    y = x[:, :3].argmax(1)
    model = nn.Sequential(nn.Linear(6, 24), nn.LayerNorm(24), nn.GELU(), nn.Dropout(0.3),
                          nn.Linear(24, 3))
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2)
    model, optimizer, train_loader, val_loader = accelerator.prepare(
        model, optimizer, DataLoader(TensorDataset(x[:90], y[:90]), 15, shuffle=True),
        DataLoader(TensorDataset(x[90:], y[90:]), 15))
    for epoch in range(epochs):
        model.train()
        for xb, yb in train_loader:
            optimizer.zero_grad()
            accelerator.backward(nn.functional.cross_entropy(model(xb), yb))
            optimizer.step()
        accelerator.print(epoch, evaluate(accelerator, model, val_loader))


if __name__ == "__main__":
    main()
