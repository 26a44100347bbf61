import lightning.pytorch as pl
import torch
import torchmetrics
from torch import nn
from torchvision.models import convnext_tiny


class Net(pl.LightningModule):
    def __init__(self, classes: int, lr: float = 4e-3):
        super().__init__()
        self.save_hyperparameters()
        self.m = convnext_tiny(weights="DEFAULT")
        self.m.classifier[2] = nn.Linear(768, classes)
        self.loss = nn.CrossEntropyLoss(label_smoothing=0.1)
        self.metrics = nn.ModuleDict({
            s: torchmetrics.Accuracy(task="multiclass", num_classes=classes) for s in ("tr", "va")})

    def _shared(self, batch, stage):
        x, y = batch
        z = self.m(x)
        loss = self.loss(z, y)
        self.metrics[stage](z, y)
        self.log(f"{stage}/loss", loss, on_step=False, on_epoch=True, batch_size=len(y))
        self.log(f"{stage}/acc", self.metrics[stage], on_step=False, on_epoch=True)
        return loss

    def training_step(self, batch, i):
        return self._shared(batch, "tr")

    def validation_step(self, batch, i):
        self._shared(batch, "va")

    def configure_optimizers(self):
        opt = torch.optim.AdamW(self.parameters(), lr=self.hparams.lr, weight_decay=0.05)
        sch = torch.optim.lr_scheduler.OneCycleLR(opt, self.hparams.lr, self.trainer.estimated_stepping_batches)
        return {"optimizer": opt, "lr_scheduler": dict(scheduler=sch, interval="step", frequency=1)}


if __name__ == "__main__":
    trainer = pl.Trainer(max_epochs=10, accumulate_grad_batches=4, gradient_clip_val=1.0)
