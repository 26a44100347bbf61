"""Chinese text in an English book.

Runs of Chinese characters become ``<span lang="zh-Hans">``, so that a screen
reader changes its voice and a browser picks Chinese glyphs rather than Japanese
ones. Authors write the characters and nothing else. Code is left alone.
"""

import re

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform

IDEOGRAPH = r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
# Chinese commas, brackets and full-width signs belong to the run around them.
PUNCTUATION = r"\u3000-\u303f\uff00-\uffef\u201c\u201d\u2014\u2026"
# A run starts and ends with Chinese; what stands between (a space, a digit)
# may not be a Latin letter.
RUN = re.compile(
    rf"[\u3000-\u303f]?[{IDEOGRAPH}]"
    rf"(?:[{IDEOGRAPH}{PUNCTUATION}0-9 ×]*[{IDEOGRAPH}\u3000-\u303f\uff00-\uffef])?"
)
LANGUAGE_CLASS = "language-zh-Hans"  # docutils' writers turn it into lang=


def split(text: str) -> list[tuple[str, bool]]:
    """Split a text into (part, is it Chinese) pairs that join to the text."""
    parts: list[tuple[str, bool]] = []
    end = 0
    for match in RUN.finditer(text):
        if match.start() > end:
            parts.append((text[end : match.start()], False))
        parts.append((match.group(), True))
        end = match.end()
    if end < len(text):
        parts.append((text[end:], False))
    return parts


class MarkChinese(SphinxTransform):
    """Wrap every run of Chinese characters outside code."""

    default_priority = 880  # late: directives and substitutions are done

    def apply(self, **kwargs: object) -> None:
        """Rewrite the text nodes of one page."""
        skipped = (nodes.literal, nodes.literal_block, nodes.raw, nodes.comment)
        for text in list(self.document.findall(nodes.Text)):
            parts = split(text.astext())
            if not any(chinese for _, chinese in parts):
                continue
            if _inside(text, skipped):
                continue
            text.parent.replace(
                text,
                [
                    nodes.inline("", part, classes=[LANGUAGE_CLASS])
                    if chinese
                    else nodes.Text(part)
                    for part, chinese in parts
                ],
            )


def _inside(node: nodes.Node, kinds: tuple[type[nodes.Node], ...]) -> bool:
    """Tell whether a node has an ancestor of one of the kinds, or is marked."""
    parent = node.parent
    while parent is not None:
        if isinstance(parent, kinds) or LANGUAGE_CLASS in parent.get("classes", []):
            return True
        parent = parent.parent
    return False


def setup(app: Sphinx) -> None:
    """Register the transform."""
    app.add_transform(MarkChinese)
