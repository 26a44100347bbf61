"""Pictures that are light and do not make a page jump.

A notebook keeps its figures as PNG files, exact and up to 700 kB. The page shows a
WebP copy of each larger one and links to the PNG. The copy is exact too, unless it
would still be large, which is so for photographs alone. Every picture carries its own
size, so that its place is kept while it loads; the style sheet still has its say.
"""

from pathlib import Path

import imagesize
from bs4 import BeautifulSoup
from PIL import Image

SMALL = 15_000  # bytes: lighter pictures stay as they are
LARGE = 60_000  # bytes: an exact copy above this is not worth it
QUALITY = 85  # of 100, for photographs


def lighten(soup: BeautifulSoup, page: Path) -> None:
    """Give the pictures of a page a size, and a light copy where there is one."""
    for image in soup.select("img[src]:not([width])"):
        source = str(image["src"])
        if ":" in source:  # elsewhere, or in the page itself
            continue
        path = page.parent / source
        width, height = imagesize.get(path)
        if width <= 0 or height <= 0:
            continue
        if path.suffix == ".png" and path.stat().st_size > SMALL:
            source = source.removesuffix(".png") + ".webp"
            copy(path, page.parent / source)
        image.attrs.setdefault("loading", "lazy")  # most of a chapter is out of sight
        image["width"], image["height"], image["src"] = str(width), str(height), source


def copy(png: Path, webp: Path) -> None:
    """Write a picture as WebP, unless that was done before."""
    if webp.exists():
        return
    with Image.open(png) as image:
        image.save(webp, lossless=True, method=2)
        if webp.stat().st_size > LARGE:
            image.save(webp, quality=QUALITY, method=3)
