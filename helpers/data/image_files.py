"""What an image file is asked before its pixels are trusted.

A decoder gives wrong pixels for a damaged JPEG and for values that are no bytes, and
says nothing. :mod:`helpers.data.images` reads with what is here, and
:mod:`helpers.data.audit` judges with it, so that one refuses what the other reports.
"""

import re
from contextlib import suppress
from io import BytesIO

import numpy as np
from PIL import ExifTags, Image

try:
    import simplejpeg
except (ImportError, OSError, RuntimeError, ValueError):  # or for another NumPy
    simplejpeg = None

JPEG, PNG = b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"  # how such files begin
START_OF_SCAN, END = b"\xff\xda", b"\xff\xd9"  # the pixels lie between the two
PROGRESSIVE = b"\xff\xc2"  # begins the header of such a JPEG
COMMENT = 0xFE
APPLICATION = range(0xE0, 0xF0)  # EXIF, profiles, thumbnails: no pixel needs them
# What TurboJPEG cannot check, though libjpeg decodes it: rare layouts of the colours,
# and baseline files of the 1990s with zeros where a progressive scan has parameters.
UNCHECKED = re.compile("subsampling level|Invalid SOS parameters")


def refuse_bomb(data: bytes) -> None:
    """Raise Pillow's ``DecompressionBombError`` where Pillow would.

    Decoders other than Pillow take an image of any size.

    Args:
        data: the content of an image file; anything else is let pass.
    """
    if data.startswith(PNG):  # in a hundredth of the time that Pillow takes
        _refuse_size(int.from_bytes(data[16:20]), int.from_bytes(data[20:24]))
    else:
        with suppress(OSError, SyntaxError, ValueError):
            Image.open(BytesIO(data)).close()


def _refuse_size(width: int, height: int) -> None:
    limit = 2 * (Image.MAX_IMAGE_PIXELS or 0)  # None: the user has lifted it
    if 0 < limit < width * height:
        raise Image.DecompressionBombError(
            f"{width:,} x {height:,} pixels, more than {limit:,}"
        )


def black_and_white(image: Image.Image) -> tuple[int, int] | None:
    """Return the values of black and of white in an image as Pillow opens it.

    Returns:
        (0, 255) for bytes, most often (0, 65,535) for 16 bits, ``None`` where the
        file does not say: for floating-point numbers and 32-bit integers.
    """
    if image.mode.startswith("I;16"):
        tags = getattr(image, "tag_v2", {})  # of a TIFF, which may hold 12 bits
        bits = tags.get(ExifTags.Base.BitsPerSample, (16,))[0]
        levels = 0, 2**bits - 1
        white_is_zero = tags.get(ExifTags.Base.PhotometricInterpretation) == 0
        return levels[::-1] if white_is_zero else levels
    if image.mode == "I" and image.format in ("PNG", "PPM"):
        return 0, 2**16 - 1  # Pillow scales what a PGM file holds
    return None if image.mode in ("I", "F") else (0, 255)


def decode_jpeg(data: bytes) -> np.ndarray | None:
    """Return the pixels of a JPEG file as RGB, not yet upright; refuse a damaged one.

    This needs simplejpeg. Its decoder is libjpeg-turbo, as that of TorchCodec and of
    Pillow, and gives the same pixels.

    Returns:
        ``uint8 [H, W, 3]``, or ``None`` if the file is whole as far as can be seen,
        but only another decoder gets its colours right.

    Raises:
        ValueError: if the file is damaged; see :func:`check_jpeg`.
        DecompressionBombError: if it has too many pixels for Pillow.
    """
    with suppress(ValueError, KeyError):
        height, width, colours, _ = simplejpeg.decode_jpeg_header(data, strict=False)
        _refuse_size(width, height)
        if colours not in ("CMYK", "YCCK"):  # Pillow rounds those like the others do
            return simplejpeg.decode_jpeg(data)
    check_jpeg(data)
    return None


def check_jpeg(data: bytes) -> bool:
    """Refuse a JPEG file whose pixels are damaged.

    libjpeg decodes such a file, with wrong pixels, and warns on stderr at most. Its
    warnings about what changes no pixel (an odd version in the header, bytes of no
    meaning between the parts of the header, zeros before the end) are let pass.

    Returns:
        whether the file could be checked at all.

    Raises:
        ValueError: libjpeg's first warning about the pixels, or its error.
    """
    if simplejpeg is None:
        return False
    for content in (data, _bare(data)):
        try:
            # An eighth of the size reads every byte as well, but faster.
            simplejpeg.decode_jpeg(content, min_height=1, min_width=1)
            return True
        except ValueError as error:
            said = str(error)
    if UNCHECKED.search(said):
        return False
    raise ValueError(said)


def _bare(data: bytes) -> bytes:
    """Return a JPEG file without what no pixel depends on, as libjpeg skips it.

    libjpeg reports its first warning only, and one about the header would hide one
    about the pixels. The pixels of what is left may have other colours. Zeros between
    the pixels and the end are left out, too: if the pixels need them, they are damage.
    In a progressive file they could be whole scans, which no decoder would miss.
    """
    parts, at = [data[:2]], 2
    while (at := data.find(b"\xff", at)) >= 0 and data[at + 1 : at + 2]:
        marker = data[at + 1]
        if marker in (0x00, 0xFF):  # not a marker; filling before one
            at += 1
            continue
        if data.startswith(START_OF_SCAN, at):
            pixels, found, _ = data[at:].partition(END)
            if found and not any(part.startswith(PROGRESSIVE) for part in parts):
                pixels = pixels.rstrip(b"\0")
                pixels += b"\0" * pixels.endswith(b"\xff")  # the two are one byte
            return b"".join([*parts, pixels, found])
        end = at + 2 + int.from_bytes(data[at + 2 : at + 4])
        if marker not in APPLICATION and marker != COMMENT:
            parts.append(data[at:end])
        at = end
    return b"".join(parts)


def orientation(data: bytes) -> int:
    """Return the EXIF orientation that a JPEG file's header gives; 1 is upright."""
    at = data.find(b"Exif\0\0", 0, data.find(START_OF_SCAN))
    if at >= 0:
        with suppress(Exception):  # a spoilt EXIF block does not spoil the image
            exif = Image.Exif()
            exif.load(data[at : at + 65_536])  # a part of a JPEG is no longer
            return int(exif.get(ExifTags.Base.Orientation, 1))
    return 1
