import os
from PIL import Image
import torch
from torch.utils.data import Dataset, DataLoader
from torchvision import transforms as T

ROOT = "data/flowers"


class FlowerFolder(Dataset):
    def __init__(self, root, split, tfm):
        self.tfm = tfm
        self.samples = []
        base = os.path.join(root, split)
        for label, name in enumerate(os.listdir(base)):  # FAULT note 11
            folder = os.path.join(base, name)
            for fn in sorted(os.listdir(folder)):
                if fn.lower().endswith((".jpg", ".png")):
                    self.samples.append((os.path.join(folder, fn), label))

    def __len__(self):
        return len(self.samples)

    def __getitem__(self, i):
        path, label = self.samples[i]
        img = Image.open(path).convert("RGB")
        return self.tfm(img), label


train_tfm = T.Compose([T.RandomResizedCrop(224), T.RandomHorizontalFlip(), T.ToTensor(),
                       T.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])])
test_tfm = T.Compose([T.Resize(256), T.CenterCrop(224), T.ToTensor(),
                      T.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])])

train_dl = DataLoader(FlowerFolder(ROOT, "train", train_tfm), batch_size=32, shuffle=True, num_workers=4)
test_dl = DataLoader(FlowerFolder(ROOT, "test", test_tfm), batch_size=64, num_workers=4)
print(len(train_dl.dataset), len(test_dl.dataset))
