import torch
from timm.data import create_transform
from torchvision.datasets import ImageFolder
from torchvision import transforms


def build_transform(is_train, cfg):
    if is_train:
        return create_transform(input_size=cfg.img_size, is_training=True, auto_augment="rand-m9-mstd0.5",
                                re_prob=0.25, interpolation="bicubic")
    return transforms.Compose([
        transforms.Resize(int(cfg.img_size / 0.875), interpolation=transforms.InterpolationMode.BICUBIC),
        transforms.CenterCrop(cfg.img_size),
        transforms.ToTensor(),
        transforms.Normalize((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)),
    ])


def build_loaders(cfg):
    train_set = ImageFolder(f"{cfg.data}/train", transform=build_transform(True, cfg))
    val_set = ImageFolder(f"{cfg.data}/val", transform=build_transform(False, cfg))
    train_loader = torch.utils.data.DataLoader(
        train_set, batch_size=cfg.batch_size, shuffle=True, num_workers=cfg.workers,
        pin_memory=True, drop_last=True)
    val_loader = torch.utils.data.DataLoader(
        val_set, batch_size=cfg.batch_size, shuffle=False, num_workers=cfg.workers, pin_memory=True)
    return train_loader, val_loader
