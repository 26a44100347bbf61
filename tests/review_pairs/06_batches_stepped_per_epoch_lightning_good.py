"""Cosine schedule in a Lightning module."""
import lightning.pytorch as pl
import torch
from torch import nn, optim
from torch.utils.data import DataLoader, TensorDataset


class LitRegression(pl.LightningModule):
    def __init__(self, n_in=5):
        super().__init__()
        self.layer = nn.Linear(n_in, 1)

    def training_step(self, batch, batch_idx):
        x, y = batch
        return nn.functional.l1_loss(self.layer(x), y)

    def configure_optimizers(self):
        optimizer = optim.AdamW(self.parameters(), lr=1e-2)
        updates = self.trainer.estimated_stepping_batches
        scheduler = optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=updates)
        return [optimizer], [{"scheduler": scheduler, "interval": "step"}]


def main():
    pl.seed_everything(1)
    x = torch.randn(64, 5)
    loader = DataLoader(TensorDataset(x, x.mean(1, keepdim=True)), batch_size=16)
    trainer = pl.Trainer(max_epochs=3, logger=False, enable_checkpointing=False,
                         enable_progress_bar=False)
    trainer.fit(LitRegression(), loader)


if __name__ == "__main__":
    main()
