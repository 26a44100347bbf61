import lightning as L
import torch
from torch import nn
from torch.optim.lr_scheduler import CosineAnnealingLR as Cosine
from torch.utils.data import DataLoader, TensorDataset


class LitNet(L.LightningModule):
    def __init__(self, epochs: int, lr: float = 0.05):
        super().__init__()
        self.save_hyperparameters()
        self.net = nn.Linear(6, 3)

    def training_step(self, batch, batch_idx):
        x, y = batch
        return nn.functional.cross_entropy(self.net(x), y)

    def configure_optimizers(self):
        optimizer = torch.optim.SGD(self.parameters(), lr=self.hparams.lr)
        scheduler = Cosine(optimizer, T_max=self.hparams.epochs)
        return {
            "optimizer": optimizer,
            "lr_scheduler": {"scheduler": scheduler, "interval": "epoch"},
        }


if __name__ == "__main__":
    EPOCHS = 4
    data = TensorDataset(torch.randn(64, 6), torch.randint(0, 3, (64,)))
    trainer = L.Trainer(max_epochs=EPOCHS, logger=False, enable_checkpointing=False,
                        enable_progress_bar=False)
    trainer.fit(LitNet(EPOCHS), DataLoader(data, batch_size=8, shuffle=True))
