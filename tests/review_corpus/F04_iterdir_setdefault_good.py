from pathlib import Path
from typing import Dict, List, Tuple

import torch
from torch.utils.data import DataLoader, Dataset
from torchvision.datasets.folder import default_loader

EXT = {".jpg", ".jpeg", ".png", ".bmp"}


def scan(root: Path) -> Tuple[List[Tuple[Path, int]], Dict[str, int]]:
    mapping: Dict[str, int] = {}
    items: List[Tuple[Path, int]] = []
    for sub in sorted(root.iterdir()):
        if not sub.is_dir():
            continue
        cid = mapping.setdefault(sub.name, len(mapping))
        for p in sorted(sub.rglob("*")):
            if p.suffix.lower() in EXT:
                items.append((p, cid))
    return items, mapping


class ProductImages(Dataset):
    def __init__(self, root, transform):
        self.items, self.class_to_idx = scan(Path(root))
        self.transform = transform

    def __len__(self):
        return len(self.items)

    def __getitem__(self, i):
        path, cid = self.items[i]
        return self.transform(default_loader(str(path))), torch.tensor(cid)


def make_loaders(cfg, train_tf, eval_tf):
    tr = ProductImages(cfg["train_dir"], train_tf)
    va = ProductImages(cfg["val_dir"], eval_tf)
    return (
        DataLoader(tr, batch_size=cfg["bs"], shuffle=True, num_workers=cfg["workers"], pin_memory=True),
        DataLoader(va, batch_size=2 * cfg["bs"], shuffle=False, num_workers=cfg["workers"]),
    )
