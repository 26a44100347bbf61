"""Noise is drawn with NumPy; every worker gets a seed of its own."""
import lightning as L
import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset


class NoisySignals(Dataset):
    def __init__(self, clean, sigma=0.1):
        self.clean, self.sigma = clean, sigma

    def __len__(self):
        return len(self.clean)

    def __getitem__(self, k):
        noise = np.random.normal(0.0, self.sigma, size=self.clean.shape[1])
        return self.clean[k] + torch.from_numpy(noise).float(), k % 4


class SignalData(L.LightningDataModule):
    def __init__(self, n_workers: int = 2):
        super().__init__()
        self.n_workers = n_workers

    def setup(self, stage=None):
        self.train_set = NoisySignals(torch.zeros(32, 16))

    def train_dataloader(self):
        return DataLoader(
            self.train_set, batch_size=8, shuffle=True, num_workers=self.n_workers,
            worker_init_fn=lambda worker: np.random.seed(torch.initial_seed() % 2**32),
        )


if __name__ == "__main__":
    signals = SignalData()
    signals.setup()
    for _ in range(2):
        print(torch.cat([x for x, _ in signals.train_dataloader()]).std())
