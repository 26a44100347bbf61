"""Slips that change what a network learns, in the order of the notes.

Each class is a run with one wrong decision; its docstring says which. Classes without
``says`` are the runs to compare them with.
"""

import math
from typing import Any, ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils import clip_grad_norm_, get_total_norm
from torch.optim import Optimizer
from torch.optim.lr_scheduler import ConstantLR, CosineAnnealingLR, LRScheduler

from helpers.model.resnet import batch_norm, conv3x3
from prices.tasks import IMAGENET, WIDTH, Stats, own_statistics
from prices.training import SCRATCH, Described, Training

CLIP, SCALE = 1.0, 2.0**16  # the custom, and GradScaler's first scale


# --- Part II: the network ---------------------------------------------------------


class Bottleneck(nn.Module):
    """1x1, 3x3, 1x1: ``[N, in, H, W] -> [N, 4 * width, H/stride, W/stride]``.

    Args:
        first: whether the first convolution carries the stride, as in V1; else the
            second one does, as in V1.5.
    """

    def __init__(self, before: int, width: int, stride: int, first: bool) -> None:
        super().__init__()
        after = 4 * width
        self.conv1 = nn.Conv2d(before, width, 1, bias=False)
        self.bn1 = batch_norm(width)
        self.conv2 = conv3x3(width, width)
        self.bn2 = batch_norm(width)
        self.conv3 = nn.Conv2d(width, after, 1, bias=False)
        self.bn3 = batch_norm(after)
        carrier = self.conv1 if first else self.conv2
        carrier.stride = (stride, stride)
        self.downsample = nn.Sequential(
            nn.Conv2d(before, after, 1, stride=stride, bias=False), batch_norm(after)
        )

    def forward(self, x: Tensor) -> Tensor:
        out = self.bn1(self.conv1(x)).relu()
        out = self.bn2(self.conv2(out)).relu()
        return (self.bn3(self.conv3(out)) + self.downsample(x)).relu()


def bottlenecks(classes: int, first: bool) -> nn.Module:
    """Return a small network of bottlenecks: ``[N, 3, 48, 48] -> [N, classes]``."""
    return nn.Sequential(
        conv3x3(3, WIDTH, stride=2), batch_norm(WIDTH), nn.ReLU(),
        Bottleneck(WIDTH, WIDTH, 2, first), Bottleneck(4 * WIDTH, 2 * WIDTH, 2, first),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8 * WIDTH, classes),
    )  # fmt: skip


class V1(Training):
    """A run with bottlenecks whose first convolution carries the stride."""

    def network(self) -> nn.Module:
        return bottlenecks(self.task.classes, first=True)


class Grey(nn.Module):
    """Three residual blocks on one grey channel: ``[N, 3, H, W] -> [N, classes]``.

    Args:
        projected: whether the first shortcut is a projection; else PyTorch stretches
            the one channel over all.
    """

    def __init__(self, classes: int, projected: bool) -> None:
        super().__init__()
        plan = ((1, WIDTH, 1), (WIDTH, 2 * WIDTH, 2), (2 * WIDTH, 4 * WIDTH, 2))
        self.branches = nn.ModuleList(
            nn.Sequential(
                conv3x3(a, b, s), batch_norm(b), nn.ReLU(), conv3x3(b, b), batch_norm(b)
            )
            for a, b, s in plan
        )
        self.shortcuts = nn.ModuleList(
            nn.Sequential(nn.Conv2d(a, b, 1, stride=s, bias=False), batch_norm(b))
            for a, b, s in plan
        )
        if not projected:
            self.shortcuts[0] = nn.Identity()
        self.fc = nn.Linear(4 * WIDTH, classes)

    def forward(self, x: Tensor) -> Tensor:
        x = F.avg_pool2d(x.mean(1, keepdim=True), 2)  # [N, 3, 48, 48] -> [N, 1, 24, 24]
        for branch, shortcut in zip(self.branches, self.shortcuts, strict=True):
            x = (branch(x) + shortcut(x)).relu()
        return self.fc(x.mean((2, 3)))  # [N, 64, 6, 6] -> [N, 64] -> [N, classes]


class GreyRun(Training):
    """A run of the small network on grey, normalised pixels."""

    projected = True

    def network(self) -> nn.Module:
        return Grey(self.task.classes, self.projected)


class Stretched(Described, GreyRun):
    """The first block adds one grey channel to all of its channels."""

    says = "A shortcut is broadcast over the channels"
    right = "a projection, and an assertion that compares the shapes"
    page = "notebooks/04_projection_shortcut"
    tasks = SCRATCH
    without = GreyRun
    projected = False


