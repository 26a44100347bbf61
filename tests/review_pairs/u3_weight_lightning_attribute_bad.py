"""Weights as an attribute of the module."""
import lightning as L
import torch
from torch import Tensor, nn


class LitDefects(L.LightningModule):
    def __init__(self, weights: list[float], n_in: int = 12) -> None:
        super().__init__()
        self.net = nn.Linear(n_in, len(weights))
        self.class_weights = torch.tensor(weights)  # FAULT note U3

    def forward(self, x: Tensor) -> Tensor:
        return self.net(x)

    def training_step(self, batch: tuple[Tensor, Tensor], batch_idx: int) -> Tensor:
        x, y = batch
        return nn.functional.cross_entropy(self(x), y, weight=self.class_weights)

    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), lr=0.1)


def main() -> None:
    model = LitDefects([0.5, 1.0, 4.0])
    trainer = L.Trainer(max_epochs=1, accelerator="auto", logger=False,
                        enable_checkpointing=False, enable_progress_bar=False)
    data = torch.utils.data.TensorDataset(torch.randn(32, 12), torch.randint(0, 3, (32,)))
    trainer.fit(model, torch.utils.data.DataLoader(data, batch_size=8))


if __name__ == "__main__":
    main()
