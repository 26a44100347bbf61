"""Slips that a trained network meets: in validation, naming, maps and export.

They are looks at a run that has no slip itself, so that one run serves them all.
"""

import tempfile
from functools import cache
from pathlib import Path
from typing import ClassVar

import torch
from sklearn.metrics import f1_score
from torch import Tensor, nn
from torchvision.transforms import v2

from helpers.data import solids
from helpers.data.images import ToNormalised, read_image
from helpers.evaluation.gradcam import enlarge, grad_cam
from helpers.model.export import Int8, export_onnx, run_onnx
from prices.slips import V1, bottlenecks
from prices.tasks import BATCH, PIXELS, SIDE
from prices.training import SCRATCH, Look, mean_recall

CALIBRATION = 100  # images


def macro_f1(logits: Tensor, targets: Tensor) -> float:
    """Return the mean over all classes of the F1 score, in percent."""
    labels = range(logits.shape[1])
    score = f1_score(
        targets, logits.argmax(1), labels=labels, average="macro", zero_division=0
    )
    return 100 * float(score)


@cache
def solid_masks(count: int) -> Tensor:
    """Return where the objects of the validation images are seen, ``[N, 48, 48]``.

    Args:
        count: of the images; a rehearsal has fewer than there are.
    """
    paths = sorted((solids.solids_root() / "masks" / "val").glob("*/*.png"))
    chosen = paths[:: len(paths) // count][:count]
    resize = v2.Resize(SIDE)
    return torch.stack([resize(read_image(path))[0] > 127 for path in chosen])


class MissingFolder(Look):
    """The first class has no validation images, so all others move up by one."""

    says = "A class folder is missing in val/"
    right = "val/ takes the class numbers of train/"
    page = "notebooks/01_imagefolder_layout"
    tasks = ("solids",)  # of two classes, one would be left

    def predict(self) -> tuple[Tensor, Tensor]:
        logits, targets = super().predict()
        there = targets > 0
        return logits[there], targets[there] - 1

    def fair(self, logits: Tensor, targets: Tensor) -> float:
        return mean_recall(logits, targets + 1)


class NoEval(Look):
    """BatchNorm takes the statistics of each batch, and the classes are sorted."""

    says = "eval() is forgotten in validation"
    right = "model.eval() before, model.train() afterwards"
    page = "notebooks/10_collect_every_prediction"

    def predict(self) -> tuple[Tensor, Tensor]:
        return self.training.predict(mode="train")


class MeanOfBatches(Look):
    """The macro F1 of each batch is averaged; a class that a batch lacks counts 0."""

    says = "Macro F1 is averaged over batches"
    right = "all predictions are collected, F1 is computed once"
    page = "notebooks/10_collect_every_prediction"

    def value(self, logits: Tensor, targets: Tensor) -> float:
        pairs = zip(logits.split(BATCH), targets.split(BATCH), strict=True)
        scores = [macro_f1(*pair) for pair in pairs]
        return sum(scores) / len(scores)

    def fair(self, logits: Tensor, targets: Tensor) -> float:
        return macro_f1(logits, targets)


class TypedNames(Look):
    """The class names are typed, and some are in another order than the folders."""

    says = "Class names are typed in another order"
    right = "names come from the saved class_to_idx"
    page = "notebooks/11_class_order"
    orders: ClassVar = {6: [0, 2, 1, 4, 3, 5], 2: [1, 0]}  # cube, cone; ring, mug

    def value(self, logits: Tensor, targets: Tensor) -> float:
        order = self.orders[logits.shape[1]]
        return mean_recall(logits[:, order], targets)  # of the names that are printed


class CountedTwice(Look):
    """The last batch is filled up with the last image, as DALI does unless told."""

    says = "The last image fills up the last batch"
    right = "pad_last_batch, and LastBatchPolicy.PARTIAL"
    page = "notebooks/15_dali_gpu_decode"
    tasks = SCRATCH

    def predict(self) -> tuple[Tensor, Tensor]:
        logits, targets = super().predict()
        count = len(targets)
        filled = torch.arange(-(-count // 64) * 64).clamp_max(count - 1)
        return logits[filled], targets[filled]


class Unnormalised(Look):
    """The validation transform lacks the normalisation."""

    says = "Normalisation is missing in validation"
    right = "both transforms normalise with the same numbers"
    page = "book/normalisation"

    def predict(self) -> tuple[Tensor, Tensor]:
        task = self.training.task
        return self.training.predict(
            inputs=lambda chosen: task.inputs(task.val, chosen, PIXELS)
        )


class RandomCrops(Look):
    """The validation images are cropped as ImageNet's are in training."""

    says = "Validation images are cropped at random"
    right = "resize and central crop"
    page = "book/random_crops"
    tasks = SCRATCH

    def predict(self) -> tuple[Tensor, Tensor]:
        return self.training.predict(inputs=self.cropped)

    def cropped(self, chosen: Tensor) -> Tensor:
        """Return random parts of 8 to 100 % of the images, normalised."""
        task, crop = self.training.task, v2.RandomResizedCrop(SIDE, antialias=True)
        parts = torch.stack(
            [crop(image) for image in task.val.images[chosen]]  # noqa: NOTE921
        )
        return ToNormalised(*task.stats)(parts)


# --- what is wrong with what is done to a trained network ---------------------------


class LastConvolution(Look):
    """Grad-CAM hooks the last convolution; counted are peaks on the object."""

    says = "Grad-CAM hooks the last convolution"
    right = "the last block"
    page = "notebooks/12_gradcam_last_conv"
    tasks = ("solids",)  # the objects' places are known
    at_end = True

    def value(self, logits: Tensor, targets: Tensor) -> float:
        block = self.training.model.layer4[-1]
        return self.pointing(block.conv2, logits.argmax(1))

    def fair(self, logits: Tensor, targets: Tensor) -> float:
        return self.pointing(self.training.model.layer4[-1], logits.argmax(1))

    def pointing(self, layer: nn.Module, classes: Tensor) -> float:
        """Return how many maps have their peak on the object, in percent."""
        task, model = self.training.task, self.training.model.eval()
        chosen = torch.arange(len(task.val.targets))
        inputs = self.training.val_inputs(chosen).to(self.training.device)
        maps = enlarge(grad_cam(model, layer, inputs, classes).cpu(), SIDE)
        peaks = maps.flatten(1).argmax(1)  # [N, S, S] -> [N]
        hit = solid_masks(len(peaks)).flatten(1)[chosen, peaks]
        return 100 * hit.float().mean().item()


class NoiseCalibration(Look):
    """The ranges of int8 come from noise of the right scale, N(0, 1)."""

    says = "int8 calibrated with noise of the right scale"
    right = "some hundred training images"
    page = "book/export_to_onnx"
    tasks = SCRATCH
    at_end = True
    spread = 1.0

    def predict(self) -> tuple[Tensor, Tensor]:
        generator = torch.Generator().manual_seed(self.training.seed)
        noise = torch.randn(CALIBRATION, 3, SIDE, SIDE, generator=generator)
        return self.int8(self.spread * noise), self.training.task.val.targets

    def fair(self, logits: Tensor, targets: Tensor) -> float:
        task = self.training.task
        every = len(task.train.targets) // CALIBRATION or 1
        chosen = torch.arange(0, len(task.train.targets), every)
        images = task.inputs(task.train, chosen, task.stats)
        return mean_recall(self.int8(images), targets)

    def int8(self, images: Tensor) -> Tensor:
        """Return the logits of the network with ranges from these images."""
        task = self.training.task
        chosen = torch.arange(len(task.val.targets))
        with tempfile.TemporaryDirectory() as folder:
            plain, small = Path(folder, "plain.onnx"), Path(folder, "small.onnx")
            copy = Int8(small, images.split(BATCH))
            export_onnx(self.training.model, plain, size=SIDE, int8=copy)
            return run_onnx(small, self.training.val_inputs(chosen))


class ByteCalibration(NoiseCalibration):
    """The ranges of int8 come from noise of another scale, as that of bytes."""

    says = "int8 calibrated with numbers as large as bytes"
    spread = 255.0


class WrongStride(Look):
    """Weights of V1 go into V1.5; every key and every shape fits."""

    says = "Weights of a ResNet V1 in a V1.5"
    right = "the network that the weights were trained in"
    page = "notebooks/03_strided_first_conv"
    tasks = SCRATCH
    without = V1
    at_end = True

    def predict(self) -> tuple[Tensor, Tensor]:
        trained = self.training.model.state_dict()
        other = bottlenecks(self.training.task.classes, first=False)
        other.load_state_dict(trained, strict=True)
        self.training.model = other.to(self.training.device)
        return super().predict()
