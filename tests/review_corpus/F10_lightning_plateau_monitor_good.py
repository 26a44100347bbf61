import lightning as L
import torch
from torch import nn
from torchmetrics.classification import MulticlassAccuracy
from torchvision.models import efficientnet_b0, EfficientNet_B0_Weights


class PlantModule(L.LightningModule):
    def __init__(self, n_cls: int = 38, lr: float = 1e-3):
        super().__init__()
        self.lr = lr
        self.backbone = efficientnet_b0(weights=EfficientNet_B0_Weights.IMAGENET1K_V1)
        self.backbone.classifier[1] = nn.Linear(1280, n_cls)
        self.criterion = nn.CrossEntropyLoss()
        self.acc = MulticlassAccuracy(num_classes=n_cls, average="micro")

    def forward(self, x):
        return self.backbone(x)

    def training_step(self, batch, _):
        x, y = batch
        loss = self.criterion(self(x), y)
        self.log("train_loss", loss, on_epoch=True, on_step=False)
        return loss

    def validation_step(self, batch, _):
        x, y = batch
        self.acc.update(self(x), y)
        self.log("val_acc", self.acc, on_epoch=True, prog_bar=True)

    def configure_optimizers(self):
        optimizer = torch.optim.Adam(self.parameters(), lr=self.lr)
        return {
            "optimizer": optimizer,
            "lr_scheduler": {
                "scheduler": torch.optim.lr_scheduler.ReduceLROnPlateau(
                    optimizer,
                    mode="max",
                    patience=2,
                    factor=0.3,
                ),
                "monitor": "val_acc",
            },
        }
