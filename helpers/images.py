"""One image: read from a file, cropped, normalised.

An image is a ``uint8`` tensor ``[3, H, W]`` when it is read, and a normalised
``float32`` tensor ``[3, size, size]`` when the transform is done with it.
"""

import os

import torch
from jaxtyping import Float, UInt8
from PIL import Image, ImageOps
from torch import Tensor, nn
from torchvision.transforms import v2
from torchvision.transforms.v2 import functional as tv

from helpers import magic
from helpers.errors import UserError

try:
    from torchcodec.decoders import decode_image
except (ImportError, RuntimeError, OSError):  # not installed, or for another torch
    decode_image = None  # type: ignore[assignment]

Channels = tuple[float, float, float]


def read_image(path: str | os.PathLike) -> UInt8[Tensor, "3 h w"]:
    """Read an image file as RGB, turned upright by its EXIF tag.

    TorchCodec decodes JPEG, PNG, WebP, GIF, AVIF and HEIC straight into a tensor
    (torchvision's own decoders are deprecated since 0.29). Pillow reads all else,
    and everything where TorchCodec is not installed. 16-bit images are scaled to
    8 bits, where Pillow's ``convert`` would clip them to white
    (pytorch/vision#2218). Of an animation, the first picture is taken.

    Raises:
        UserError: if the file cannot be read as an image.
    """
    if decode_image is not None:
        try:
            image = decode_image(os.fspath(path))  # [3, H, W], or [frames, 3, H, W]
            return image if image.ndim == 3 else image[0]
        except (RuntimeError, ValueError, OSError):
            pass  # another format, or broken: Pillow finds out and says which
    return _read_with_pillow(path)


def _read_with_pillow(path: str | os.PathLike) -> UInt8[Tensor, "3 h w"]:
    """Read any image that Pillow knows, with the same result as TorchCodec."""
    try:
        with Image.open(path) as file:
            image = ImageOps.exif_transpose(file)
            if image.mode.startswith("I"):  # 16 bits a pixel: 65,535 / 257 = 255
                image = image.point(lambda value: value / 257).convert("L")
            return tv.pil_to_tensor(image.convert("RGB"))
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        reason = str(error).replace(os.fspath(path), "the file")
        raise UserError(
            f"{os.fspath(path)} cannot be read as an image ({reason}): repair or "
            "remove it; `python -m helpers audit` finds all such files."
        ) from error


class ToNormalised(nn.Module):
    """Scale to [0, 1] and normalise: ``uint8 [..., 3, H, W]`` to ``float32``.

    The same as ``v2.ToDtype(torch.float32, scale=True)`` and then
    ``v2.Normalize(mean, std)``, in a third of the time: (x / 255 - mean) / std is
    one product and one difference.

    Args:
        mean, std: per channel, for pixels scaled to [0, 1].
    """

    factor: Tensor
    shift: Tensor

    def __init__(self, mean: Channels, std: Channels) -> None:
        super().__init__()
        factor = (1 / (255 * torch.tensor(std))).view(3, 1, 1)  # [3] -> [3, 1, 1]
        shift = (torch.tensor(mean) / torch.tensor(std)).view(3, 1, 1)
        self.register_buffer("factor", factor)  # buffers follow .to(device)
        self.register_buffer("shift", shift)

    def forward(self, image: UInt8[Tensor, "*n 3 h w"]) -> Float[Tensor, "*n 3 h w"]:
        """Return the normalised image, or batch of images, on this module's device.

        Bytes are moved, and become floats there: a quarter of the traffic.
        """
        image = image.to(self.factor.device, non_blocking=True)
        return image.to(torch.float32).mul_(self.factor).sub_(self.shift)


def train_transform(
    size: int,
    mean: Channels | None = magic.IMAGENET_MEAN,
    std: Channels | None = magic.IMAGENET_STD,
    area: tuple[float, float] = magic.GENTLE_CROP_AREA,
) -> v2.Transform:
    """Random crop and flip: ``uint8 [3, H, W] -> float32 [3, size, size]``.

    Args:
        size: side of the result in pixels.
        mean, std: per channel, for pixels scaled to [0, 1]; with ``None`` the
            result stays ``uint8``, for a loader that normalises whole batches.
        area: least and largest share of the image that a crop keeps.
    """
    return v2.Compose(
        [
            v2.RandomResizedCrop(size, area, magic.CROP_RATIO, antialias=True),
            v2.RandomHorizontalFlip(),
            *_normalising(mean, std),
        ]
    )


def _normalising(mean: Channels | None, std: Channels | None) -> list[nn.Module]:
    """Return the last step of a transform: one, or none without numbers."""
    if mean is None and std is None:
        return []
    if mean is None or std is None:
        raise ValueError("give mean and std, or None for both")
    return [ToNormalised(mean, std)]


def eval_transform(
    size: int,
    mean: Channels | None = magic.IMAGENET_MEAN,
    std: Channels | None = magic.IMAGENET_STD,
) -> v2.Transform:
    """Resize and central crop, nothing random: ``[3, H, W] -> [3, size, size]``.

    Args:
        size: side of the result in pixels.
        mean, std: the same as in training, ``None`` included.
    """
    return v2.Compose(
        [
            v2.Resize(round(size * magic.EVAL_RESIZE), antialias=True),
            v2.CenterCrop(size),
            *_normalising(mean, std),
        ]
    )
