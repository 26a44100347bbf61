"""Two convolutions, each followed by its normalisation in forward."""
import lightning as L
import torch
from torch import nn


class LitTextures(L.LightningModule):
    def __init__(self, classes: int = 5, lr: float = 1e-3) -> None:
        super().__init__()
        self.lr = lr
        self.conv1 = nn.Conv2d(1, 8, kernel_size=3)  # FAULT note 3
        self.bn1 = nn.BatchNorm2d(8)
        self.conv2 = nn.Conv2d(8, 16, kernel_size=3, bias=False)
        self.bn2 = nn.BatchNorm2d(16)
        self.fc = nn.Linear(16, classes)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = torch.relu(self.bn1(self.conv1(x)))
        x = torch.relu(self.bn2(self.conv2(x)))
        return self.fc(x.mean((2, 3)))

    def training_step(self, batch, batch_idx):
        x, y = batch
        return nn.functional.cross_entropy(self(x), y)

    def configure_optimizers(self):
        return torch.optim.Adam(self.parameters(), lr=self.lr)


if __name__ == "__main__":
    print(LitTextures()(torch.rand(3, 1, 12, 12)).shape)
