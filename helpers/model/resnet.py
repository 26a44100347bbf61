"""The network: a residual network with every shape written down.

Names of attributes follow ``torchvision.models.resnet``, so torchvision's
weights load into it. Shapes in comments are ``[N, C, H, W]``: images in the
batch, channels, height, width.

Source: He et al. 2015, *Deep Residual Learning*, arXiv:1512.03385.
"""

from collections.abc import Callable, Sequence
from typing import Literal, NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor, nn

from helpers import magic

Stem = Literal["small", "imagenet"]


def conv3x3(in_channels: int, out_channels: int, stride: int = 1) -> nn.Conv2d:
    """Return a padded 3x3 convolution: ``[N, C, H, W] -> [N, C', H/s, W/s]``.

    It has no bias, because BatchNorm follows and subtracts any constant.
    """
    return nn.Conv2d(in_channels, out_channels, 3, stride=stride, padding=1, bias=False)


def batch_norm(channels: int) -> nn.BatchNorm2d:
    """Return BatchNorm over ``channels``; the shape stays as it is."""
    return nn.BatchNorm2d(
        channels, eps=magic.BATCH_NORM_EPS, momentum=magic.BATCH_NORM_MOMENTUM
    )


class BasicBlock(nn.Module):
    """Two 3x3 convolutions and a shortcut around them.

    ``[N, in_channels, H, W] -> [N, out_channels, ceil(H/stride), ceil(W/stride)]``

    Args:
        in_channels: channels of the input.
        out_channels: channels of the output.
        stride: step of the first convolution; 2 halves height and width.
    """

    def __init__(self, in_channels: int, out_channels: int, stride: int = 1) -> None:
        super().__init__()
        # Only one convolution of the block carries the stride (note 3).
        self.conv1 = conv3x3(in_channels, out_channels, stride)
        self.bn1 = batch_norm(out_channels)
        self.conv2 = conv3x3(out_channels, out_channels)
        self.bn2 = batch_norm(out_channels)
        # The shortcut is a projection only where the shape changes, with the
        # same stride as the block (note 4).
        self.downsample: nn.Module | None = None
        if stride != 1 or in_channels != out_channels:
            self.downsample = nn.Sequential(
                nn.Conv2d(in_channels, out_channels, 1, stride=stride, bias=False),
                batch_norm(out_channels),
            )

    def forward(self, x: Float[Tensor, "n c h w"]) -> Float[Tensor, "n c2 h2 w2"]:
        """Return ``relu(F(x) + shortcut(x))``.

        Raises:
            RuntimeError: if the input has other than ``in_channels`` channels.
        """
        out = self.bn1(self.conv1(x)).relu()  # [N, C', H/s, W/s]
        out = self.bn2(self.conv2(out))  # [N, C', H/s, W/s]
        identity = x if self.downsample is None else self.downsample(x)
        # A sum of unequal shapes may broadcast without a word (note 4).
        assert out.shape == identity.shape, f"{out.shape} + {identity.shape}"
        # Not in place: a hook may have kept this tensor (note 12).
        return (out + identity).relu()


