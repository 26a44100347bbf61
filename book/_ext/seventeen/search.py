"""The search: what is found where, for the script that ranks it.

Every section of every page is an entry with its page, heading and text; printed code
is left out. The words that people type for a page stand in ``book/keywords.yml``, and
each symptom of *Which note bit me?* counts as well for the chapter that explains it.
The entries are written as a script and not as JSON, because a page that was opened
from a disk may load scripts only. ``_static/search.js`` searches them with MiniSearch.
"""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging

KEYWORDS = Path("book", "keywords.yml")
SYMPTOMS = "book/which-note"
ENTRIES = "search-entries.js"
LEFT_OUT = (nodes.literal_block, nodes.raw, nodes.comment, nodes.section, nodes.title)

logger = logging.getLogger(__name__)


def entries(app: Sphinx) -> Iterator[dict[str, Any]]:
    """Yield the entries of all pages, those of a page in its order."""
    env, known = app.env, read_keywords(Path(app.srcdir))
    said = symptoms(env.get_doctree(SYMPTOMS)) if SYMPTOMS in env.found_docs else {}
    for page in sorted(env.found_docs):
        if known and page not in known:
            logger.warning(f"{KEYWORDS} has no words for {page}", location=page)
        about = known.get(page, {})
        for position, section in enumerate(
            env.get_doctree(page).findall(nodes.section)
        ):
            first = position == 0
            yield {
                "page": page,
                "anchor": "" if first else section["ids"][0],
                "title": env.titles[page].astext(),
                "heading": "" if first else heading(section),
                "words": about.get("words", "") if first else "",
                "symptoms": " ".join(said.get(page, [])) if first else "",
                "text": text(section),
                "weight": about.get("weight", 1),
            }


def read_keywords(root: Path) -> dict[str, dict[str, Any]]:
    """Return for each page the ``words`` people type and the ``weight`` it has.

    A book without the file has none.
    """
    if not (root / KEYWORDS).exists():
        return {}
    return yaml.safe_load((root / KEYWORDS).read_text(encoding="utf-8"))


def heading(section: nodes.section) -> str:
    """Return the title of a section."""
    return next(iter(section.findall(nodes.title))).astext()


def text(node: nodes.Element) -> str:
    """Return the words below a node, without code and without what lies deeper."""
    found = []
    for child in node.children:
        if isinstance(child, LEFT_OUT):
            continue
        is_block = isinstance(child, nodes.TextElement | nodes.Text)
        found.append(child.astext() if is_block else text(child))  # type: ignore[arg-type]
    return " ".join(" ".join(found).split())


def symptoms(page: nodes.document) -> Mapping[str, list[str]]:
    """Return for each chapter the symptoms that lead to it."""
    found = defaultdict(list)
    for item in page.findall(nodes.definition_list_item):
        term, *rest = item.children
        for link in (node for part in rest for node in part.findall(nodes.Element)):
            if target := link.get("reftarget", "").partition("#")[0]:
                found[target.partition(".ipynb")[0].lstrip("/")].append(term.astext())
    return found


def write_entries(app: Sphinx, error: Exception | None) -> None:
    """Write the entries beside the other static files."""
    if error or app.builder.format != "html":
        return
    text = json.dumps(list(entries(app)), ensure_ascii=False, separators=(",", ":"))
    path = Path(app.outdir, "_static", ENTRIES)
    path.write_text(f"const ENTRIES = {text};\n", encoding="utf-8")


def setup(app: Sphinx) -> None:
    """Write the entries when all pages are read."""
    app.connect("build-finished", write_entries, priority=700)
