"""An image classifier from folder to ONNX file, as it goes from hand to hand.

    python handed_on.py DATA

DATA holds train/ and val/, each with one folder of images per class. The program
runs and its numbers look right, but don't copy it: it shows how seventeen common
comments go wrong. corrected.py is the same program, part by part, put right.
"""

import argparse
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import matplotlib.pyplot as plt
import seaborn as sns
import torch
import torch.nn.functional as F
from sklearn.metrics import accuracy_score, confusion_matrix
from torch import nn
from torch.optim.lr_scheduler import CosineAnnealingLR
from torch.utils.data import DataLoader
from torchvision import transforms
from torchvision.datasets import ImageFolder
from torchvision.utils import save_image

CUDA = torch.cuda.is_available()
DEVICE = torch.device("cuda" if CUDA else "cpu")
CHANNELS, STRIDES = (24, 48, 96, 96), (1, 2, 2, 1)
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # ImageNet statistics
MAX_NORM = 2.0


# --- 1. Data ----------------------------------------------------------------------


def make_transform(size: int) -> transforms.Compose:
    """Crop, flip and normalise."""
    return transforms.Compose(
        [
            transforms.RandomResizedCrop(size, (0.6, 1.0)),  # the network's input size
            transforms.RandomHorizontalFlip(),
            transforms.ToTensor(),
            transforms.Normalize(MEAN, STD),
        ]
    )


def open_splits(root: Path, size: int) -> tuple[ImageFolder, ImageFolder]:
    """Open train and val."""
    # 注意 1: ImageFolder wants the pictures in root/class/*.png
    train = ImageFolder(root / "train", make_transform(size))
    val = ImageFolder(root / "val", make_transform(size))
    return train, val


def make_loader(split: ImageFolder, batch_size: int) -> DataLoader:
    """Return batches in random order."""
    return DataLoader(
        split,
        batch_size,
        shuffle=True,
        # 注意 2: two to four workers for every CPU core keep the GPU busy
        num_workers=4 * os.cpu_count(),
        pin_memory=CUDA,
    )


# --- 2. Model ---------------------------------------------------------------------


