import albumentations as A
import cv2
import lightning.pytorch as pl
import pandas as pd
import torch
from albumentations.pytorch import ToTensorV2
from torch import nn
from torch.utils.data import DataLoader, Dataset
from torchvision.models import densenet121


def make_transform(train: bool, size: int = 512):
    ops = [A.Resize(size, size)]
    if train:
        ops += [A.HorizontalFlip(p=0.5), A.Affine(rotate=(-15, 15), p=0.7),
                A.RandomBrightnessContrast(p=0.5)]
    ops += [A.Normalize(mean=(0.21, 0.21, 0.21), std=(0.25, 0.25, 0.25)), ToTensorV2()]
    return A.Compose(ops)


class Mammograms(Dataset):
    def __init__(self, csv, train):
        self.rows = pd.read_csv(csv)
        self.tf = make_transform(train)

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, i):
        row = self.rows.iloc[i]
        img = cv2.cvtColor(cv2.imread(row.path), cv2.COLOR_BGR2RGB)
        return self.tf(image=img)["image"], torch.tensor(row.cancer, dtype=torch.float32)


class MammoModule(pl.LightningModule):
    def __init__(self, lr=1e-4):
        super().__init__()
        self.save_hyperparameters()
        self.net = densenet121(num_classes=1)
        self.loss = nn.BCEWithLogitsLoss()

    def forward(self, x):
        return self.net(x).squeeze(1)

    def training_step(self, batch, _):
        loss = self.loss(self(batch[0]), batch[1])
        self.log("train/loss", loss)
        return loss

    def validation_step(self, batch, _):
        self.log("val/loss", self.loss(self(batch[0]), batch[1]), prog_bar=True)

    def configure_optimizers(self):
        return torch.optim.AdamW(self.parameters(), lr=self.hparams.lr)

    def train_dataloader(self):
        return DataLoader(Mammograms("folds/train.csv", train=True), 8, shuffle=True, num_workers=4)

    def val_dataloader(self):
        return DataLoader(Mammograms("folds/val.csv", train=True), 8, num_workers=4)  # FAULT note u2


if __name__ == "__main__":
    pl.seed_everything(7)
    pl.Trainer(max_epochs=20, precision="bf16-mixed").fit(MammoModule())
