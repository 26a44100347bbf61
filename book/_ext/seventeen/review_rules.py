"""The page *Check your own code*: the rules of the checker.

They come from the package ``review`` itself.
"""

from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx

import review
from review.rule import MEANING
from review.rules import RULES
from seventeen.common import Cell, PageDirective, read_again, table

CHECKER = Path(review.__file__).parent
SEEN = "review_files"  # in a page's metadata


def _names(root: Path) -> list[str]:
    """Return which files the checker has."""
    return sorted(str(path) for path in CHECKER.rglob("*.*[!c]"))


class ReviewSeverities(PageDirective):
    """``review-severities``: what error, warning and hint mean."""

    def run(self) -> list[nodes.Node]:
        """Build the table."""
        return [table(("Severity", "Meaning"), MEANING.items(), "review-severities")]


class ReviewRules(PageDirective):
    """``review-rules``: a line for each rule, with its chapter."""

    def run(self) -> list[nodes.Node]:
        """Build the table."""
        self.depend_on(CHECKER)
        self.env.metadata[self.env.docname][SEEN] = _names(Path(self.env.srcdir))
        rows: list[list[Cell]] = []
        for code, rule in sorted(RULES.items()):
            chapter = self.link(rule.page)
            rows.append([nodes.literal(text=code), rule.title, rule.severity, chapter])
        head = ("Rule", "What it finds", "Severity", "Chapter")
        return [table(head, rows, "review-rules")]


def setup(app: Sphinx) -> None:
    """Register the directives."""
    app.add_directive("review-severities", ReviewSeverities)
    app.add_directive("review-rules", ReviewRules)
    read_again(app, SEEN, _names)
