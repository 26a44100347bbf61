import lightning as L
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


class KeepBest(L.Callback):
    """Saves the weights of the epoch with the lowest validation loss."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.best = float("inf")

    def on_validation_epoch_end(self, trainer: L.Trainer, module: L.LightningModule) -> None:
        loss = trainer.callback_metrics["val_loss"].item()
        if loss < self.best:
            self.best = loss
            torch.save(module.state_dict(), self.path)


class LitLine(L.LightningModule):
    def __init__(self) -> None:
        super().__init__()
        self.line = nn.Linear(1, 1)

    def training_step(self, batch, batch_idx):
        return nn.functional.mse_loss(self.line(batch[0]), batch[1])

    def validation_step(self, batch, batch_idx):
        self.log("val_loss", nn.functional.mse_loss(self.line(batch[0]), batch[1]))

    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), lr=0.1)


if __name__ == "__main__":
    x = torch.rand(40, 1)
    loader = DataLoader(TensorDataset(x, 2 * x), batch_size=20)
    trainer = L.Trainer(max_epochs=2, logger=False, enable_checkpointing=False,
                        enable_progress_bar=False, callbacks=[KeepBest("best.pt")])
    trainer.fit(LitLine(), loader, loader)
