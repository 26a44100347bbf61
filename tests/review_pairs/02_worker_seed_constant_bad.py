"""Random shifts with NumPy inside the data set."""
import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset


class ShiftedDigits(Dataset):
    def __init__(self, images, labels):
        self.images, self.labels = images, labels

    def __len__(self):
        return len(self.images)

    def __getitem__(self, i):
        dx, dy = np.random.randint(-2, 3, size=2)
        return torch.roll(self.images[i], (int(dx), int(dy)), (1, 2)), self.labels[i]


def seed_worker(worker_id):
    np.random.seed(42)  # FAULT note 2


def main():
    torch.manual_seed(42)
    images = torch.rand(32, 1, 12, 12)
    labels = torch.randint(0, 10, (32,))
    loader = DataLoader(ShiftedDigits(images, labels), batch_size=8, shuffle=True,
                        num_workers=2, worker_init_fn=seed_worker)
    for epoch in range(2):
        total = sum(float(x[..., 0].sum()) for x, _ in loader)
        print(epoch, round(total, 3))


if __name__ == "__main__":
    main()
