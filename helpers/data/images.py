"""One image: read from a file, cropped, normalised.

An image is a ``uint8`` tensor ``[3, H, W]`` when it is read, and a normalised
``float32`` tensor ``[3, size, size]`` when the transform is done with it.
"""

import os
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, UInt8
from PIL import Image, ImageOps
from torch import Tensor, nn
from torchvision.transforms import v2
from torchvision.transforms.v2 import functional as tv

from helpers import magic
from helpers.data import image_files
from helpers.errors import UserError

try:
    from torchcodec.decoders import decode_image
except (ImportError, RuntimeError, OSError):  # not installed, or for another torch
    decode_image = None  # type: ignore[assignment]

Channels = tuple[float, float, float]
# The axes of [3, H, W] that an EXIF orientation mirrors; 5 to 8 swap H and W before.
MIRRORED = {2: [2], 3: [1, 2], 4: [1], 6: [2], 7: [1, 2], 8: [1]}
LONGEST = 32  # short sides: far more than a crop keeps, and 6 MB at 256 pixels a side


def read_image(path: str | os.PathLike) -> UInt8[Tensor, "3 h w"]:
    """Read an image file as RGB, turned upright by its EXIF tag.

    simplejpeg decodes JPEG, because only it reports the damage that libjpeg covers
    with wrong pixels. TorchCodec decodes PNG, WebP, GIF, AVIF and HEIC straight into
    a tensor (torchvision's own decoders are deprecated since 0.29). Pillow reads all
    else, and everything where those two are not installed; without simplejpeg, a
    damaged JPEG is read with its wrong pixels. Values of 16 bits are scaled to 8,
    where Pillow's ``convert`` would clip them to white (pytorch/vision#2218). Of an
    animation, the first picture is taken.

    Raises:
        UserError: if the file cannot be read as an image, is a damaged JPEG, holds
            values without a known range (32-bit integers, floating-point numbers),
            or has more pixels than Pillow opens (``2 * Image.MAX_IMAGE_PIXELS``).
    """
    path = os.fspath(path)
    try:
        with open(path, "rb") as stream:
            data = stream.read()
        if image_files.simplejpeg and data.startswith(image_files.JPEG):
            pixels = image_files.decode_jpeg(data)
            if pixels is not None:
                # [H, W, 3] -> [3, H, W]
                lying = torch.from_numpy(pixels).permute(2, 0, 1)
                return _turn(lying, image_files.orientation(data))
        elif (image := _read_with_torchcodec(data)) is not None:
            return image
        return _read_with_pillow(path)
    except Image.DecompressionBombError as error:
        raise UserError(
            f"{path} has so many pixels that they could fill the memory ({error}): "
            "scale it down or cut it into tiles."
        ) from error
    except (OSError, ValueError, SyntaxError) as error:
        reason = str(error).replace(path, "the file")
        raise UserError(
            f"{path} cannot be read as an image ({reason}): repair or "
            "remove it; `python -m helpers audit` finds all such files."
        ) from error


def _turn(image: UInt8[Tensor, "3 h w"], orientation: int) -> UInt8[Tensor, "3 _ _"]:
    """Turn an image upright, given its EXIF orientation; 1 is upright."""
    if orientation in range(5, 9):
        image = image.transpose(1, 2)
    mirrored = MIRRORED.get(orientation)
    return image.flip(mirrored) if mirrored else image


def _read_with_torchcodec(data: bytes) -> UInt8[Tensor, "3 h w"] | None:
    """Decode the content of a file; ``None`` if TorchCodec cannot, or is missing."""
    if decode_image is None:
        return None
    image_files.refuse_bomb(data)
    try:
        image = decode_image(data)  # [3, H, W], or [frames, 3, H, W]
        return image if image.ndim == 3 else image[0]
    except (RuntimeError, ValueError, OSError):
        return None  # another format, or broken: Pillow finds out and says which


def _read_with_pillow(path: str) -> UInt8[Tensor, "3 h w"]:
    """Read any image that Pillow knows, with the same result as TorchCodec."""
    with Image.open(path) as file:
        file.verify()  # the checksums of a PNG, which Pillow ignores while it decodes
    with Image.open(path) as file:
        levels = image_files.black_and_white(file)
        if levels is None:
            raise UserError(
                f"{path} holds 32-bit integers or floating-point numbers, and does not "
                "say which of them is white: scale them to 8 bits and save it again."
            )
        image = ImageOps.exif_transpose(file)
        if levels != (0, 255):
            black, white = levels
            values = (np.asarray(image, np.float64) - black) * (255 / (white - black))
            image = Image.fromarray(values.round().astype(np.uint8))
        return tv.pil_to_tensor(image.convert("RGB"))


class ResizeShortSide(v2.Resize):
    """Resize the short side, and keep of the long side what a central crop can need.

    The same as ``v2.Resize(size, antialias=True)``, except for an image more than
    ``LONGEST`` times as long as wide, of which only the middle is resized: a line of
    30,000 x 1 pixels would take 6 GB at 256 pixels a side.

    Args:
        size: of the short side afterwards, in pixels.
    """

    def __init__(self, size: int) -> None:
        super().__init__(size, antialias=True)

    def transform(self, inpt: Any, params: dict[str, Any]) -> Any:
        """Resize one image ``[..., H, W]``; v2 calls this."""
        height, width = tv.get_size(inpt)
        longest = LONGEST * min(height, width)
        if max(height, width) > longest:
            inpt = tv.center_crop(inpt, [min(height, longest), min(width, longest)])
        return super().transform(inpt, params)


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
            ResizeShortSide(round(size * magic.EVAL_RESIZE)),
            v2.CenterCrop(size),
            *_normalising(mean, std),
        ]
    )
