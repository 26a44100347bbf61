import numpy as np
import torch
import torch.distributed as dist
from torch.utils.data import DataLoader, Dataset, DistributedSampler


class Noisy(Dataset):
    def __init__(self, images, labels, sigma=0.05):
        self.images, self.labels, self.sigma = images, labels, sigma
        self.rng = None

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, i):
        if self.rng is None:
            self.rng = np.random.default_rng(torch.initial_seed() % 2 ** 32)
        x = self.images[i] + self.sigma * self.rng.standard_normal(self.images[i].shape)
        return torch.from_numpy(x.astype(np.float32)), self.labels[i]


class Epochs:
    def __init__(self, loader, n):
        self.loader, self.n = loader, n

    def __iter__(self):
        for e in range(self.n):
            if isinstance(self.loader.sampler, DistributedSampler):
                self.loader.sampler.set_epoch(e)
            yield e, self.loader


def train(model, ds, n_epochs, rank):
    sampler = DistributedSampler(ds) if dist.is_initialized() else None
    dl = DataLoader(ds, 64, sampler=sampler, shuffle=sampler is None, num_workers=4)
    opt = torch.optim.Adam(model.parameters())
    for epoch, batches in Epochs(dl, n_epochs):
        model.train()
        for x, y in batches:
            opt.zero_grad()
            torch.nn.functional.cross_entropy(model(x.to(rank)), y.to(rank)).backward()
            opt.step()
