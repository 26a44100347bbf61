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


def describe(
    app: Sphinx,
    pagename: str,
    templatename: str,
    context: dict[str, Any],
    doctree: nodes.document | None,
) -> None:
    """Describe a page in its own words, before the tags are made."""
    if doctree is None or not (text := description(doctree)):  # the search page
        return
    context["meta"] = {**(context.get("meta") or {}), "og:description": text}
    tag = f'<meta name="description" content="{escape(text)}" />\n'
    context["metatags"] = context.get("metatags", "") + tag


def set_addresses(app: Sphinx, config: Config) -> None:
    """Tell Sphinx the site's address, for the canonical links and the tags."""
    config.html_baseurl = config.ogp_site_url = base_url(os.environ)
    config.ogp_site_name = config.html_title
    config.ogp_image = CARD if config.html_baseurl else None
    config.ogp_image_alt = CARD_TEXT
    config.ogp_social_cards = {"enable": False}  # one picture for all pages
    card = '<meta name="twitter:card" content="summary_large_image" />'
    config.ogp_custom_meta_tags = [card]


def setup(app: Sphinx) -> None:
    """Set the addresses before pages are written; a library makes the tags."""
    app.setup_extension("sphinxext.opengraph")
    app.connect("config-inited", set_addresses)
    app.connect("html-page-context", describe, priority=400)  # before its own
