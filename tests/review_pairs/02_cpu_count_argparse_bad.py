"""Extract features of a folder of pictures with several workers."""
import argparse
import os

import torch
from torch import nn
from torch.utils.data import DataLoader
from torchvision import datasets, transforms

parser = argparse.ArgumentParser()
parser.add_argument("--data", default="data/val")
parser.add_argument("--workers", type=int, default=4 * os.cpu_count())  # FAULT note 2


def features(model, loader):
    model.eval()
    out = []
    with torch.inference_mode():
        for images, _ in loader:
            out.append(model(images))
    return torch.cat(out)


def main():
    opt = parser.parse_args()
    dataset = datasets.ImageFolder(opt.data, transforms.Compose(
        [transforms.Resize((32, 32)), transforms.ToTensor()]))
    loader = DataLoader(dataset, batch_size=4, num_workers=opt.workers)
    body = nn.Sequential(nn.Conv2d(3, 8, 3, 2), nn.ReLU(), nn.AdaptiveAvgPool2d(2), nn.Flatten())
    print(tuple(features(body, loader).shape))


if __name__ == "__main__":
    main()
