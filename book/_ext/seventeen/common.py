"""What the book's directives share: sections, links, tables, and when to read again."""

import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util.docutils import SphinxDirective

Cell = str | nodes.Node | list[nodes.Node]


class PageDirective(SphinxDirective):
    """A directive that makes sections and links, and knows what it is made from."""

    def depend_on(self, folder: Path) -> None:
        """Read this page again when a file in the folder, or below it, changes."""
        depend_on(self.env, folder)

    def section(self, title: Iterable[nodes.Node], label: str) -> nodes.section:
        """Return a section with a title, a label to link to and no content."""
        name = nodes.make_id(label)
        section = nodes.section(ids=[name], names=[name])
        section += nodes.title("", "", *title)
        self.state.document.note_explicit_target(section)
        return section

    def keep(self, name: str, content: bytes) -> str:
        """Write a picture beside the doctrees, whence Sphinx copies it.

        Args:
            name: of the file, with its folder there.

        Returns:
            Its address, as seen from this page.
        """
        path = Path(self.env.doctreedir, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        page = Path(self.env.doc2path(self.env.docname))
        return Path(os.path.relpath(path, page.parent)).as_posix()

    def link(self, document: str, text: str = "") -> nodes.Node:
        """Return a link to a page, which a strict build checks.

        Args:
            document: the page, relative to the book's root, without a suffix.
            text: of the link; "" for the page's own title.
        """
        return link_to(self.env.docname, document, text)


def depend_on(env: BuildEnvironment, folder: Path) -> None:
    """Read the present page again when a file in a folder, or below it, changes."""
    for path in folder.rglob("*.*"):
        if "__pycache__" not in path.parts:
            env.note_dependency(str(path))


def link_to(page: str, document: str, text: str = "") -> addnodes.pending_xref:
    """Return a link from a page to another; see :meth:`PageDirective.link`."""
    return addnodes.pending_xref(
        "",
        nodes.inline(text=text or document),
        refdomain="std",
        reftype="doc",
        reftarget=f"/{document}",
        refdoc=page,
        refexplicit=bool(text),
        refwarn=True,
    )


def table(
    head: Sequence[Cell],
    body: Iterable[Sequence[Cell]],
    name: str,
    caption: str = "",
) -> nodes.table:
    """Return a table with a header row and a header column."""
    found = nodes.table(classes=[name])
    if caption:
        found += nodes.title(text=caption)
    group = nodes.tgroup(cols=len(head))
    found += group
    for position in range(len(head)):
        group += nodes.colspec(colwidth=1, stub=int(position == 0))
    group += nodes.thead("", _row(head))
    group += nodes.tbody("", *map(_row, body))
    return found


def _row(cells: Iterable[Cell]) -> nodes.row:
    row = nodes.row()
    for cell in cells:
        if isinstance(cell, str):
            cell = nodes.Text(cell)
        if isinstance(cell, nodes.Node):
            is_whole = isinstance(cell, nodes.paragraph)
            cell = [cell if is_whole else nodes.paragraph("", "", cell)]
        row += nodes.entry("", *cell)
    return row


def fact_list(said: dict[str, str]) -> nodes.definition_list:
    """Return a list of terms and what is said of each."""
    found = nodes.definition_list(classes=["status-facts"])
    for term, text in said.items():
        definition = nodes.definition("", nodes.paragraph(text=text))
        found += nodes.definition_list_item("", nodes.term(text=term), definition)
    return found


def read_again(app: Sphinx, key: str, names: Callable[[Path], list[str]]) -> None:
    """Read pages again when files that they are made from came or went.

    Args:
        key: in a page's metadata, where its directive keeps the ``names`` that it saw.
        names: returns what is there now, for the root of the book.
    """

    def outdated(
        app: Sphinx,
        env: BuildEnvironment,
        added: set[str],
        changed: set[str],
        removed: set[str],
    ) -> list[str]:
        now = names(Path(env.srcdir))
        return [
            page for page, seen in env.metadata.items() if seen.get(key, now) != now
        ]

    app.connect("env-get-outdated", outdated)
