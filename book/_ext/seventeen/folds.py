"""Parts of a page that are folded until the reader opens them, or a link leads there.

The browser does the folding. It also opens what a link leads to, but not every browser
does, so a page with folds loads ``_static/folds.js``, which opens them as well.
"""

from collections.abc import Iterable
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective
from sphinx.writers.html5 import HTML5Translator

SCRIPT = "folds.js"
LEVEL = 4  # of a heading in a page's text: below a section's section


class Fold(nodes.General, nodes.Element):
    """A folded part: its title, then what is seen when it is open."""


class FoldTitle(nodes.General, nodes.TextElement):
    """The line that is always seen; a heading of the level ``level``."""


def fold(
    title: Iterable[nodes.Node], label: str, level: int, content: Iterable[nodes.Node]
) -> Fold:
    """Return a folded part.

    Args:
        title: the line that is always seen. It may hold no link.
        label: where a link leads that opens the part.
        level: of the heading, 1 to 6.
        content: what is folded.
    """
    inside = nodes.container(ids=[nodes.make_id(label)], classes=["fold-content"])
    inside += list(content)
    return Fold("", FoldTitle("", "", *title, level=level), inside)


class Folded(SphinxDirective):
    """``folded``: its argument is the title, its content is folded."""

    required_arguments = 1
    final_argument_whitespace = True
    has_content = True

    def run(self) -> list[nodes.Node]:
        """Build the fold."""
        title, _ = self.parse_inline(self.arguments[0])
        return [fold(title, self.arguments[0], LEVEL, self.parse_content_to_nodes())]


def open_fold(writer: HTML5Translator, node: Fold) -> None:
    """Begin a part."""
    writer.body.append(writer.starttag(node, "details", CLASS="fold"))


def close_fold(writer: HTML5Translator, node: Fold) -> None:
    """End a part."""
    writer.body.append("</details>\n")


def open_title(writer: HTML5Translator, node: FoldTitle) -> None:
    """Begin the line that is always seen."""
    writer.body.append(f"<summary><h{node['level']}>")


def close_title(writer: HTML5Translator, node: FoldTitle) -> None:
    """End the line that is always seen."""
    writer.body.append(f"</h{node['level']}></summary>\n")


def load_script(
    app: Sphinx,
    pagename: str,
    templatename: str,
    context: dict[str, Any],
    doctree: nodes.document | None,
) -> None:
    """Give a page with folds its script."""
    if doctree and next(iter(doctree.findall(Fold)), None):
        app.add_js_file(SCRIPT, loading_method="defer")


def setup(app: Sphinx) -> None:
    """Register the nodes and the script."""
    app.add_node(Fold, html=(open_fold, close_fold))
    app.add_node(FoldTitle, html=(open_title, close_title))
    app.add_directive("folded", Folded)
    app.connect("html-page-context", load_script)
