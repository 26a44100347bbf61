import numpy as np
import torch
from sklearn import metrics as skm
from torch import nn


class Report:
    """Collects answers batch by batch."""

    def __init__(self, names: list[str]) -> None:
        self.names = names
        self.truth: list[np.ndarray] = []
        self.guess: list[np.ndarray] = []

    def add(self, logits: torch.Tensor, labels: torch.Tensor) -> None:
        self.truth.append(labels.numpy())
        self.guess.append(logits.argmax(1).numpy())

    def recall(self) -> dict[str, float]:
        y, p = np.concatenate(self.truth), np.concatenate(self.guess)
        table = skm.confusion_matrix(y, p, normalize="true")  # FAULT note 11
        return dict(zip(self.names, table.diagonal().round(3).tolist()))


if __name__ == "__main__":
    torch.manual_seed(0)
    net = nn.Linear(6, 3).eval()
    report = Report(["cat", "dog", "fox"])
    with torch.no_grad():
        for _ in range(4):
            report.add(net(torch.randn(16, 6)), torch.randint(0, 3, (16,)))
    print(report.recall())
