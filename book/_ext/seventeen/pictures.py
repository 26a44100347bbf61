"""Pictures that are light and do not make a page jump.

A notebook keeps its figures as PNG files, exact and up to 700 kB. The page shows a
WebP copy of each larger one and links to the PNG. The copy is exact too, unless it
would still be large, which is so for photographs alone. Every picture carries its own
size, so that its place is kept while it loads; the style sheet still has its say.
"""

import re
from pathlib import Path

import imagesize
from PIL import Image

SMALL = 15_000  # bytes: lighter pictures stay as they are
LARGE = 60_000  # bytes: an exact copy above this is not worth it
QUALITY = 85  # of 100, for photographs
IMAGE = re.compile(
    r'<img (?![^>]*\bwidth=")(?P<before>[^>]*\bsrc=")(?P<src>[^":]+)(?=")'
)


def lighten(html: str, page: Path) -> str:
    """Return the HTML of a page with light pictures that have a size."""
    return IMAGE.sub(lambda match: _picture(match, page.parent), html)


def _picture(match: re.Match[str], folder: Path) -> str:
    """Return the start of an ``img`` tag, with a size and perhaps another source."""
    path = folder / match["src"]
    width, height = imagesize.get(path)
    if width <= 0 or height <= 0:
        return match[0]
    source = match["src"]
    if path.suffix == ".png" and path.stat().st_size > SMALL:
        source = source.removesuffix(".png") + ".webp"
        copy(path, folder / source)
    rest = match.string[match.end() :].partition(">")[0]
    said = "loading=" in match["before"] + rest
    lazy = "" if said else 'loading="lazy" '  # most of a chapter is out of sight
    return f'<img {lazy}width="{width}" height="{height}" {match["before"]}{source}'


def copy(png: Path, webp: Path) -> None:
    """Write a picture as WebP, unless that was done before."""
    if webp.exists():
        return
    with Image.open(png) as image:
        image.save(webp, lossless=True, method=2)
        if webp.stat().st_size > LARGE:
            image.save(webp, quality=QUALITY, method=3)
