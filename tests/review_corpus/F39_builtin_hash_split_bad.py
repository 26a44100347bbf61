from pathlib import Path
import zlib
import torch
from torch.utils.data import Dataset
from torchvision.io import decode_jpeg, read_file, ImageReadMode
from torchvision.transforms import v2


def bucket(name, n=10):
    return hash(name) % n  # FAULT note 14


class Leaves(Dataset):
    def __init__(self, root, split="train"):
        self.root = Path(root)
        keep = (lambda b: b < 8) if split == "train" else (lambda b: b >= 8)
        self.classes = sorted(d.name for d in self.root.iterdir() if d.is_dir())
        self.files = []
        for ci, c in enumerate(self.classes):
            for f in sorted((self.root / c).glob("*.jpg")):
                if keep(bucket(f.name)):
                    self.files.append((f, ci))
        ops = [v2.Resize((128, 128), antialias=True)]
        if split == "train":
            ops.append(v2.RandomHorizontalFlip())
        ops += [v2.ToDtype(torch.float32, scale=True), v2.Normalize([0.5] * 3, [0.25] * 3)]
        self.tf = v2.Compose(ops)

    def __len__(self):
        return len(self.files)

    def __getitem__(self, i):
        f, c = self.files[i]
        return self.tf(decode_jpeg(read_file(str(f)), ImageReadMode.RGB)), c


train_ds, test_ds = Leaves("leaves", "train"), Leaves("leaves", "test")
