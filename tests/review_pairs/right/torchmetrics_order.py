import matplotlib.pyplot as plt
import torch
import torchmetrics.functional.classification as tmf
from sklearn.metrics import ConfusionMatrixDisplay, confusion_matrix
from torch import nn


@torch.no_grad()
def collect(model: nn.Module, loader, device):
    was_training = model.training
    model.eval()
    preds, target = [], []
    for x, y in loader:
        preds.append(model(x.to(device)).argmax(1).cpu())
        target.append(y)
    model.train(was_training)
    return torch.cat(preds), torch.cat(target)


def check(model, loader, names, device):
    preds, target = collect(model, loader, device)
    # torchmetrics takes the predictions first, scikit-learn the targets
    a = tmf.multiclass_confusion_matrix(preds, target, num_classes=len(names))
    b = confusion_matrix(target.numpy(), preds.numpy(), labels=range(len(names)))
    assert a.numpy().tolist() == b.tolist()
    ConfusionMatrixDisplay(b, display_labels=names).plot(xticks_rotation=60)
    plt.savefig("instruments.png", bbox_inches="tight")
    return b


def train(model, train_loader, val_loader, names, device, steps=20000, every=1000):
    model.to(device).train()
    opt = torch.optim.AdamW(model.parameters(), lr=2e-4)
    ce = nn.CrossEntropyLoss()
    step = 0
    while step < steps:
        for x, y in train_loader:
            opt.zero_grad()
            loss = ce(model(x.to(device)), y.to(device))
            loss.backward()
            opt.step()
            step += 1
            if step % every == 0:
                table = check(model, val_loader, names, device)
                print(step, loss.item(), table.trace() / table.sum())
            if step == steps:
                break