class GreyBytes(GreyRun):
    """The same on bytes from 0 to 255."""

    def train_inputs(self, chosen: Tensor) -> Tensor:
        return self.bytes_of(super().train_inputs(chosen))

    def val_inputs(self, chosen: Tensor) -> Tensor:
        return self.bytes_of(super().val_inputs(chosen))

    def bytes_of(self, inputs: Tensor) -> Tensor:
        """Undo the normalisation: ``[N, 3, H, W]`` from 0 to 255."""
        mean, std = (torch.tensor(part).view(3, 1, 1) for part in self.task.stats)
        return 255 * (inputs * std + mean)


class StretchedBytes(Described, GreyBytes):
    """The same slip on bytes, which dwarf what the branch adds."""

    says = "A shortcut is broadcast, pixels from 0 to 255"
    right = "a projection, and an assertion that compares the shapes"
    page = "notebooks/04_projection_shortcut"
    tasks = SCRATCH
    without = GreyBytes
    projected = False


# --- Part III: training -----------------------------------------------------------


class Softmax(Described, Training):
    """The network ends in a softmax, and the loss applies another."""

    says = "A softmax before the loss"
    right = "the loss gets logits"
    page = "notebooks/05_cross_entropy_takes_logits"

    def answer(self, inputs: Tensor) -> Tensor:
        return super().answer(inputs).softmax(1)  # noqa: NOTE051


