"""The page *Review checklist*: what every chapter says under *In review*.

Only its list: the rules of the checker, named below it, stand in *Check your own
code*. The squares are drawn by the style sheet, which also puts the page on one sheet
of paper.
"""

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging

from seventeen.notebook_pages import NotebookDirective

HEADING = "In review"

logger = logging.getLogger(__name__)


class ReviewChecklist(NotebookDirective):
    """``review-checklist``: a section for each note, an item for each of its lines."""

    def run(self) -> list[nodes.Node]:
        """Build the sections from the chapters' notebooks."""
        sections: list[nodes.Node] = []
        for notebook in self.notebooks():
            if notebook.number is None:
                continue
            link = self.link(notebook.document, notebook.name)
            section = self.section([link], f"review-{notebook.number}")
            said = self.read(notebook.section(HEADING), notebook)
            items = [node for node in said if isinstance(node, nodes.bullet_list)]
            if not items:
                logger.warning(
                    f"{notebook.path.name}: no list under '{HEADING}'",
                    location=self.get_location(),
                )
            section += items
            sections.append(section)
        return [nodes.container("", *sections, classes=["review-checklist"])]


def setup(app: Sphinx) -> None:
    """Register the directive."""
    app.add_directive("review-checklist", ReviewChecklist)
