import numpy as np
import pandas as pd
import torch
from sklearn.metrics import confusion_matrix, balanced_accuracy_score

DX = ["akiec", "bcc", "bkl", "df", "mel", "nv", "vasc"]


class Evaluator:
    """Collects targets and predictions of a whole test set, then reports."""

    def __init__(self, model, device):
        self.model = model
        self.device = device
        self.reset()

    def reset(self):
        self.targets, self.preds = [], []

    @torch.no_grad()
    def run(self, loader):
        self.reset()
        self.model.eval()
        for images, dx in loader:
            logits = self.model(images.to(self.device))
            self.preds.append(logits.argmax(1).cpu().numpy())
            self.targets.append(dx.numpy())
        return np.concatenate(self.targets), np.concatenate(self.preds)

    def report(self, loader):
        targets, preds = self.run(loader)
        table = self.table(targets, preds)
        return {
            "balanced_accuracy": balanced_accuracy_score(targets, preds),
            "sensitivity": self.sensitivity(table),
            "table": table,
        }

    def table(self, targets, preds):
        cm = confusion_matrix(targets, preds, labels=range(len(DX)))
        return pd.DataFrame(cm, index=[f"true {d}" for d in DX], columns=[f"pred {d}" for d in DX])

    @staticmethod
    def sensitivity(table):
        cm = table.to_numpy()
        found = np.diag(cm) / np.maximum(cm.sum(axis=1), 1)
        return dict(zip(DX, found.round(4)))


def main():
    from ham import test_loader, load_model
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    out = Evaluator(load_model("ham_best.pt").to(device), device).report(test_loader(DX))
    out["table"].to_csv("ham_confusion.csv")
    for d, s in out["sensitivity"].items():
        print(f"{d:6s} {s:.3f}")


if __name__ == "__main__":
    main()