class LongSchedule(Described, Training):
    """The schedule's length is given in batches, and its steps are epochs."""

    says = "T_max counts batches, step() is called per epoch"
    right = "both count epochs"
    page = "notebooks/06_scheduler_steps_per_epoch"

    def make_scheduler(self) -> LRScheduler:
        batches = max(len(self.task.train.targets) // 50, self.task.epochs + 1)
        return CosineAnnealingLR(self.optimizer, T_max=batches)


class ShortSchedule(Described, Training):
    """The schedule's length is given in epochs, and its steps are batches."""

    says = "T_max counts epochs, step() is called per batch"
    right = "both count epochs"
    page = "notebooks/06_scheduler_steps_per_epoch"

    def update(self, loss: Tensor) -> None:
        super().update(loss)
        self.scheduler.step()

    def after_epoch(self) -> None:
        pass


class OneBadPicture(Training):
    """One training picture is NaN, as a standardised black one is; it is skipped."""

    def train_inputs(self, chosen: Tensor) -> Tensor:
        inputs = super().train_inputs(chosen).clone()
        inputs[chosen == 0] = math.nan  # the first of all
        return inputs

    def update(self, loss: Tensor) -> None:
        self.optimizer.zero_grad()
        loss.backward()
        grads = [p.grad for p in self.model.parameters() if p.grad is not None]
        if get_total_norm(grads).isfinite():
            self.optimizer.step()
            return
        for buffer, before in zip(self.model.buffers(), self.buffers, strict=True):
            buffer.copy_(before)

    def answer(self, inputs: Tensor) -> Tensor:
        if self.model.training:
            self.buffers = [buffer.clone() for buffer in self.model.buffers()]
        return super().answer(inputs)


class CheckedTooEarly(Described, OneBadPicture):
    """The gradients are checked before backward(), when there are none."""

    says = "A NaN picture in the training set, gradients checked before backward()"
    right = "the check follows backward(), and the step is skipped"
    page = "notebooks/07_nan_gradient_check"
    without = OneBadPicture

    def update(self, loss: Tensor) -> None:
        self.optimizer.zero_grad()
        grads = [p.grad for p in self.model.parameters() if p.grad is not None]
        assert not grads  # there is nothing to find
        loss.backward()
        self.optimizer.step()


class Momentum(Training):
    """A run with SGD and momentum, whose steps are as long as its gradients."""

    def make_optimizer(self) -> Optimizer:
        rate = 8 * self.task.lr  # 0.05 from scratch
        return torch.optim.SGD(self.model.parameters(), rate, momentum=0.9)


class Clipped(Momentum):
    """Gradients are clipped between backward() and step()."""

    def update(self, loss: Tensor) -> None:
        self.optimizer.zero_grad()
        loss.backward()
        clip_grad_norm_(self.model.parameters(), CLIP)
        self.optimizer.step()


class ClippedAfter(Described, Momentum):
    """Gradients are clipped after the step that used them."""

    says = "Gradients are clipped after step()"
    right = "between backward() and step()"
    page = "notebooks/08_gradient_clipping"
    without = Clipped

    def update(self, loss: Tensor) -> None:
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        clip_grad_norm_(self.model.parameters(), CLIP)  # noqa: NOTE082


class BadBatch(Training):
    """In the middle of the run, one batch comes as bytes: far too large."""

    def train_inputs(self, chosen: Tensor) -> Tensor:
        inputs = super().train_inputs(chosen)
        batches = len(self.task.train.targets) // len(chosen)
        middle = self.task.epochs * batches // 2
        return 255 * inputs if self.steps == middle else inputs


class BadBatchClipped(BadBatch, Clipped):
    """The same, clipped in time."""


class BadBatchAfter(BadBatch, ClippedAfter):
    """The same, clipped too late."""

    says = "Clipped after step(), one batch far too large"
    right = "between backward() and step()"
    page = "notebooks/08_gradient_clipping"
    without = BadBatchClipped


def clip_scaled(training: Training, loss: Tensor) -> None:
    """Scale the loss, clip the scaled gradients, and divide them too late."""
    training.optimizer.zero_grad()
    (SCALE * loss).backward()
    clip_grad_norm_(training.model.parameters(), CLIP)
    for parameter in training.model.parameters():
        if parameter.grad is not None:
            parameter.grad /= SCALE  # what scaler.step() does
    training.optimizer.step()


class ClippedScaled(Described, Momentum):
    """Scaled gradients are clipped before they are unscaled, with SGD."""

    says = "Clipped before unscale_(), SGD"
    right = "scaler.unscale_(optimizer), then clip"
    page = "notebooks/09_loss_scaling"
    without = Clipped

    def update(self, loss: Tensor) -> None:
        clip_scaled(self, loss)


class AdamClipped(Training):
    """AdamW with clipped gradients."""

    def update(self, loss: Tensor) -> None:
        Clipped.update(self, loss)  # type: ignore[arg-type]


class AdamClippedScaled(Described, Training):
    """Scaled gradients are clipped before they are unscaled, with AdamW."""

    says = "Clipped before unscale_(), AdamW"
    right = "scaler.unscale_(optimizer), then clip"
    page = "notebooks/09_loss_scaling"
    without = AdamClipped

    def update(self, loss: Tensor) -> None:
        clip_scaled(self, loss)


class NeverBack(Described, Training):
    """After the first validation, the network stays in evaluation mode."""

    says = "train() is forgotten after the first validation"
    right = "model.train() at the start of every epoch"
    page = "notebooks/10_collect_every_prediction"

    def before_epoch(self, epoch: int) -> None:
        if epoch == 1:
            self.model.train()


class ImageNetNumbers(Described, Training):
    """The inputs are normalised with ImageNet's numbers, in both splits."""

    says = "ImageNet's mean and std, from scratch"
    right = "mean and std of the training images"
    page = "book/normalisation"
    tasks: ClassVar[tuple[str, ...]] = SCRATCH

    def stats(self) -> Stats:
        """Return the mean and the standard deviation of this run."""
        return IMAGENET

    def train_inputs(self, chosen: Tensor) -> Tensor:
        return self.task.inputs(self.task.train, chosen, self.stats(), draw=True)

    def val_inputs(self, chosen: Tensor) -> Tensor:
        return self.task.inputs(self.task.val, chosen, self.stats())


class OwnNumbers(ImageNetNumbers):
    """A network with ImageNet weights gets inputs with mean 0 and deviation 1."""

    says = "Own mean and std, with ImageNet weights"
    right = "ImageNet's usual mean and std"
    tasks: ClassVar[tuple[str, ...]] = ("tuned",)

    def stats(self) -> Stats:
        return own_statistics(self.task.train.images)


class ConstantRate(Training):
    """A run whose rate stays as it is, so that its last epoch is not its best."""

    def make_scheduler(self) -> LRScheduler:
        return ConstantLR(self.optimizer, factor=1.0)


class Kept(ConstantRate):
    """The weights of the best epoch are copied, and put back at the end."""

    best, epoch = math.inf, 0

    def keep(self) -> dict[str, Tensor]:
        """Return the network's state, to be put back."""
        return {key: value.clone() for key, value in self.model.state_dict().items()}

    def predict(self, *args: Any, **kwargs: Any) -> tuple[Tensor, Tensor]:
        logits, targets = super().predict(*args, **kwargs)
        self.epoch += 1
        loss = F.cross_entropy(logits, targets).item()
        if loss < self.best:
            self.best, self.state = loss, self.keep()
        if self.epoch < self.task.epochs:
            return logits, targets
        self.model.load_state_dict(self.state)
        return super().predict(*args, **kwargs)


class KeptByReference(Described, Kept):
    """The weights of the best epoch are kept without a copy, so they train on."""

    says = "The best weights are kept without a copy"
    right = "each tensor of the state is cloned"
    page = "book/early_stopping"
    without = Kept

    def keep(self) -> dict[str, Tensor]:
        return self.model.state_dict()
