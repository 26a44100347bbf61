import lightning.pytorch as pl
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils import clip_grad_norm_


class LitEncoder(pl.LightningModule):
    """Regression; the norm of the gradients is limited."""

    def __init__(self, width: int = 12, max_norm: float = 2.0) -> None:
        super().__init__()
        self.save_hyperparameters()
        self.encoder = nn.GRU(3, width, batch_first=True)
        self.head = nn.Linear(width, 1)

    def limit_gradients(self) -> None:
        norm = clip_grad_norm_(self.parameters(), self.hparams.max_norm)
        self.log("grad_norm", norm)

    def training_step(self, batch: tuple[Tensor, Tensor], batch_idx: int) -> Tensor:
        series, value = batch
        _, last = self.encoder(series)
        loss = F.mse_loss(self.head(last[-1]).squeeze(1), value)
        self.limit_gradients()  # FAULT note 8
        return loss

    def configure_optimizers(self) -> torch.optim.Optimizer:
        return torch.optim.Adam(self.parameters(), lr=1e-3)


if __name__ == "__main__":
    data = torch.utils.data.TensorDataset(torch.randn(16, 5, 3), torch.randn(16))
    trainer = pl.Trainer(max_epochs=1, logger=False, enable_checkpointing=False,
                         enable_progress_bar=False)
    trainer.fit(LitEncoder(), torch.utils.data.DataLoader(data, batch_size=4))
