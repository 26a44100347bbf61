"""Every number that looks like magic, with its source.

A number is used as a plain constant, ``magic.BATCH_NORM_MOMENTUM``, and is
registered in ``NUMBERS`` with its meaning, its source and the situation in
which it should be changed. The book's page *Magic numbers* is made from
``NUMBERS``; nothing is written twice.
"""

from dataclasses import dataclass
from typing import TypeVar

Value = TypeVar("Value")


@dataclass(frozen=True)
class Number:
    """One registered constant.

    Attributes:
        name: the constant's name in this module.
        value: the number, or a tuple of numbers (one per RGB channel).
        meaning: what it is, with its unit.
        source: the paper, documentation page or source file it comes from.
        change_when: the situation in which another value is right.
    """

    name: str
    value: object
    meaning: str
    source: str
    change_when: str


NUMBERS: dict[str, Number] = {}


def number(
    name: str, value: Value, *, meaning: str, source: str, change_when: str
) -> Value:
    """Register a constant in ``NUMBERS`` and return its plain value.

    Raises:
        ValueError: if the name is registered already, or a text is empty.
    """
    if name in NUMBERS:
        raise ValueError(f"the magic number {name} is registered twice")
    if not all((meaning, source, change_when)):
        raise ValueError(f"{name} needs a meaning, a source and a change-when")
    NUMBERS[name] = Number(name, value, meaning, source, change_when)
    return value


# --- images ----------------------------------------------------------------

IMAGENET_MEAN = number(
    "IMAGENET_MEAN",
    (0.485, 0.456, 0.406),
    meaning="mean of the R, G, B channels of ImageNet, pixels scaled to [0, 1]",
    source="fb.resnet.torch, datasets/imagenet.lua: from a random subset of the "
    "training images; the subset is lost (pytorch/vision#1439)",
    change_when="the network was not pretrained with it: then use the statistics "
    "of your own training split",
)
IMAGENET_STD = number(
    "IMAGENET_STD",
    (0.229, 0.224, 0.225),
    meaning="mean over images of each image's own standard deviation, per "
    "channel; not the standard deviation of the pixels, which is 0.26 to 0.29",
    source="fb.resnet.torch, datasets/imagenet.lua; recomputed in "
    "pytorch/vision#1439 and PR 1965",
    change_when="together with IMAGENET_MEAN, never one alone",
)
CROP_AREA = number(
    "CROP_AREA",
    (0.08, 1.0),
    meaning="share of the image's area that a random resized crop keeps, "
    "drawn uniformly",
    source="torchvision RandomResizedCrop default, after Szegedy et al. 2014, "
    "arXiv:1409.4842",
    change_when="the object is small or fills the frame, as in medical or "
    "industrial images: raise the lower end to 0.5 or more",
)
CROP_RATIO = number(
    "CROP_RATIO",
    (3 / 4, 4 / 3),
    meaning="width over height of a random resized crop, drawn log-uniformly",
    source="torchvision RandomResizedCrop default, after Szegedy et al. 2014, "
    "arXiv:1409.4842",
    change_when="the shape itself decides the class: narrow the range",
)
GENTLE_CROP_AREA = number(
    "GENTLE_CROP_AREA",
    (0.6, 1.0),
    meaning="the crop area that this program uses: most of the object stays in "
    "every crop",
    source="chosen here: at 0.08 a crop of the solids often misses the object",
    change_when="objects are large and the data set has many thousand images: "
    "go back towards CROP_AREA",
)
EVAL_RESIZE = number(
    "EVAL_RESIZE",
    256 / 224,
    meaning="resize of the shorter side for evaluation, as a multiple of the "
    "central crop",
    source="256 and 224 pixels: pytorch/examples imagenet/main.py, after "
    "Krizhevsky et al. 2012",
    change_when="the weights say otherwise: torchvision's V2 weights use 232 to "
    "224, see weights.transforms()",
)
IMAGE_SIZE = number(
    "IMAGE_SIZE",
    64,
    meaning="side of the network's input in pixels, for this program's default",
    source="chosen here: one epoch of the solids takes seconds on two CPU cores",
    change_when="what decides the class is smaller than about 4 pixels at this "
    "size; 224 is the custom for ImageNet networks",
)

# --- loading ---------------------------------------------------------------

BATCH_SIZE = number(
    "BATCH_SIZE",
    64,
    meaning="images per optimiser step",
    source="chosen here for sets of a few thousand images; He et al. 2015, "
    "arXiv:1512.03385, use 256 on ImageNet",
    change_when="memory runs out, or the GPU idles; scale the learning rate with it",
)
SPLIT_SHARE = number(
    "SPLIT_SHARE",
    0.2,
    meaning="share of the images held out for validation when a folder has no "
    "val/ of its own",
    source="custom (four fifths to train); drawn per class with a fixed seed",
    change_when="a fifth is fewer than some hundred images: accuracy from n "
    "images has a standard error of up to 0.5/sqrt(n)",
)

# --- network ---------------------------------------------------------------

