"""A data module around two folders of pictures."""
import os

import lightning as L
from torch.utils.data import DataLoader
from torchvision import transforms as T
from torchvision.datasets import ImageFolder as Pictures


class LeafData(L.LightningDataModule):
    def __init__(self, root="data", batch_size=8, size=32):
        super().__init__()
        self.root, self.batch_size = root, batch_size
        self.transform = T.Compose([T.Resize(size), T.CenterCrop(size), T.ToTensor()])

    def setup(self, stage=None):
        self.train_set = self._split("train")
        self.val_set = self._split("val")  # FAULT note 1

    def _split(self, name):
        return Pictures(os.path.join(self.root, name), self.transform)

    def train_dataloader(self):
        return DataLoader(self.train_set, self.batch_size, shuffle=True)

    def val_dataloader(self):
        return DataLoader(self.val_set, self.batch_size)


if __name__ == "__main__":
    leaves = LeafData()
    leaves.setup()
    print(len(leaves.train_dataloader()), len(leaves.val_dataloader()))
