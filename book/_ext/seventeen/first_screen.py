"""The first screen of a chapter, and of the book.

A chapter shows the figure that carries it right under the verdict. Its notebook's
metadata name it: ``key_figure`` has the id of the ``cell`` that draws the figure and a
``caption`` that says what to see. The figure appears on the page twice, there and
where it is made; the file is the same. Below it, or above it on a phone, come the line
of code to write, which the metadata have as ``write`` of the ``chapter``, and what the
chapter's slips cost (:mod:`seventeen.prices`). The book's first page exhibits one
chapter: its note, its verdict, its figure and its price.
"""

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform
from sphinx.util import logging

from seventeen import prices
from seventeen.common import link_to
from seventeen.notebook_pages import Notebook, NotebookDirective
from seventeen.verdicts import verdict_label

KEY = "key_figure"
PNG = "image/png"

logger = logging.getLogger(__name__)


class ShowKeyFigure(SphinxTransform):
    """Copy the key figure of a notebook below its verdict."""

    default_priority = 210  # after the figures have got their descriptions

    def apply(self, **kwargs: object) -> None:
        """Put the figure and its caption into one page."""
        path = Path(self.env.doc2path(self.env.docname))
        if path.suffix != ".ipynb":
            return
        notebook = json.loads(path.read_text(encoding="utf-8"))
        wanted = notebook["metadata"].get(KEY)
        if wanted is None:
            return
        image = self.image(notebook, wanted["cell"])
        section = next(iter(self.document.findall(nodes.section)))
        verdicts = (node for node in section.children if _is_verdict(node))
        paragraphs = (n for n in section.children if isinstance(n, nodes.paragraph))
        place = next(verdicts, next(paragraphs, None))
        if image is None or place is None:
            logger.warning(
                f"{path.name}: no figure in the cell {wanted['cell']!r} that the "
                f"metadata name as {KEY}",
                location=self.env.docname,
            )
            return
        figure = nodes.figure(
            "", image.deepcopy(), classes=["key-figure"], ids=["key-figure"]
        )
        figure += nodes.caption("", "", *with_code(wanted["caption"]))
        below = [figure, *self.to_write(notebook), *self.costs()]
        answer = nodes.container("", *below, classes=["first-screen"])
        place.parent.insert(place.parent.index(place) + 1, answer)

    def to_write(self, notebook: dict[str, Any]) -> list[nodes.Node]:
        """Return the line of code that the chapter asks for, if it has one."""
        line = notebook["metadata"].get("chapter", {}).get("write")
        if line is None:
            return []
        code = nodes.literal_block(line, line, language="python")
        return [nodes.container("", code, classes=["to-write"])]

    def costs(self) -> list[nodes.Node]:
        """Return what the chapter's slips cost, and a link to all prices."""
        root = prices.watched(self.env)
        found = prices.of_page(root, self.env.docname)
        if not found:
            return []
        link = link_to(self.env.docname, prices.PAGE, "What a slip costs")
        return [
            nodes.container(
                "", *found, nodes.paragraph("", "", link), classes=["costs"]
            )
        ]

    def image(self, notebook: dict[str, Any], cell_id: str) -> nodes.image | None:
        """Return the image that a cell of the notebook draws."""
        ids = [cell.get("id") for cell in notebook["cells"]]
        for container in self.document.findall(nodes.container):
            index = container.get("cell_index")
            if index is not None and ids[index] == cell_id:
                return next(iter(container.findall(nodes.image)), None)
        return None


class Exhibit(NotebookDirective):
    """``exhibit``: a chapter's note, verdict and key figure; names its number."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Build a box that leads to the chapter."""
        number = int(self.arguments[0])
        notebook = next(book for book in self.notebooks() if book.number == number)
        about, key = (notebook.content["metadata"][name] for name in ("chapter", KEY))
        box = nodes.container(classes=["exhibit"])
        note = nodes.paragraph("", "", *self.parse_inline(about["note"])[0])
        label = verdict_label(about["verdict"])
        finding = self.parse_inline(about["finding"])[0]
        box += nodes.paragraph(
            "", "", nodes.inline(text=f"注意 {number}"), classes=["seal"]
        )
        box += nodes.container("", note, classes=["exhibit-note"])
        box += nodes.paragraph("", "", label, nodes.Text(" "), *finding)
        box += self.figure(notebook, key["cell"])
        box += self.price(notebook)
        caption = nodes.paragraph("", "", *with_code(key["caption"]), nodes.Text(" "))
        caption += self.link(notebook.document, f"Read note {number}")
        caption["classes"].append("exhibit-caption")
        box += caption
        return [box]

    def price(self, notebook: Notebook) -> list[nodes.Node]:
        """Return what the chapter's first slip costs, as a paragraph; or nothing."""
        root = Path(self.env.srcdir)
        row = next((r for r in prices.rows.ROWS if r.page == notebook.document), None)
        found = prices.summary.short(prices.recorded(root), row) if row else ""
        if row is None or not found:
            return []
        link = self.link(prices.PAGE, f"{row.says} {found}")
        return [
            nodes.paragraph("", "", link, nodes.Text("."), classes=["exhibit-price"])
        ]

    def figure(self, notebook: Notebook, cell_id: str) -> nodes.image:
        """Return the figure that a cell has stored, as a file of the build."""
        cell = next(c for c in notebook.cells("code") if c.get("id") == cell_id)
        output = next(o for o in cell["outputs"] if PNG in o.get("data", {}))
        png = base64.b64decode("".join(output["data"][PNG]))
        uri = self.keep(f"exhibit/{hashlib.sha256(png).hexdigest()}.png", png)
        return nodes.image(uri=uri, alt=output["metadata"][PNG]["alt"])


def with_code(text: str) -> list[nodes.Node]:
    """Return a sentence in which back ticks mark code.

    >>> [type(node).__name__ for node in with_code("Call `eval()` first")]
    ['Text', 'literal', 'Text']
    """
    made: list[nodes.Node] = []
    for position, part in enumerate(text.split("`")):
        made += [nodes.literal(text=part) if position % 2 else nodes.Text(part)]
    return [node for node in made if node.astext()]


def _is_verdict(node: nodes.Node) -> bool:
    return isinstance(node, nodes.admonition) and "verdict" in node["classes"]


def setup(app: Sphinx) -> None:
    """Register the transform and the directive."""
    app.add_transform(ShowKeyFigure)
    app.add_directive("exhibit", Exhibit)