class ResNet(nn.Module):
    """A residual network of basic blocks.

    ``[N, in_channels, H, W] -> [N, num_classes]`` logits, for any H and W that
    survive the strides: the average pool takes what is left.

    Args:
        num_classes: length of the logits.
        width: channels of the first stage; stage k has ``width * 2**k``.
        blocks: blocks per stage.
        strides: stride of the first block of each stage. The last one is 1 by
            default: a finer last map trains better on small images and makes
            sharper Grad-CAM maps. ResNet-18 has 2 there.
        stem: ``"small"``, one 3x3 convolution with stride 2 for small images;
            ``"imagenet"``, the 7x7 convolution and max pool of the paper,
            which divide height and width by 4.
        in_channels: 3 for colour, 1 for grey.

    Raises:
        ValueError: if ``stem`` is unknown or ``blocks`` and ``strides`` differ
            in length from four stages.
    """

    def __init__(
        self,
        num_classes: int,
        width: int = magic.WIDTH,
        blocks: Sequence[int] = (1, 1, 1, 1),
        strides: Sequence[int] = (1, 2, 2, 1),
        stem: Stem = "small",
        in_channels: int = 3,
    ) -> None:
        super().__init__()
        if len(blocks) != 4 or len(strides) != 4:  # a ResNet has four stages
            raise ValueError("blocks and strides need one entry for each of 4 stages")
        if stem == "small":
            self.conv1 = conv3x3(in_channels, width, stride=2)
            self.maxpool: nn.Module = nn.Identity()
        elif stem == "imagenet":
            self.conv1 = nn.Conv2d(
                in_channels, width, 7, stride=2, padding=3, bias=False
            )
            self.maxpool = nn.MaxPool2d(3, stride=2, padding=1)
        else:
            raise ValueError(f"stem is 'small' or 'imagenet', not {stem!r}")
        self.bn1 = batch_norm(width)
        self.relu = nn.ReLU()
        channels = [width * 2**k for k in range(4)]
        self.layer1 = _stage(width, channels[0], blocks[0], strides[0])
        self.layer2 = _stage(channels[0], channels[1], blocks[1], strides[1])
        self.layer3 = _stage(channels[1], channels[2], blocks[2], strides[2])
        self.layer4 = _stage(channels[2], channels[3], blocks[3], strides[3])
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(channels[3], num_classes)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                # He initialisation, magic.INIT_FAN
                nn.init.kaiming_normal_(
                    module.weight, mode="fan_out", nonlinearity="relu"
                )

    def forward(self, x: Float[Tensor, "n c h w"]) -> Float[Tensor, "n num_classes"]:
        """Return logits; apply no softmax before the loss (note 5)."""
        # Shapes for the small stem, width 24 and 64x64 input:
        x = self.relu(self.bn1(self.conv1(x)))  # [N, 3, 64, 64] -> [N, 24, 32, 32]
        x = self.maxpool(x)  # unchanged; [N, C, H/2, W/2] with "imagenet"
        x = self.layer1(x)  # [N, 24, 32, 32]
        x = self.layer2(x)  # [N, 24, 32, 32] -> [N, 48, 16, 16]
        x = self.layer3(x)  # [N, 48, 16, 16] -> [N, 96, 8, 8]
        x = self.layer4(x)  # [N, 96, 8, 8] -> [N, 192, 8, 8]
        x = self.avgpool(x)  # [N, 192, 8, 8] -> [N, 192, 1, 1]
        x = torch.flatten(x, 1)  # [N, 192, 1, 1] -> [N, 192]
        return self.fc(x)  # [N, 192] -> [N, num_classes]


def _stage(
    in_channels: int, out_channels: int, blocks: int, stride: int
) -> nn.Sequential:
    """Return ``blocks`` basic blocks of which the first carries the stride."""
    first = BasicBlock(in_channels, out_channels, stride)
    rest = (BasicBlock(out_channels, out_channels) for _ in range(blocks - 1))
    return nn.Sequential(first, *rest)


def resnet18(num_classes: int = 1000) -> ResNet:
    """Return the ResNet-18 of the paper: 11,689,512 parameters for 1,000 classes.

    Its ``state_dict`` has the keys and shapes of ``torchvision.models.resnet18``.
    """
    return ResNet(num_classes, 64, (2, 2, 2, 2), (1, 2, 2, 2), stem="imagenet")


def count_parameters(model: nn.Module) -> int:
    """Return the number of parameters that an optimiser would train."""
    return sum(p.numel() for p in model.parameters() if p.requires_grad)


class LayerShape(NamedTuple):
    """One row of a shape trace."""

    name: str
    kind: str
    output: tuple[int, ...]
    parameters: int

    def __str__(self) -> str:
        shape = "[" + ", ".join(map(str, self.output)) + "]"
        return f"{self.name:<22} {self.kind:<18} {shape:<20} {self.parameters:>10,}"


def shape_trace(
    model: nn.Module, shape: Sequence[int], *, depth: int = 1
) -> list[LayerShape]:
    """Return each layer's output shape, in the order in which the layers run.

    The model is left as it was: evaluation mode is used for the trace, so that
    BatchNorm's running statistics do not move, and is undone afterwards.

    Args:
        model: a network that takes one tensor.
        shape: the input's shape, ``(N, C, H, W)``.
        depth: 1 shows the children of the model, 2 their children as well, ...

    Raises:
        RuntimeError: from the layer that cannot take its input.
    """
    rows: list[LayerShape] = []
    modes = {module: module.training for module in model.modules()}

    def record(name: str) -> Callable[[nn.Module, object, Tensor], None]:
        def hook(module: nn.Module, _: object, output: Tensor) -> None:
            kind = type(module).__name__
            rows.append(
                LayerShape(name, kind, tuple(output.shape), count_parameters(module))
            )

        return hook

    hooks = [
        module.register_forward_hook(record(name))
        for name, module in model.named_modules()
        if name and name.count(".") < depth
    ]
    try:
        parameter = next(model.parameters(), torch.empty(0))
        with torch.inference_mode():
            model.eval()(torch.zeros(*shape, device=parameter.device))
    finally:
        for hook in hooks:
            hook.remove()
        for module, mode in modes.items():
            module.training = mode
    return rows
