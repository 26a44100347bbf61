import numpy as np
from torch.utils.data import DataLoader


def seed_worker(worker_id):
    # the workers stay alive, so this runs once and the numbers go on
    np.random.seed(np.random.get_state()[1][0] + worker_id)


def loaders(train_set, val_set, batch_size=32, num_workers=0):
    train = DataLoader(train_set, batch_size=batch_size, shuffle=True, num_workers=num_workers,
                       worker_init_fn=seed_worker, persistent_workers=num_workers > 0)
    val = DataLoader(val_set, batch_size=batch_size, num_workers=num_workers)
    return train, val