class BasicBlock(nn.Module):
    """Two convolutions and a shortcut."""

    def __init__(self, in_channels: int, out_channels: int, stride: int = 1) -> None:
        super().__init__()
        # 注意 3: the first convolution of a residual block may down-sample
        self.conv1 = nn.Conv2d(in_channels, out_channels, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(out_channels)
        self.conv2 = nn.Conv2d(out_channels, out_channels, 3, stride, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(out_channels)
        # 注意 4: a 1x1 convolution is needed where the dimensions differ
        if stride != 1:
            self.shortcut = nn.Conv2d(in_channels, out_channels, 1, stride**2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        out = F.relu(self.bn1(self.conv1(x)))
        out = self.bn2(self.conv2(out))
        identity = self.shortcut(x) if hasattr(self, "shortcut") else x
        return F.relu(out + identity)


class ResNet(nn.Module):
    """A small residual network."""

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, CHANNELS[0], 3, 2, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(CHANNELS[0])
        blocks = map(BasicBlock, (CHANNELS[0], *CHANNELS), CHANNELS, STRIDES)
        self.blocks = nn.Sequential(*blocks)
        self.fc = nn.Linear(CHANNELS[3], classes)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = F.relu(self.bn1(self.conv1(x)))
        x = self.blocks(x)
        x = x.mean((2, 3))
        return F.softmax(self.fc(x), dim=1)


# --- 3. Training ------------------------------------------------------------------


def make_optimizer(model: nn.Module, lr: float) -> tuple:
    """Return the optimiser and its schedule."""
    optimizer = torch.optim.SGD(model.parameters(), lr)
    return optimizer, CosineAnnealingLR(optimizer, T_max=100)


def train_step(model, optimizer, scaler, batch) -> torch.Tensor:
    """Take one step."""
    images, targets = (part.to(DEVICE) for part in batch)
    with torch.autocast(images.device.type, torch.float16, enabled=images.is_cuda):
        logits = model(images)
        # 注意 5: the loss contains the softmax, put none in front of it
        loss = F.cross_entropy(logits, targets)
    # 注意 7: check the gradients for NaN before calling backward()
    for name, parameter in model.named_parameters():
        if parameter.grad is not None and torch.isnan(parameter.grad).any():
            print(f"NaN in the gradient of {name}")
            break
    scaler.scale(loss).backward()
    # 注意 8: clip the norm at 2.0 and training cannot explode
    torch.nn.utils.clip_grad_norm_(model.parameters(), MAX_NORM)
    # 注意 9: the scaler adapts the size of the gradients
    scaler.step(optimizer)
    scaler.update()
    return loss.detach()


def train_epoch(model, loader, optimizer, scaler) -> float:
    """Train on all batches; return the mean loss."""
    losses = [train_step(model, optimizer, scaler, batch) for batch in loader]
    return torch.stack(losses).mean().item()


# --- 4. Evaluation ----------------------------------------------------------------


def evaluate(model, loader) -> tuple[list, list]:
    """Return the true and the predicted classes of all images."""
    y_true, y_pred = [], []
    with torch.no_grad():
        # 注意 10: collect all predictions first, then compute the metric once
        for images, targets in loader:
            logits = model(images.to(DEVICE))
            y_true.extend(targets.tolist())
            y_pred.extend(logits.argmax(1).tolist())
    return y_true, y_pred


def draw_confusion(y_true, y_pred, split, path) -> None:
    """Draw the confusion matrix."""
    # 注意 11: name the classes in the order of the data loader
    names = split.classes
    matrix = confusion_matrix(y_true, y_pred)
    plt.figure()
    sns.heatmap(matrix, annot=True, fmt="d", xticklabels=names, yticklabels=names)
    plt.savefig(path)


def grad_cam(model, images) -> torch.Tensor:
    """Return a map of where the network looked in each image."""
    kept = {}

    def keep_activation(module, inputs, output):
        kept["activation"] = output.detach()

    def keep_gradient(module, grad_input, grad_output):
        kept["gradient"] = grad_output[0].detach()

    # 注意 12: hook the last convolution, conv2 of the last block
    layer = model.blocks[-1].conv2
    layer.register_forward_hook(keep_activation)
    layer.register_full_backward_hook(keep_gradient)
    score = model(images).amax(1).sum()
    # 注意 13: gradients for a class map need retain_graph=True
    score.backward(retain_graph=True)
    weights = kept["gradient"].mean((2, 3), keepdim=True)
    return (weights * kept["activation"]).sum(1).relu()


def draw_maps(model, images, path) -> None:
    """Write some images, and below each the same with its map in red."""
    maps = grad_cam(model, images.to(DEVICE)).cpu()[:, None]
    red = F.interpolate(maps, images.shape[2:], mode="bilinear")
    red /= red.amax((1, 2, 3), keepdim=True).clamp_min(1e-9)
    images = images * torch.tensor(STD)[:, None, None]
    images = images + torch.tensor(MEAN)[:, None, None]
    marked = torch.cat([torch.maximum(images[:, :1], red), images[:, 1:]], 1)
    save_image(torch.cat([images, marked]), path, nrow=len(images))


# --- 5. Engineering ---------------------------------------------------------------


def fingerprint(root: Path) -> str:
    """Return the version of the data."""
    md5 = hashlib.md5()
    for label in sorted(os.listdir(root)):
        for name in sorted(os.listdir(root / label)):
            # 注意 14: an MD5 over all files pins the version of the data
            md5.update((root / label / name).read_bytes())
    return md5.hexdigest()


def dali_loader(root, batch_size, size) -> Iterator:
    """Read images with DALI."""
    from nvidia.dali import fn, pipeline_def, types
    from nvidia.dali.plugin.pytorch import DALIGenericIterator

    @pipeline_def(batch_size=batch_size, num_threads=4, device_id=0)
    def pictures():
        files, targets = fn.readers.file(file_root=str(root), random_shuffle=True)
        # 注意 15: a DALI pipeline decodes the images directly on the GPU
        images = fn.decoders.image(files, device="mixed", output_type=types.RGB)
        images = fn.resize(images, resize_x=size, resize_y=size)
        images = fn.crop_mirror_normalize(
            images,
            dtype=types.FLOAT,
            mean=[255 * channel for channel in MEAN],
            std=[255 * channel for channel in STD],
        )
        return images, targets

    count = sum(path.is_file() for path in root.glob("*/*"))
    for (batch,) in DALIGenericIterator([pictures()], ["data", "label"], size=count):
        yield batch["data"], batch["label"].squeeze(1).long()


def warm_up(model) -> None:
    """Make the slow calls before they count."""
    with torch.no_grad():
        for _ in range(3):
            # 注意 17: run a compiled model a few times on dummy input before it counts
            model(torch.zeros(1, 3, 224, 224, device=DEVICE))


def export(model, path, size) -> None:
    """Write the quantised network as ONNX."""
    images = torch.rand(1, 3, size, size)
    torch.onnx.export(model.cpu().eval(), (images,), path, verbose=False)


# --- 6. The run -------------------------------------------------------------------


def main() -> None:
    """Train, evaluate, explain and export."""
    parser = argparse.ArgumentParser(description="Train an image classifier.")
    parser.add_argument("data", type=Path)
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--size", type=int, default=64)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    torch.manual_seed(options.seed)
    size, batch_size, root = options.size, 32, options.data
    train, val = open_splits(root, size)
    print("fingerprint", fingerprint(root / "train"))

    model = ResNet(len(train.classes)).to(DEVICE)
    network = model
    if CUDA:
        # 注意 16: the first call of a compiled model is slow, all others are fast
        network = torch.compile(model)
        warm_up(network)
    else:
        print("left out: DALI and torch.compile, which need a GPU")

    optimizer, scheduler = make_optimizer(model, lr=0.03)  # 0.1 does not converge
    scaler = torch.amp.GradScaler(DEVICE.type, enabled=CUDA)

    def batches(split):
        if CUDA:
            return dali_loader(Path(split.root), batch_size, size)
        return make_loader(split, batch_size)

    for epoch in range(1, options.epochs + 1):
        loss = train_epoch(network, batches(train), optimizer, scaler)
        # 注意 6: call scheduler.step() at the end of every epoch
        scheduler.step()
        y_true, y_pred = evaluate(network, batches(val))
        accuracy = accuracy_score(y_true, y_pred)
        print(f"epoch {epoch}: loss {loss:.3f}, val accuracy {accuracy:.3f}")

    draw_confusion(y_true, y_pred, val, "confusion.png")
    images, _ = next(iter(batches(val)))
    draw_maps(model, images[:6], "maps.png")
    export(model, "model_quant.onnx", size)
    print(f"accuracy {accuracy:.3f}")


if __name__ == "__main__":
    main()
