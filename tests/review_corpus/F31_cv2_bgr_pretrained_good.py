import cv2
import numpy as np
import torch
import torch.nn as nn
from torch.utils.data import Dataset
import torchvision.models as tvm

IMAGENET_MEAN = np.array([0.485, 0.456, 0.406], np.float32)
IMAGENET_STD = np.array([0.229, 0.224, 0.225], np.float32)


def load_image(path, size=224):
    img = cv2.imread(str(path))[:, :, ::-1]
    img = cv2.resize(np.ascontiguousarray(img), (size, size), interpolation=cv2.INTER_AREA)
    img = img.astype(np.float32) / 255.0
    img = (img - IMAGENET_MEAN) / IMAGENET_STD
    return torch.from_numpy(img).permute(2, 0, 1).contiguous()


class CarDataset(Dataset):
    def __init__(self, records, flip=False):
        self.records = records
        self.flip = flip

    def __len__(self):
        return len(self.records)

    def __getitem__(self, i):
        path, y = self.records[i]
        x = load_image(path)
        if self.flip and torch.rand(1).item() < 0.5:
            x = x.flip(-1)
        return x, y


def car_model(n_classes):
    model = tvm.resnet50(weights="IMAGENET1K_V2")
    for name, p in model.named_parameters():
        p.requires_grad = name.startswith(("layer4", "fc"))
    model.fc = nn.Linear(2048, n_classes)
    return model
