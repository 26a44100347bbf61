import lightning as L
import torch
from torch import nn


class LitSpam(L.LightningModule):
    """Bag of words, one answer."""

    def __init__(self, words: int = 100, lr: float = 1e-3):
        super().__init__()
        self.save_hyperparameters()
        self.bag = nn.EmbeddingBag(words, 16)
        self.head = nn.Sequential(nn.ReLU(), nn.Linear(16, 1))
        self.loss_fn = nn.BCEWithLogitsLoss()

    def forward(self, words):
        return self.head(self.bag(words))

    def training_step(self, batch, batch_idx):
        words, spam = batch
        out = self(words)
        return self.loss_fn(out[:, 0], spam)

    def configure_optimizers(self):
        return torch.optim.Adam(self.parameters(), lr=self.hparams.lr)


if __name__ == "__main__":
    batch = torch.randint(0, 100, (8, 20)), torch.randint(0, 2, (8,)).float()
    print(LitSpam().training_step(batch, 0).item())
