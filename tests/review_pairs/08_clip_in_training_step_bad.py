"""Clipping in a Lightning module."""
import lightning as L
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


class LitTagger(L.LightningModule):
    def __init__(self, n_in: int = 10, tags: int = 4):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(n_in, 16), nn.ReLU(), nn.Linear(16, tags))
        self.loss = nn.CrossEntropyLoss()

    def training_step(self, batch, batch_idx):
        x, y = batch
        loss = self.loss(self.net(x), y)
        torch.nn.utils.clip_grad_norm_(self.parameters(), 1.0)  # FAULT note 8
        self.log("train_loss", loss)
        return loss

    def configure_optimizers(self):
        return torch.optim.AdamW(self.parameters(), lr=1e-3)


def main():
    x = torch.randn(64, 10)
    loader = DataLoader(TensorDataset(x, x[:, :4].argmax(1)), batch_size=16, shuffle=True)
    trainer = L.Trainer(
        max_epochs=1, logger=False,
        enable_checkpointing=False, enable_progress_bar=False)
    trainer.fit(LitTagger(), loader)


if __name__ == "__main__":
    main()
