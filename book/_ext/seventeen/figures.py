"""The notebooks' figures: their descriptions, their width, and where they may be cut.

``helpers.plots.show`` stores a figure's description (its alt text) with the output, and
where its panels end. MyST-NB carries only width and height over to the page; this
transform carries the rest, and warns of a figure that has no description. A figure
as wide as ``helpers.plots.FULL_WIDTH`` fills the text's column, others in proportion.
"""

import base64
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform
from sphinx.util import logging

MIME_TYPES = ("image/png", "image/jpeg")
COLUMN = 688 / 518  # CSS pixels of the text's column, and of a figure of full width
PANELS, CUT = "panels", "cut-"  # classes; a cut is in thousandths of the width

logger = logging.getLogger(__name__)


def described(notebook: dict) -> dict[str, dict[str, Any]]:
    """Return {SHA-256 of an image: what is stored with it} of all outputs.

    MyST-NB names the file of an output image by the same digest.
    """
    return {
        hashlib.sha256(base64.b64decode(data)).hexdigest(): metadata
        for data, metadata in _images(notebook)
    }


def _images(notebook: dict) -> Iterator[tuple[str, dict[str, Any]]]:
    for cell in notebook["cells"]:
        for output in cell.get("outputs", ()):
            for mime_type in MIME_TYPES:
                if data := output.get("data", {}).get(mime_type):
                    yield "".join(data), output.get("metadata", {}).get(mime_type, {})


class DescribeFigures(SphinxTransform):
    """Give every output image of a notebook what is stored with it."""

    default_priority = 200  # before Sphinx collects the images

    def apply(self, **kwargs: object) -> None:
        """Set ``alt``, width and cuts on the image nodes of one page."""
        path = Path(self.env.doc2path(self.env.docname))
        if path.suffix != ".ipynb":
            return
        known = described(json.loads(path.read_text(encoding="utf-8")))
        for image in self.document.findall(nodes.image):
            about = known.get(PurePosixPath(image["uri"]).stem)
            if about is None:
                continue
            if width := about.get("width"):
                image["width"] = f"{round(width * COLUMN)}px"
            if cuts := about.get("panels"):
                image["classes"] += [
                    PANELS,
                    *(f"{CUT}{cut * 1000:.0f}" for cut in cuts),
                ]
            if alt := about.get("alt", "").strip():
                image["alt"] = alt
            elif not image.get("alt"):
                logger.warning(
                    "a figure has no description: end its cell with "
                    "plots.show(fig, alt=...)",
                    location=image,
                )


def setup(app: Sphinx) -> None:
    """Register the transform."""
    app.add_transform(DescribeFigures)
