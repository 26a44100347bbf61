import random
import numpy as np
import torch
import albumentations as A
from albumentations.pytorch import ToTensorV2
import cv2

SEED = 1337


def seed_all(s):
    random.seed(s)
    np.random.seed(s)
    torch.manual_seed(s)
    torch.cuda.manual_seed_all(s)


def _init_worker(worker_id):
    np.random.seed(SEED)  # FAULT note 2


class CutoutDataset(torch.utils.data.Dataset):
    def __init__(self, paths, labels, size=48):
        self.paths, self.labels, self.size = paths, labels, size
        self.post = A.Compose([A.Resize(224, 224), A.Normalize(), ToTensorV2()])

    def __getitem__(self, i):
        im = cv2.cvtColor(cv2.imread(self.paths[i]), cv2.COLOR_BGR2RGB)
        h, w = im.shape[:2]
        y0 = np.random.randint(0, max(1, h - self.size))
        x0 = np.random.randint(0, max(1, w - self.size))
        im[y0:y0 + self.size, x0:x0 + self.size] = 0
        return self.post(image=im)["image"], self.labels[i]

    def __len__(self):
        return len(self.paths)


def get_loader(paths, labels):
    seed_all(SEED)
    return torch.utils.data.DataLoader(CutoutDataset(paths, labels), batch_size=32, shuffle=True,
                                       num_workers=6, worker_init_fn=_init_worker)
