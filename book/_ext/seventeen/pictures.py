"""Pictures that are light and do not make a page jump.

A notebook keeps its figures as PNG files, exact and up to 700 kB. The page shows a
WebP copy of each larger one and links to the PNG. The copy is exact too, unless it
would still be large, which is so for photographs alone. Every picture carries its own
size, so that its place is kept while it loads; the style sheet still has its say.
A figure of several panels has each panel beside it, cut from the same file: on a phone
the style sheet shows those below each other instead.
"""

from itertools import pairwise
from pathlib import Path

import imagesize
from bs4 import BeautifulSoup, Tag
from PIL import Image

from seventeen.figures import CUT, PANELS

SMALL = 15_000  # bytes: lighter pictures stay as they are
LARGE = 35_000  # bytes: an exact copy above this is not worth it
QUALITY = 80  # of 100, for photographs


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
        add_panels(soup, image, width, height)


def add_panels(soup: BeautifulSoup, image: Tag, width: int, height: int) -> None:
    """Put the panels of a figure behind it, for the style sheet to choose.

    A screen reader reads the description once: with the figure, or with the first
    panel.
    """
    classes = image.get_attribute_list("class")
    if PANELS not in classes:
        return
    cuts = [int(name.removeprefix(CUT)) / 1000 for name in classes if CUT in str(name)]
    place: Tag = image
    for left, right in pairwise([0.0, *cuts, 1.0]):
        share = right - left
        style = (
            f"aspect-ratio: {share * width:.0f} / {height}; "
            f"background-image: url('{image['src']}'); "
            f"background-position: {left / (1 - share):.2%} 0; "
            f"background-size: {1 / share:.2%} 100%"
        )
        panel = soup.new_tag("div", attrs={"class": "panel", "style": style})
        if place is image:
            panel.attrs |= {"role": "img", "aria-label": image["alt"]}
        place.insert_after(panel)
        place = panel


def copy(png: Path, webp: Path) -> None:
    """Write a picture as WebP, unless that was done since it was drawn."""
    if webp.exists() and webp.stat().st_mtime_ns >= png.stat().st_mtime_ns:
        return
    with Image.open(png) as image:
        image.save(webp, lossless=True, method=2)
        if webp.stat().st_size > LARGE:
            image.save(webp, quality=QUALITY, method=4)
