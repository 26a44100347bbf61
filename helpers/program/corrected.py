"""An image classifier from folder to ONNX file, with seventeen comments put right.

The comments, 注意 1 to 17, are those of "Seventeen Notes on an Image Classifier": each
number is a chapter's. In shapes, N counts images, C classes or channels, H and W
pixels; the numbers are for 64 pixels.
"""

import argparse
import hashlib
import os
import shutil
import sys
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import seaborn as sns
import torch
import torch.nn.functional as F
from onnx.reference import ReferenceEvaluator
from PIL import Image, ImageOps
from sklearn.metrics import confusion_matrix
from torch import Tensor, nn
from torch.optim.lr_scheduler import CosineAnnealingLR
from torch.utils.data import DataLoader
from torchvision.datasets import ImageFolder
from torchvision.transforms import v2
from torchvision.utils import save_image

CUDA = torch.cuda.is_available()
DEVICE = torch.device("cuda" if CUDA else "cpu")
DALI = bool(CUDA and find_spec("nvidia") and find_spec("nvidia.dali"))
COMPILE = bool(CUDA and find_spec("triton") and shutil.which("c++"))
CHANNELS, STRIDES = (24, 48, 96, 96), (1, 2, 2, 1)  # chosen here: 0.3 million weights
MEAN = STD = (0.5, 0.5, 0.5)  # [0, 1] -> [-1, 1]; pretrained weights name their own
CROP_AREA = (0.6, 1.0)  # chosen here; torchvision's 0.08 often misses the object
CROP_RATIO = (3 / 4, 4 / 3)  # torchvision's default, Szegedy et al., arXiv:1409.4842
EVAL_RESIZE = 256 / 224  # pytorch/examples imagenet/main.py, as Krizhevsky et al. 2012
MAX_NORM = 10.0  # from a log of norms on the book's solids: median 3, largest 7
Pair = tuple[Tensor, Tensor]
Batches = Iterable[Pair]  # images [N, 3, H, W] and targets [N]


# --- 1. Data ----------------------------------------------------------------------


def read_image(path: str) -> Image.Image:
    """Return an image as RGB, turned upright by its EXIF tag."""
    try:
        with Image.open(path) as file:
            if file.mode[0] in "IF":  # convert("RGB") would clip it to white
                raise ValueError("more than 8 bits a channel")
            return ImageOps.exif_transpose(file).convert("RGB")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        sys.exit(f"{path} can't be read as an 8-bit image: mend it or remove it.")


def make_transform(size: int, train: bool) -> v2.Transform:
    """Crop and flip at random for training, crop the middle for evaluation."""
    crop: list[nn.Module] = [v2.Resize(round(size * EVAL_RESIZE)), v2.CenterCrop(size)]
    if train:
        crop = [v2.RandomResizedCrop(size, CROP_AREA, CROP_RATIO)]
        crop.append(v2.RandomHorizontalFlip())
    scale = v2.ToDtype(torch.float32, scale=True)  # 0 to 255 -> 0 to 1
    return v2.Compose([v2.PILToTensor(), *crop, scale, v2.Normalize(MEAN, STD)])


def open_splits(root: Path, size: int) -> tuple[ImageFolder, ImageFolder]:
    """Open train and val, which must have images of the same classes."""
    try:
        train = ImageFolder(root / "train", make_transform(size, True))
        val = ImageFolder(root / "val", make_transform(size, False))
    except OSError as error:
        sys.exit(f"{error}. DATA must hold train/CLASS/*.png and val/CLASS/*.png.")
    train.loader = val.loader = read_image
    # 注意 1 (within limits): root/class/*.png, and the same classes in every split
    if wrong := {*train.classes} ^ {*val.classes}:
        sys.exit(f"train/ and val/ need the same classes, see {sorted(wrong)}")
    return train, val


def make_loader(split: ImageFolder, batch_size: int, workers: int, train: bool) -> Any:
    """Return batches: shuffled and whole for training, of all images otherwise."""
    # 注意 2 (within limits): min(ceil(load / step), round(cpus * load / cpu))
    return DataLoader(
        split, batch_size, train, num_workers=workers, drop_last=train, pin_memory=CUDA
    )


