import numpy as np
import torch
from torch.utils.data import Dataset, DataLoader


class AugmentedArrays(Dataset):
    def __init__(self, npz, train=True, max_shift=4, noise=0.02, seed=0):
        blob = np.load(npz)
        self.x = blob["images"].astype(np.float32) / 255.0
        self.y = blob["labels"].astype(np.int64)
        self.train = train
        self.max_shift = max_shift
        self.noise = noise
        self.rng = np.random.default_rng(seed)  # FAULT note 2

    def __len__(self):
        return len(self.y)

    def _augment(self, img):
        dy, dx = self.rng.integers(-self.max_shift, self.max_shift + 1, size=2)
        img = np.roll(img, (dy, dx), axis=(0, 1))
        if self.rng.random() < 0.5:
            img = img[:, ::-1]
        return img + self.noise * self.rng.standard_normal(img.shape).astype(np.float32)

    def __getitem__(self, i):
        img = self.x[i]
        if self.train:
            img = self._augment(img)
        return torch.from_numpy(np.ascontiguousarray(img)).permute(2, 0, 1), int(self.y[i])


train_loader = DataLoader(AugmentedArrays("train.npz"), batch_size=128, shuffle=True, num_workers=8)
val_loader = DataLoader(AugmentedArrays("val.npz", train=False), batch_size=256, num_workers=4)
