"""What search engines and shared links show of a page: title, text and picture.

A page is described by its first paragraph. Addresses must be absolute, so picture and
address are given only where the site's own address is known: from ``BOOK_BASE_URL``,
or from the repository whose GitHub Pages these are.
"""

import os
import re
from collections.abc import Mapping
from html import escape
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config

CARD = "_static/social-card.png"  # made by tools/social_card.py
CARD_TEXT = (
    "The title of the book, and seventeen numbered tiles in three colours, one for "
    "each verdict."
)
LENGTH = 160  # characters that a search engine shows


def base_url(environ: Mapping[str, str]) -> str:
    """Return the address under which the book is published; "" if it is not known.

    >>> base_url({"GITHUB_REPOSITORY": "someone/fork"})
    'https://someone.github.io/fork/'
    """
    if "BOOK_BASE_URL" in environ:
        given = environ["BOOK_BASE_URL"].strip()
        return given and given.rstrip("/") + "/"
    owner, _, name = environ.get("GITHUB_REPOSITORY", "").partition("/")
    if not name:
        return ""
    site = f"https://{owner.lower()}.github.io/"
    return site if name.lower() == f"{owner.lower()}.github.io" else f"{site}{name}/"


def description(page: nodes.Node) -> str:
    """Return the first paragraph of a page in a line, cut after a word.

    The subtitle and what stands in boxes and tables are passed over.
    """
    for paragraph in page.findall(nodes.paragraph):
        inside = paragraph.parent
        is_subtitle = any("subtitle" in node["classes"] for node in paragraph.children
                          if isinstance(node, nodes.Element))  # fmt: skip
        if isinstance(inside, nodes.section | nodes.document) and not is_subtitle:
            text = re.sub(r"\s+", " ", paragraph.astext()).strip()
            if len(text) <= LENGTH:
                return text
            return text[:LENGTH].rpartition(" ")[0].rstrip(",;:") + " …"
    return ""


def add_tags(
    app: Sphinx,
    pagename: str,
    templatename: str,
    context: dict[str, Any],
    doctree: nodes.document | None,
) -> None:
    """Put the tags into the head of a page."""
    if doctree is None:  # the search page and its like
        return
    text = description(doctree)
    tags = {
        "og:site_name": app.config.html_title,
        "og:title": re.sub("<[^>]+>", "", context.get("title", "")),
        "og:description": text,
        "og:type": "website" if pagename == app.config.root_doc else "article",
    }
    if base := app.config.html_baseurl:
        tags["og:url"] = f"{base}{pagename}.html"
        tags["og:image"] = f"{base}{CARD}"
        tags["og:image:alt"] = CARD_TEXT
    lines = ['<meta name="twitter:card" content="summary_large_image" />']
    if text:
        lines.append(f'<meta name="description" content="{escape(text)}" />')
    lines += [
        f'<meta property="{name}" content="{escape(value)}" />'
        for name, value in tags.items()
        if value
    ]
    context["metatags"] = "\n".join([context.get("metatags", ""), *lines])


def set_base_url(app: Sphinx, config: Config) -> None:
    """Tell Sphinx the site's address; it makes the canonical links."""
    config.html_baseurl = base_url(os.environ)


def setup(app: Sphinx) -> None:
    """Set the address before the pages are written, and the tags on each."""
    app.connect("config-inited", set_base_url)
    app.connect("html-page-context", add_tags)
