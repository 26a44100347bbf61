import json
import os
import torch
from PIL import Image
from torch.utils.data import Dataset


class PetDataset(Dataset):
    """files are called like  yorkshire_terrier_12.jpg"""

    def __init__(self, folder, transform, vocab=None):
        self.folder = folder
        self.transform = transform
        self.names = [f for f in os.listdir(folder) if f.endswith(".jpg")]
        breeds = {f.rsplit("_", 1)[0] for f in self.names}
        if vocab is None:
            vocab = list(breeds)
            vocab.sort()
        unknown = breeds - set(vocab)
        if unknown:
            raise ValueError(f"unknown breeds {unknown}")
        self.vocab = vocab
        self.stoi = {b: i for i, b in enumerate(vocab)}

    def save_vocab(self, path):
        with open(path, "w") as f:
            json.dump(self.vocab, f)

    def __len__(self):
        return len(self.names)

    def __getitem__(self, i):
        f = self.names[i]
        img = Image.open(os.path.join(self.folder, f)).convert("RGB")
        return self.transform(img), self.stoi[f.rsplit("_", 1)[0]]


def count_images(root):
    return {c: len(os.listdir(os.path.join(root, c))) for c in os.listdir(root)}
