"""What is wrong with a single image file; part of `helpers.data.audit.scan`."""

import mimetypes
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO

from PIL import ExifTags, Image

from helpers.data.image_files import black_and_white, check_jpeg

# Pictures that neither Python's mimetypes nor PIL need know.
OTHER_IMAGES = (".heic", ".heif", ".avif", ".jxl", ".jp2", ".dng", ".cr2", ".nef")
MIN_SIDE = 32  # pixels: a ResNet halves the side five times, and 32 = 2 ** 5
MAX_ASPECT = 4  # long side : short side; a square crop then keeps a quarter
UNUSABLE = {"empty-file", "broken-image", "bomb-image", "no-range"}


def inspect(stream: IO[bytes]) -> list[str]:
    """The codes (with ": detail") that apply to the image file open in `stream`."""
    try:
        with Image.open(stream) as image:
            image.verify()  # the checksums of PNG
        stream.seek(0)
        with Image.open(stream) as image:
            return list(_traits(image, stream))
    except Image.DecompressionBombError:
        return ["bomb-image"]
    except Exception:  # a damaged file can raise anything in a decoder
        return ["broken-image"]


def _traits(image: Image.Image, stream: IO[bytes]) -> Iterator[str]:
    suffix = Path(stream.name).suffix.lower()
    kind = "JPEG" if image.format == "MPO" else image.format  # MPO: phones' JPEG
    if kind != Image.registered_extensions().get(suffix):
        yield f"wrong-extension: {kind}"
    short, long = min(image.size), max(image.size)
    if short < MIN_SIDE:
        yield f"tiny: a side below {MIN_SIDE} pixels"
    if long > MAX_ASPECT * short:
        yield f"aspect: more than {MAX_ASPECT}:1"
    mode = image.mode
    levels = black_and_white(image)
    if levels is None:
        yield "no-range"
    elif levels != (0, 255):
        yield "16-bit"
    elif mode in ("1", "L", "LA"):
        yield "greyscale"
    elif mode in ("P", "PA"):
        yield "palette"
    elif mode == "CMYK":
        yield "cmyk"
    with suppress(Exception):  # a spoilt EXIF block does not spoil the image
        turned = image.getexif().get(ExifTags.Base.Orientation) in range(2, 9)
        if turned and kind != "TIFF":  # PIL itself turns TIFF upright
            yield "rotated"
    if kind != "JPEG" and getattr(image, "is_animated", False):
        yield "animated"
    limit = Image.MAX_IMAGE_PIXELS  # None: the user has lifted it
    if limit and short * long > limit:
        yield "huge-image"
    elif kind != "EPS":  # decoding EPS would start another program
        # A JPEG is read to its end at an eighth of the size as well, but faster.
        image.draft(None, (max(short // 8, 1),) * 2)
        if not (kind == "JPEG" and check_jpeg(_content(stream))):
            image.load()
        if image.has_transparency_data and not mode.startswith("I"):
            opacity = image.convert("RGBA").getchannel("A").histogram()
            if any(opacity[:-1]):  # all but the last bin, 255 or opaque
                yield "alpha"


def _content(stream: IO[bytes]) -> bytes:
    stream.seek(0)
    return stream.read()


def is_picture(path: Path) -> bool:
    """Whether a file that the loader skips is an image, by name or by content."""
    named = mimetypes.guess_type(path.name)[0] or ""
    if named.startswith("image/") or path.suffix.lower() in OTHER_IMAGES:
        return True
    with suppress(Exception):
        if path.is_file():  # opening a pipe would wait for ever
            Image.open(path).close()
            return True
    return False