# --- 2. Model ---------------------------------------------------------------------


class BasicBlock(nn.Module):
    """Two convolutions and a shortcut: [N, in, H, W] -> [N, out, H / s, W / s]."""

    def __init__(self, in_channels: int, out_channels: int, stride: int = 1) -> None:
        super().__init__()
        # 注意 3 (within limits): at most one may down-sample, in a bottleneck the 3x3
        self.conv1 = nn.Conv2d(in_channels, out_channels, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(out_channels)
        self.conv2 = nn.Conv2d(out_channels, out_channels, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(out_channels)
        self.shortcut: nn.Module = nn.Identity()
        # 注意 4 (within limits): project where size or channels change, compare shapes
        if stride != 1 or in_channels != out_channels:
            project = nn.Conv2d(in_channels, out_channels, 1, stride, bias=False)
            self.shortcut = nn.Sequential(project, nn.BatchNorm2d(out_channels))

    def forward(self, x: Tensor) -> Tensor:
        out = F.relu(self.bn1(self.conv1(x)))  # [N, in, H, W] -> [N, out, H/s, W/s]
        out = self.bn2(self.conv2(out))  # [N, out, H/s, W/s]
        identity = self.shortcut(x)  # [N, in, H, W] -> [N, out, H/s, W/s]
        assert out.shape == identity.shape, f"{out.shape} + {identity.shape}"
        return F.relu(out + identity)


class ResNet(nn.Module):
    """A small residual network: [N, 3, H, W] -> [N, C]."""

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, CHANNELS[0], 3, 2, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(CHANNELS[0])
        blocks = map(BasicBlock, (CHANNELS[0], *CHANNELS), CHANNELS, STRIDES)
        self.blocks = nn.Sequential(*blocks)
        self.fc = nn.Linear(CHANNELS[3], classes)

    def forward(self, x: Tensor) -> Tensor:
        x = F.relu(self.bn1(self.conv1(x)))  # [N, 3, 64, 64] -> [N, 24, 32, 32]
        x = self.blocks(x)  # [N, 24, 32, 32] -> [N, 48, 16, 16] -> [N, 96, 8, 8]
        x = x.mean((2, 3))  # [N, 96, 8, 8] -> [N, 96]
        return self.fc(x)  # [N, 96] -> [N, C]


# --- 3. Training ------------------------------------------------------------------


def make_optimizer(model: nn.Module, lr: float, epochs: int) -> tuple[Any, Any]:
    """Return the optimiser and a schedule that is through when the run is."""
    optimizer = torch.optim.SGD(model.parameters(), lr)
    return optimizer, CosineAnnealingLR(optimizer, T_max=epochs)


def train_step(model: Any, optimizer: Any, scaler: Any, batch: Pair) -> Pair:
    """Take one step; return the loss and the gradients' norm before clipping."""
    images, targets = (part.to(DEVICE, non_blocking=True) for part in batch)
    optimizer.zero_grad()  # backward() adds to the gradients that are there
    with torch.autocast(images.device.type, torch.float16, enabled=images.is_cuda):
        logits = model(images)  # [N, 3, 64, 64] -> [N, C]
        # 注意 5 (holds): the loss contains the softmax, put none in front of it
        loss = F.cross_entropy(logits, targets)  # [N, C], [N] -> scalar
    scaler.scale(loss).backward()
    # 注意 9 (within limits): the scaler scales the loss; undo that before you clip
    scaler.unscale_(optimizer)
    # 注意 8 (within limits): log the norms, then choose the limit; it cures no NaN
    norm = torch.nn.utils.clip_grad_norm_(model.parameters(), MAX_NORM)
    # 注意 7 (corrected): look after backward(), before step(), and for infinity too
    if not norm.isfinite() and not (scaler.is_enabled() and loss.isfinite()):
        sys.exit(f"The norm of the gradients is {norm:g}: try a lower --lr.")
    scaler.step(optimizer)  # it skips the step if scaled gradients overflowed
    scaler.update()
    return loss.detach(), norm


def train_epoch(model: Any, loader: Batches, optimizer: Any, scaler: Any) -> Pair:
    """Train on all batches; return the mean loss and the largest norm."""
    model.train()
    steps = [train_step(model, optimizer, scaler, batch) for batch in loader]
    losses, norms = (torch.stack(part) for part in zip(*steps, strict=True))
    return losses.mean(), norms.max()


# --- 4. Evaluation ----------------------------------------------------------------


def evaluate(model: Any, loader: Batches, batch_size: int) -> Pair:
    """Return true and predicted classes [N] of all images, each counted once."""
    y_true, y_pred = [], []
    model.eval()
    with torch.inference_mode():
        # 注意 10 (within limits): collect, under eval(), and count every image once
        for images, targets in loader:
            missing = (0, 0) * 3 + (0, batch_size - len(images))  # note 16: one shape
            images = F.pad(images.to(DEVICE), missing)  # [n, 3, ...] -> [N, 3, ...]
            logits = model(images)[: len(targets)]  # [N, 3, ...] -> [N, C] -> [n, C]
            y_true.append(targets.cpu())
            y_pred.append(logits.argmax(1).cpu())  # [n, C] -> [n]
    return torch.cat(y_true), torch.cat(y_pred)


def draw_confusion(y_true: Tensor, y_pred: Tensor, order: dict, path: Path) -> None:
    """Draw how often which class was taken for which: a matrix [C, C]."""
    # 注意 11 (within limits): the order saved with the weights, for every row
    names = sorted(order, key=order.__getitem__)
    matrix = confusion_matrix(y_true, y_pred, labels=range(len(names)))
    plt.figure(layout="constrained")
    sns.heatmap(matrix, annot=True, fmt="d", xticklabels=names, yticklabels=names)
    plt.gca().set(xlabel="answer", ylabel="true class")
    plt.savefig(path)


def grad_cam(model: Any, images: Tensor) -> Tensor:
    """Return a map [N, h, w] for each image of what spoke for the answer."""
    kept: list[Tensor] = []
    # 注意 12 (within limits): hook the last block, whose output is what is pooled
    layer = model.blocks[-1]
    hook = layer.register_forward_hook(lambda module, inputs, out: kept.append(out))
    try:
        logits = model(images)  # [N, 3, 64, 64] -> [N, C]
    finally:
        hook.remove()
    [activation] = kept  # [N, 96, 8, 8]
    score = logits.amax(1).sum()  # [N, C] -> [N] -> scalar
    # 注意 13 (corrected): one backward pass, so the graph need not be retained
    [gradient] = torch.autograd.grad(score, activation)  # [N, 96, 8, 8]
    weights = gradient.mean((2, 3), keepdim=True)  # [N, 96, 8, 8] -> [N, 96, 1, 1]
    return (weights * activation).sum(1).relu().detach()  # [N, 96, 8, 8] -> [N, 8, 8]


def draw_maps(model: Any, images: Tensor, path: Path) -> None:
    """Write some images, and below each the same with its map in red."""
    maps = grad_cam(model.eval(), images.to(DEVICE)).cpu()[:, None]  # [N, 1, 8, 8]
    red = F.interpolate(maps, images.shape[2:], mode="bilinear")  # -> [N, 1, 64, 64]
    red /= red.amax((1, 2, 3), keepdim=True).clamp_min(1e-9)  # a map may be all zero
    images = images / 2 + 0.5  # undoes MEAN and STD
    marked = torch.cat([torch.maximum(images[:, :1], red), images[:, 1:]], 1)
    save_image(torch.cat([images, marked]), path, nrow=len(images))


# --- 5. Engineering ---------------------------------------------------------------


def fingerprint(*splits: ImageFolder) -> str:
    """Return the SHA-256 of the images that are read, each of which must be sound."""
    total = hashlib.sha256()
    for split in splits:
        for path, _ in split.samples:  # class by class, sorted by name
            read_image(path)
            content = Path(path).read_bytes()
            name = Path(path).relative_to(Path(split.root).parent).as_posix()
            # 注意 14 (corrected): name, size and content of what the loader reads
            entry = f"{name}\0{len(content)}\0{hashlib.sha256(content).hexdigest()}\n"
            total.update(entry.encode("utf-8", "surrogateescape"))
    return total.hexdigest()


def dali_loader(split: Any, batch_size: int, size: int, train: bool, gpu: Any) -> Any:
    """Yield the batches of make_loader for one epoch, read by DALI."""
    from nvidia.dali import fn, pipeline_def, types
    from nvidia.dali.plugin.pytorch import DALIClassificationIterator, LastBatchPolicy

    order = torch.randperm(len(split)).tolist() if train else range(len(split))
    paths, labels = zip(*(split.samples[index] for index in order), strict=True)
    seed = int(torch.randint(2**31, ()))  # as the order: a resumed run draws the same
    area: Any = {"random_area": CROP_AREA, "random_aspect_ratio": CROP_RATIO}
    form: Any = {"crop": (size, size), "rounding": "truncate", "dtype": types.FLOAT}
    form |= {"mean": [255 * m for m in MEAN], "std": [255 * s for s in STD]}  # of bytes

    @pipeline_def(batch_size=batch_size, num_threads=4, device_id=gpu, seed=seed)
    def pictures() -> Any:
        files, targets = fn.readers.file(
            files=list(paths), labels=list(labels), name="files", pad_last_batch=True
        )
        # 注意 15 (corrected): the GPU does a part of JPEG; mind sides and counts
        images = fn.decoders.image(files, device="cpu" if gpu is None else "mixed")
        if train:
            images = fn.random_resized_crop(images, size=(size, size), **area)
        else:
            images = fn.resize(images, resize_shorter=round(size * EVAL_RESIZE))
        mirror = fn.random.coin_flip(probability=0.5 * train)
        images = fn.crop_mirror_normalize(images, mirror=mirror, **form)  # -> [3, H, W]
        return images, targets

    policy = LastBatchPolicy.DROP if train else LastBatchPolicy.PARTIAL
    args: Any = {"reader_name": "files", "last_batch_policy": policy}
    for (batch,) in DALIClassificationIterator(pictures(), **args):
        yield batch["data"], batch["label"].squeeze(1).long()  # [N, 1] -> [N]


def warm_up(model: Any, batch_size: int, size: int) -> None:
    """Make the slow calls of the evaluation before they count."""
    images, targets = torch.zeros(batch_size, 3, size, size), torch.zeros(batch_size)
    for _ in range(3):  # a CUDA graph runs, records, replays: cudagraph_trees.py
        # 注意 17 (within limits): dummies like the real batches, in the real mode
        evaluate(model, [(images, targets)], batch_size)


def export(model: nn.Module, path: Path, size: int) -> float:
    """Write the network as ONNX; return how far the file's logits are from ours."""
    images = torch.rand(2, 3, size, size)  # two: an axis of length 1 may become fixed
    form: Any = {"dynamic_shapes": ({0: "batch"},), "opset_version": 18}  # oldest
    form |= {"input_names": ["images"], "external_data": False, "verbose": False}
    torch.onnx.export(model.cpu().eval(), (images,), path, **form)
    [logits] = ReferenceEvaluator(str(path)).run(None, {"images": images.numpy()})
    with torch.inference_mode():
        difference = (torch.from_numpy(logits) - model(images)).abs().max().item()
    if not difference < 1e-3:  # float32 has 7 digits; sums in another order differ
        sys.exit(f"{path} is wrong: its logits differ by {difference:g} from ours.")
    return difference


def save_checkpoint(path: Path, checkpoint: dict[str, Any]) -> None:
    """Write a file that is the old one or the new one at every moment."""
    part = path.with_suffix(".part")
    torch.save(checkpoint, part)
    os.replace(part, path)


# --- 6. The run -------------------------------------------------------------------


def main() -> None:
    """Train, or go on training; then evaluate, explain and export."""
    parser = argparse.ArgumentParser(
        description="Train, evaluate, explain and export an image classifier.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    add = parser.add_argument  # the defaults were tried on the book's solids
    add("data", metavar="DATA", type=Path, help="folder with train/CLASS and val/CLASS")
    add("--epochs", type=int, default=5, help="passes over the training images")
    add("--batch-size", type=int, default=32, help="images in a step")
    add("--lr", type=float, default=0.1, help="learning rate of the first epoch")
    add("--size", type=int, default=64, help="side of the network's input in pixels")
    add("--seed", type=int, default=0, help="of weights, order, crops and flips")
    add("--workers", type=int, default=0, help="processes that load images, see note 2")
    add("--out", type=Path, default=Path("runs"), help="folder for the results")
    add("--resume", action="store_true", help="go on from the checkpoint in --out")
    options = parser.parse_args()
    if min(options.epochs, options.batch_size, options.size) < 1:
        parser.error("--epochs, --batch-size and --size must be 1 or more")
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # or cuBLAS refuses
    torch.use_deterministic_algorithms(True)
    torch.manual_seed(options.seed)  # first weights, order, crops and flips
    size, batch_size, root = options.size, options.batch_size, options.data
    train, val = open_splits(root, size)
    if len(train.classes) < 2 or len(train) < batch_size:
        sys.exit(f"{len(train)} images of {train.classes} are too few for a batch.")
    fixed = vars(options) | {"fingerprint": fingerprint(train, val)}
    fixed = {k: fixed[k] for k in fixed.keys() - {"data", "out", "resume"}}
    print(f"fingerprint {fixed['fingerprint']}")
    for part, used in {"DALI": DALI, "torch.compile": COMPILE}.items():
        print(f"{part}:", "used" if used else "left out, it needs a GPU and packages")

    def batches(split: ImageFolder) -> Batches:
        if DALI:
            return dali_loader(split, batch_size, size, split is train, gpu=0)
        return make_loader(split, batch_size, options.workers, split is train)

    model = ResNet(len(train.classes)).to(DEVICE)
    network: Any = model
    if COMPILE:
        # 注意 16 (within limits): each new kind of call is slow; here there are two
        network = torch.compile(model)
        warm_up(network, batch_size, size)
    optimizer, scheduler = make_optimizer(model, options.lr, options.epochs)
    scaler = torch.amp.GradScaler(DEVICE.type, enabled=CUDA)
    parts = dict(model=model, optimizer=optimizer, scheduler=scheduler, scaler=scaler)
    done, path = 0, options.out / "checkpoint.pt"
    options.out.mkdir(parents=True, exist_ok=True)
    if path.exists():
        saved = torch.load(path, map_location="cpu", weights_only=True)
        if not options.resume:
            sys.exit(f"{path} exists: say --resume, or name another folder with --out.")
        if other := [key for key in fixed if saved["fixed"][key] != fixed[key]]:
            sys.exit(f"{path} was made with another {' and another '.join(other)}.")
        for name, part in parts.items():
            part.load_state_dict(saved[name])
        torch.set_rng_state(saved["rng"])  # of the CPU; nothing is drawn on a GPU
        done = saved["epoch"]
    for epoch in range(done + 1, options.epochs + 1):
        lr = scheduler.get_last_lr()[0]
        loss, norm = train_epoch(network, batches(train), optimizer, scaler)
        # 注意 6 (within limits): once an epoch, because T_max counts epochs too
        scheduler.step()
        y_true, y_pred = evaluate(network, batches(val), batch_size)
        accuracy = (y_true == y_pred).float().mean()
        checkpoint = {name: part.state_dict() for name, part in parts.items()}
        checkpoint |= {"class_to_idx": train.class_to_idx, "rng": torch.get_rng_state()}
        save_checkpoint(path, checkpoint | {"epoch": epoch, "fixed": fixed})
        print(f"epoch {epoch}: loss {loss:.3f}, val accuracy {accuracy:.3f}", end=", ")
        print(f"lr {lr:.4f}, norm up to {norm:.1f}", flush=True)

    saved = torch.load(path, map_location="cpu", weights_only=True)
    model.load_state_dict(saved["model"])
    y_true, y_pred = evaluate(model, batches(val), batch_size)
    draw_confusion(y_true, y_pred, saved["class_to_idx"], options.out / "confusion.png")
    positions = range(0, len(val), (len(val) + 5) // 6)  # six at most
    images = torch.stack([val[index][0] for index in positions])  # [6, 3, 64, 64]
    draw_maps(model, images, options.out / "maps.png")
    difference = export(model, options.out / "model.onnx", size)
    print(f"model.onnx differs from the network by {difference:.0e} at most")
    print(f"accuracy {(y_true == y_pred).float().mean():.3f}")


if __name__ == "__main__":
    main()