BATCH_NORM_MOMENTUM = number(
    "BATCH_NORM_MOMENTUM",
    0.1,
    meaning="weight of the new batch in BatchNorm's running statistics",
    source="torch.nn.BatchNorm2d default; TensorFlow counts the other way round, "
    "its 0.9 is this 0.1 (pytorch/vision#8250 is that mix-up)",
    change_when="batches are tiny or few: smaller values average over more batches",
)
BATCH_NORM_EPS = number(
    "BATCH_NORM_EPS",
    1e-5,
    meaning="added to BatchNorm's variance before the square root",
    source="torch.nn.BatchNorm2d default",
    change_when="weights trained elsewhere used another value (TensorFlow: 1e-3)",
)
WIDTH = number(
    "WIDTH",
    24,
    meaning="channels of the first stage; each later stage has twice as many",
    source="chosen here: 0.7 million parameters; ResNet-18 has 64",
    change_when="the training accuracy stalls below what you need (wider), or "
    "the model must be smaller (narrower)",
)
INIT_FAN = number(
    "INIT_FAN",
    "fan_out",
    meaning="which fan He initialisation divides by for the convolutions",
    source="torchvision.models.resnet, after He et al. 2015, arXiv:1502.01852",
    change_when="hardly ever; note that nn.Conv2d's own default is "
    "U(-1/sqrt(fan_in), 1/sqrt(fan_in)), not He's (pytorch#15314)",
)

# --- training --------------------------------------------------------------

EPOCHS = number(
    "EPOCHS",
    10,
    meaning="passes over the training split, for this program's default",
    source="chosen here: the solids are learnt to about 93 % in 45 s on two CPU cores",
    change_when="validation accuracy still rises in the last epochs",
)
MAX_LR = number(
    "MAX_LR",
    6e-3,
    meaning="peak learning rate of the one-cycle schedule for AdamW",
    source="chosen here by a sweep on the solids, 10 epochs at 64 pixels: 0.001, "
    "0.003, 0.006 and 0.012 gave 87, 91, 94 and 92 %; Adam's usual 1e-3 is from "
    "Kingma and Ba 2014, arXiv:1412.6980",
    change_when="the loss is not finite or jumps (divide by 3), or a pretrained "
    "network is fine-tuned (1e-4 and below)",
)
WARM_UP_SHARE = number(
    "WARM_UP_SHARE",
    0.3,
    meaning="share of all steps during which the learning rate rises",
    source="torch.optim.lr_scheduler.OneCycleLR default pct_start",
    change_when="a run has many thousand steps: a few per cent are enough",
)
WEIGHT_DECAY = number(
    "WEIGHT_DECAY",
    1e-2,
    meaning="AdamW's decoupled weight decay, per unit of learning rate",
    source="torch.optim.AdamW default; Loshchilov and Hutter 2017, arXiv:1711.05101",
    change_when="the gap between training and validation is wide (more), or "
    "weights are fine-tuned (less)",
)
LABEL_SMOOTHING = number(
    "LABEL_SMOOTHING",
    0.1,
    meaning="probability mass moved from the true class to all classes alike",
    source="Szegedy et al. 2015, arXiv:1512.00567 (1,000 classes)",
    change_when="probabilities must be calibrated or the network is a teacher "
    "for distillation: 0",
)
LOSS_SCALE_START = number(
    "LOSS_SCALE_START",
    2.0**16,
    meaning="first factor on the loss with float16, before the scaler adapts it",
    source="torch.amp.GradScaler default, 65,536; the method is by Micikevicius et "
    "al. 2017, arXiv:1710.03740",
    change_when="many of the first steps are skipped (smaller); bfloat16 needs none",
)
LOSS_SCALE_INTERVAL = number(
    "LOSS_SCALE_INTERVAL",
    2000,
    meaning="steps in a row without overflow after which the scaler doubles its scale",
    source="torch.amp.GradScaler default",
    change_when="a run has only some thousand steps and a scale that fell early",
)
# --- export ----------------------------------------------------------------

ONNX_OPSET = number(
    "ONNX_OPSET",
    18,
    meaning="version of ONNX's operators in an exported file",
    source="the lowest that torch.onnx's exporter writes, torch/onnx/_constants.py; "
    "the lower, the more runtimes read it",
    change_when="the runtime that reads the file names another",
)
CALIBRATION_IMAGES = number(
    "CALIBRATION_IMAGES",
    200,
    meaning="training images that give int8 quantisation the activations' ranges",
    source="our choice; onnxruntime's examples use hundreds",
    change_when="accuracy falls after quantising: take more, of every kind",
)
# --- grading ---------------------------------------------------------------

GRADE_SECONDS = number(
    "GRADE_SECONDS",
    120.0,
    meaning="what a student's notebook may take when it is graded, in seconds",
    source="our choice: five times the 23 s that the slowest chapter took to record, "
    "on two cores",
    change_when="right answers are stopped: the machine is slower, or busy",
)
GRADE_MEMORY_GB = number(
    "GRADE_MEMORY_GB",
    10.0,
    meaning="address space that a process of a student's notebook may take, in GB",
    source="our choice: the chapters with their solutions took 4.0 to 6.8 GB, and 0.8 "
    "to 2.2 GB of real memory",
    change_when="right answers get a MemoryError, or a smaller machine must be spared",
)
