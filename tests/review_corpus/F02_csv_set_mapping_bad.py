import pandas as pd
import torch
import torch.nn as nn
from pathlib import Path
from torch.utils.data import Dataset
from torchvision.io import read_image, ImageReadMode
import torchvision.transforms.v2 as v2


class DogBreeds(Dataset):
    """Kaggle dog-breed style csv: id,breed"""

    def __init__(self, csv_file, img_dir, transform=None):
        self.df = pd.read_csv(csv_file)
        self.img_dir = Path(img_dir)
        self.transform = transform
        breeds = self.df["breed"].tolist()
        self.breed2id = {b: k for k, b in enumerate(set(breeds))}  # FAULT note 11
        self.targets = [self.breed2id[b] for b in breeds]

    def __len__(self):
        return len(self.df)

    def __getitem__(self, idx):
        row = self.df.iloc[idx]
        x = read_image(str(self.img_dir / f"{row['id']}.jpg"), ImageReadMode.RGB)
        if self.transform is not None:
            x = self.transform(x)
        return x, self.targets[idx]


def build_model(n):
    from torchvision.models import resnet34, ResNet34_Weights
    net = resnet34(weights=ResNet34_Weights.DEFAULT)
    net.fc = nn.Linear(net.fc.in_features, n)
    return net


if __name__ == "__main__":
    tf = v2.Compose([v2.Resize((224, 224)), v2.ToDtype(torch.float32, scale=True),
                     v2.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])])
    ds = DogBreeds("labels.csv", "train", tf)
    model = build_model(len(ds.breed2id))
    torch.save({"n_classes": len(ds.breed2id)}, "meta.pt")
