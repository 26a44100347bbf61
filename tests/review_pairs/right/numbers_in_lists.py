import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


def run(model, train_loader, val_loader):
    optimizer = torch.optim.Adam(model.parameters())
    losses, norms = [], []
    model.train()
    for x, y in train_loader:
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(x), y)
        loss.backward()
        norms.append(nn.utils.clip_grad_norm_(model.parameters(), 1.0))
        optimizer.step()
        losses.append(loss.item())
    model.eval()
    logits = []
    with torch.no_grad():
        for x, _ in val_loader:
            logits.append(model(x))
    return losses, torch.stack(norms).tolist(), torch.cat(logits)


if __name__ == "__main__":
    torch.manual_seed(0)
    data = TensorDataset(torch.randn(40, 3), torch.randint(0, 2, (40,)))
    print(run(nn.Linear(3, 2), DataLoader(data, 10, shuffle=True), DataLoader(data, 10)))
