import lightning as L
import torch
from torch.utils.data import DataLoader, TensorDataset


class Spectra(L.LightningDataModule):
    """Random spectra of four substances."""

    def __init__(self, batch_size: int = 32) -> None:
        super().__init__()
        self.batch_size = batch_size

    def setup(self, stage: str | None = None) -> None:
        generator = torch.Generator().manual_seed(0)
        x = torch.rand(250, 40, generator=generator)
        y = torch.randint(0, 4, (250,), generator=generator)
        self.train_set = TensorDataset(x[:200], y[:200])
        self.val_set = TensorDataset(x[200:], y[200:])

    def train_dataloader(self) -> DataLoader:
        return DataLoader(self.train_set, self.batch_size, shuffle=True, drop_last=True)

    def val_dataloader(self) -> DataLoader:
        return DataLoader(self.val_set, self.batch_size, drop_last=True)  # FAULT note 10


if __name__ == "__main__":
    spectra = Spectra()
    spectra.setup()
    print(sum(len(y) for _, y in spectra.train_dataloader()))
    print(sum(len(y) for _, y in spectra.val_dataloader()))
