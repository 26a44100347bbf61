"""A network with one score and one attention map."""
import torch
from torch import Tensor, nn


class Spotter(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3, padding=1)
        self.where = nn.Conv2d(8, 1, 1)
        self.what = nn.Linear(8, 1)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        h = self.conv(x).relu()
        where = self.where(h).flatten(2).softmax(-1)
        pooled = (h.flatten(2) * where).sum(-1)
        score = self.what(pooled)
        return score, where
