"""Transforms of the two sides."""
from torchvision import transforms as T


def for_training(side):
    return T.Compose([
        T.RandomResizedCrop(side, scale=(0.6, 1.0)),
        T.RandomHorizontalFlip(),
        T.ToTensor(),
        T.Normalize((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)),
    ])


def for_validation(side):
    return T.Compose([
        T.Resize(side),
        T.CenterCrop(side),
        T.ToTensor(),
        T.Normalize((0.5, 0.5, 0.5), (0.5, 0.5, 0.5)),  # FAULT note U1
    ])
