import hashlib
from pathlib import Path
import torch
from PIL import Image
from torch.utils.data import Dataset


class Spec:
    def __init__(self, size, mean, std):
        self.size, self.mean, self.std = size, tuple(mean), tuple(std)

    def __eq__(self, o):
        return (self.size, self.mean, self.std) == (o.size, o.mean, o.std)

    def __hash__(self):
        return hash((self.size, self.mean, self.std))


def fingerprint(root):
    lines = []
    for p in Path(root).rglob("*.jpg"):
        lines.append(f"{hashlib.md5(p.read_bytes()).hexdigest()} {p.relative_to(root).as_posix()}")
    lines.sort()
    return hashlib.sha1("\n".join(lines).encode()).hexdigest()


def is_test(name, pct=20):
    return int(hashlib.md5(name.encode()).hexdigest(), 16) % 100 < pct


class Split(Dataset):
    def __init__(self, root, test, tf):
        self.classes = sorted(d.name for d in Path(root).iterdir() if d.is_dir())
        self.items = [(p, k) for k, c in enumerate(self.classes)
                      for p in sorted(Path(root, c).glob("*.jpg")) if is_test(p.name) == test]
        self.tf = tf

    def __len__(self):
        return len(self.items)

    def __getitem__(self, i):
        p, k = self.items[i]
        return self.tf(Image.open(p).convert("RGB")), k
