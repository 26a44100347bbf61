import random

import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset


class Jitter(Dataset):
    def __len__(self):
        return 16

    def __getitem__(self, index):
        return index + np.random.uniform(-0.5, 0.5)


def seed_everything(seed):
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)


def seed_worker(worker_id):
    seed = torch.initial_seed() % 2**32
    np.random.seed(seed)
    random.seed(seed)


if __name__ == "__main__":
    seed_everything(42)
    loader = DataLoader(Jitter(), batch_size=4, num_workers=2, worker_init_fn=seed_worker,
                        generator=torch.Generator().manual_seed(42))
    for _ in range(2):
        print(torch.cat(list(loader)).mean())
