import torch
from torch import nn
from torch.utils.data import Dataset, DataLoader
from torchvision.io import read_image, ImageReadMode
from torchvision.transforms.v2 import functional as TF

MEAN, STD = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]


class Paths(Dataset):
    def __init__(self, rows, size=224):
        self.rows, self.size = rows, size

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, i):
        p, y = self.rows[i]
        x = read_image(p, ImageReadMode.RGB)
        return TF.resize(x, [self.size, self.size], antialias=True), y


class Preproc(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("m", torch.tensor(MEAN).view(3, 1, 1))
        self.register_buffer("s", torch.tensor(STD).view(3, 1, 1))

    def forward(self, x):
        return (x.float() / 255 - self.m) / self.s


def assemble(backbone, device):
    return nn.Sequential(Preproc(), backbone).to(device)


def train(model, rows, device, epochs=5):
    opt = torch.optim.AdamW(model.parameters(), 1e-4)
    for _ in range(epochs):
        model.train()
        for x, y in DataLoader(Paths(rows), 32, shuffle=True, num_workers=4):
            opt.zero_grad()
            nn.functional.cross_entropy(model(x.to(device)), y.to(device)).backward()
            opt.step()
