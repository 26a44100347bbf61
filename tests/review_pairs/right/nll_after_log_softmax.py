import lightning as L
import torch
from torch import nn
from torch.nn import functional as F


class LitDigits(L.LightningModule):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Flatten(), nn.Linear(64, 10), nn.LogSoftmax(dim=1))

    def training_step(self, batch, batch_idx):
        x, y = batch
        loss = F.nll_loss(self.net(x), y)
        self.log("loss", loss, prog_bar=True)
        return loss

    def predict_step(self, batch, batch_idx):
        return self.net(batch[0]).exp()

    def configure_optimizers(self):
        return torch.optim.Adam(self.parameters(), lr=1e-3)


if __name__ == "__main__":
    data = torch.utils.data.TensorDataset(torch.rand(32, 1, 8, 8), torch.randint(0, 10, (32,)))
    trainer = L.Trainer(max_epochs=1, logger=False, enable_checkpointing=False,
                        enable_progress_bar=False)
    trainer.fit(LitDigits(), torch.utils.data.DataLoader(data, batch_size=8))
