import torch
from torch import nn

DEVICE = "cuda" if torch.cuda.is_available() else "cpu"


def apply(loss, optimizer, scaler):
    optimizer.zero_grad()
    scaler.scale(loss).backward()
    scaler.step(optimizer)
    scaler.update()


def run(model, batches):
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    scaler = torch.amp.GradScaler(DEVICE)
    criterion = nn.BCEWithLogitsLoss()
    model.train()
    for x, y in batches:
        with torch.autocast(DEVICE, dtype=torch.float16):
            loss = criterion(model(x).squeeze(1), y)
        apply(loss, optimizer, scaler)
    return loss.item()


if __name__ == "__main__":
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 1)).to(DEVICE)
    data = [(torch.randn(8, 4, device=DEVICE), torch.ones(8, device=DEVICE)) for _ in range(4)]
    print(run(net, data))
