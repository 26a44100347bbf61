"""Where a page stands: home, the part of the book, the page.

The parts are captions of the table of contents and no pages, so the theme does not
know of them.
"""

from functools import cache
from pathlib import Path
from typing import Any

import yaml
from docutils import nodes
from sphinx.application import Sphinx

from seventeen.notebook_pages import TOC


@cache
def parts(root: Path) -> dict[str, str]:
    """Return the caption above each page of the table of contents."""
    toc = yaml.safe_load((root / TOC).read_text(encoding="utf-8"))
    return {
        entry["file"].removesuffix(".ipynb"): part["caption"]
        for part in toc.get("parts", [])
        for entry in part["chapters"]
    }


def add_part(
    app: Sphinx,
    pagename: str,
    templatename: str,
    context: dict[str, Any],
    doctree: nodes.document | None,
) -> None:
    """Put the part between home and the page."""
    part = parts(Path(app.srcdir)).get(pagename)
    if part:
        context["parents"] = [{"title": part}, *context.get("parents", [])]


def setup(app: Sphinx) -> None:
    """Add the part before the theme draws the line."""
    app.connect("html-page-context", add_part)
