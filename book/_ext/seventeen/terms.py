"""Words of the glossary, linked where a page first uses them.

A notebook stays free of markup that only the book understands: the links are made
when a page is written. Hovering over one shows the first sentence of its definition.
"""

import re
from collections.abc import Iterator

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.nodes import make_refnode

# Words that the text also uses in their everyday sense.
EVERYDAY = {
    "buffer", "energy", "guard", "precision", "recall", "score", "split", "step",
}  # fmt: skip
# Where a link would disturb, or is one already.
CLOSED = (nodes.reference, nodes.title, nodes.literal, nodes.math, nodes.raw)
CLOSED_SECTIONS = {"quiz", "exercises"}


class LinkTerms(SphinxPostTransform):
    """Link the first use of each term on one page."""

    default_priority = 20  # after the links that the author has set
    formats = ("html",)

    def run(self, **kwargs: object) -> None:
        """Replace the first use of each term by a link to its definition."""
        terms = definitions(self.env)
        page = self.env.docname
        pattern = pattern_of(terms)
        seen: set[str] = set()
        for text in list(open_text(self.document)):
            parts: list[nodes.Node] = []
            end = 0
            for match in pattern.finditer(text.astext()) if terms else ():
                name = match["term"]
                key = name if name in terms else name[0].lower() + name[1:]
                target, label, sentence = terms[key]
                if key in seen or target == page:
                    continue
                seen.add(key)
                parts.append(nodes.Text(text.astext()[end : match.start()]))
                word = nodes.inline(text=match[0], classes=["term"])
                builder = self.app.builder
                parts.append(make_refnode(builder, page, target, label, word, sentence))
                end = match.end()
            if parts:
                parts.append(nodes.Text(text.astext()[end:]))
                text.parent.replace(text, parts)


def open_text(document: nodes.document) -> Iterator[nodes.Text]:
    """Yield the text of paragraphs in which a link may stand."""
    for paragraph in document.findall(nodes.paragraph):
        above = list(ancestors(paragraph))
        if any(isinstance(node, nodes.table) for node in above) or any(
            CLOSED_SECTIONS & set(node.get("names", [])) for node in above
        ):
            continue
        for text in paragraph.findall(nodes.Text):
            if not any(isinstance(node, CLOSED) for node in ancestors(text)):
                yield text


def ancestors(node: nodes.Node) -> Iterator[nodes.Element]:
    """Yield what a node stands in, from the inside out."""
    while node.parent is not None:
        node = node.parent
        yield node


def pattern_of(terms: dict[str, tuple[str, str, str]]) -> re.Pattern[str]:
    """Return what finds any of the terms, also in the plural or with a capital."""
    longest_first = sorted(terms, key=len, reverse=True)
    words = "|".join(
        f"[{term[0].upper()}{term[0]}]{re.escape(term[1:])}" for term in longest_first
    )
    return re.compile(rf"(?<![\w-])(?P<term>{words})(?:e?s)?(?![\w-])")


def definitions(env: BuildEnvironment) -> dict[str, tuple[str, str, str]]:
    """Return for each term its page, its label and its definition's first sentence."""
    if not hasattr(env, "notes_definitions"):
        found = {
            name: (page, label, "")
            for name, _, kind, page, label, _ in env.get_domain("std").get_objects()
            if kind == "term" and name not in EVERYDAY
        }
        for page in {page for page, _, _ in found.values()}:
            sentences: dict[str, str] = {}
            for item in env.get_doctree(page).findall(nodes.definition_list_item):
                text = item.children[-1].astext().replace("\n", " ")
                sentence = re.split(r"(?<=\.) ", text)[0]
                for term in item.findall(nodes.term):
                    sentences |= dict.fromkeys(term["ids"], sentence)
            found |= {
                name: (at, label, sentences.get(label, ""))
                for name, (at, label, _) in found.items()
                if at == page
            }
        env.notes_definitions = found  # type: ignore[attr-defined]
    return env.notes_definitions  # type: ignore[attr-defined]


def setup(app: Sphinx) -> None:
    """Register the transform."""
    app.add_post_transform(LinkTerms)
