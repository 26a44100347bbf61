from pathlib import Path

import lightning as L
import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader
from torchvision.datasets import ImageFolder
from torchvision.models import resnet18
from torchvision.transforms import v2


def build_split(root, split, augment):
    steps = [v2.ToImage(), v2.Resize((64, 64))]
    if augment:
        steps += [v2.RandomHorizontalFlip(), v2.RandomVerticalFlip()]
    steps += [v2.ToDtype(torch.float32, scale=True),
              v2.Normalize([0.344, 0.380, 0.408], [0.203, 0.137, 0.115])]
    return ImageFolder(Path(root) / split, transform=v2.Compose(steps))


class LandCoverData(L.LightningDataModule):
    def __init__(self, root, batch_size=128):
        super().__init__()
        self.root = root
        self.batch_size = batch_size

    def setup(self, stage=None):
        self.train_set = build_split(self.root, "train", augment=True)
        self.val_set = build_split(self.root, "val", augment=False)  # FAULT note 01

    @property
    def num_classes(self):
        return len(self.train_set.classes)

    def train_dataloader(self):
        return DataLoader(self.train_set, self.batch_size, shuffle=True, num_workers=2)

    def val_dataloader(self):
        return DataLoader(self.val_set, self.batch_size, num_workers=2)


class LandCoverNet(L.LightningModule):
    def __init__(self, num_classes, lr=3e-4):
        super().__init__()
        self.save_hyperparameters()
        self.net = resnet18(weights=None)
        self.net.fc = nn.Linear(512, num_classes)

    def training_step(self, batch, batch_idx):
        x, y = batch
        loss = F.cross_entropy(self.net(x), y)
        self.log("train_loss", loss)
        return loss

    def validation_step(self, batch, batch_idx):
        x, y = batch
        logits = self.net(x)
        self.log("val_loss", F.cross_entropy(logits, y))
        self.log("val_acc", (logits.argmax(1) == y).float().mean())

    def configure_optimizers(self):
        return torch.optim.AdamW(self.parameters(), lr=self.hparams.lr)


if __name__ == "__main__":
    data = LandCoverData("/data/landcover")
    data.setup()
    L.Trainer(max_epochs=30).fit(LandCoverNet(data.num_classes), datamodule=data)
