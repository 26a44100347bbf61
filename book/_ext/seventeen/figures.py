"""Descriptions of the notebooks' figures.

``helpers.plots.show`` stores a figure's description (its alt text) with the output.
MyST-NB carries only width and height over to the page; this transform carries
the description, and warns of a figure that has none.
"""

import base64
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform
from sphinx.util import logging

MIME_TYPES = ("image/png", "image/jpeg")

logger = logging.getLogger(__name__)


def descriptions(notebook: dict) -> dict[str, str]:
    """Return {SHA-256 of an image: its description, or ""} of all outputs.

    MyST-NB names the file of an output image by the same digest.
    """
    return {
        hashlib.sha256(base64.b64decode(data)).hexdigest(): alt.strip()
        for data, alt in _images(notebook)
    }


def _images(notebook: dict) -> Iterator[tuple[str, str]]:
    for cell in notebook["cells"]:
        for output in cell.get("outputs", ()):
            for mime_type in MIME_TYPES:
                if data := output.get("data", {}).get(mime_type):
                    metadata = output.get("metadata", {}).get(mime_type, {})
                    yield "".join(data), metadata.get("alt", "")


class DescribeFigures(SphinxTransform):
    """Give every output image of a notebook its description."""

    default_priority = 200  # before Sphinx collects the images

    def apply(self, **kwargs: object) -> None:
        """Set ``alt`` on the image nodes of one page."""
        path = Path(self.env.doc2path(self.env.docname))
        if path.suffix != ".ipynb":
            return
        alts = descriptions(json.loads(path.read_text(encoding="utf-8")))
        for image in self.document.findall(nodes.image):
            digest = PurePosixPath(image["uri"]).stem
            if digest not in alts:
                continue
            if alts[digest]:
                image["alt"] = alts[digest]
            elif not image.get("alt"):
                logger.warning(
                    "a figure has no description: end its cell with "
                    "plots.show(fig, alt=...)",
                    location=image,
                )


def setup(app: Sphinx) -> None:
    """Register the transform."""
    app.add_transform(DescribeFigures)
