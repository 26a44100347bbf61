"""Rows are the true classes, columns the answers."""
import torch
from sklearn.metrics import confusion_matrix
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

NAMES = ["scratch", "dent", "good"]


@torch.no_grad()
def collect(model, loader):
    model.eval()
    preds, targets = [], []
    for x, y in loader:
        preds.append(model(x).argmax(1))
        targets.append(y)
    return torch.cat(preds).numpy(), torch.cat(targets).numpy()


def show(model, loader):
    preds, targets = collect(model, loader)
    table = confusion_matrix(preds, targets, labels=range(len(NAMES)))  # FAULT note 11
    print("true \\ predicted", *NAMES)
    for name, row in zip(NAMES, table):
        print(name, *row, f"recall {row[NAMES.index(name)] / max(1, row.sum()):.2f}")


if __name__ == "__main__":
    torch.manual_seed(0)
    data = TensorDataset(torch.randn(60, 4), torch.randint(0, 3, (60,)))
    show(nn.Linear(4, 3), DataLoader(data, batch_size=20))
