import torch
from accelerate import Accelerator
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


def build():
    model = nn.Sequential(nn.Conv1d(1, 4, 3), nn.ReLU(), nn.AdaptiveAvgPool1d(1),
                          nn.Flatten(), nn.Linear(4, 2))
    data = TensorDataset(torch.randn(48, 1, 20), torch.randint(0, 2, (48,)))
    return model, DataLoader(data, batch_size=12, shuffle=True)


def main():
    accelerator = Accelerator()
    model, loader = build()
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3)
    model, optimizer, loader = accelerator.prepare(model, optimizer, loader)
    criterion = nn.CrossEntropyLoss()
    for epoch in range(3):
        model.train()
        for signals, labels in loader:
            loss = criterion(model(signals), labels)
            accelerator.backward(loss)
            optimizer.step()
            optimizer.zero_grad()
        accelerator.print(epoch, loss.item())


if __name__ == "__main__":
    main()
