"""The book's notebooks, for the pages that are made from all of them."""

import json
import posixpath
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml
from docutils import nodes
from sphinx.application import Sphinx

from seventeen.common import PageDirective, read_again

TOC = "_toc.yml"
SEEN = "notebooks"  # in a page's metadata: the notebooks it was made from
TARGET = re.compile(r"\]\((?P<target>[^)\s]+)\)")
ELSEWHERE = re.compile(r"[a-z]+:|[#/]")  # a web address, a label, a path from the root


@dataclass(frozen=True)
class Notebook:
    """One notebook of the book.

    Attributes:
        document: the page, relative to the book's root, without a suffix.
        path: the file.
    """

    document: str
    path: Path

    @cached_property
    def content(self) -> dict[str, Any]:
        """Return what the file holds."""
        return json.loads(self.path.read_text(encoding="utf-8"))

    @property
    def number(self) -> int | None:
        """Return the note's number, or None for an interlude."""
        return self.content["metadata"].get("chapter", {}).get("number")

    @property
    def title(self) -> str:
        """Return the first heading, without its number and its mark-up."""
        first = next(re.finditer(r"^# +(?:.+ · )?(.+)$", self.markdown, re.MULTILINE))
        return first[1].strip().replace("`", "")

    @property
    def name(self) -> str:
        """Return the title, with the note's number before it where there is one."""
        return f"Note {self.number}: {self.title}" if self.number else self.title

    def cells(self, kind: str) -> Iterator[dict[str, Any]]:
        """Yield the cells of one kind: ``code`` or ``markdown``."""
        return (cell for cell in self.content["cells"] if cell["cell_type"] == kind)

    @property
    def markdown(self) -> str:
        """Return the text of the markdown cells."""
        return "\n\n".join(source(cell["source"]) for cell in self.cells("markdown"))

    def section(self, title: str) -> str:
        """Return what stands below a heading of the second level."""
        pattern = rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)"
        found = re.search(pattern, self.markdown, re.MULTILINE | re.DOTALL)
        return found[1].strip() if found else ""


def source(text: str | Sequence[str]) -> str:
    """Return a cell's text, which nbformat keeps whole or by lines."""
    return text if isinstance(text, str) else "".join(text)


def read_all(root: Path) -> list[Notebook]:
    """Return the notebooks in the order of the book."""
    toc = yaml.safe_load((root / TOC).read_text(encoding="utf-8"))
    found = []
    for document in _files(toc):
        path = (root / document).with_suffix(".ipynb")
        if path.exists():
            found.append(Notebook(document.removesuffix(".ipynb"), path))
    return found


def _files(entry: Any) -> Iterator[str]:
    """Yield the files of a table of contents, in its order."""
    if isinstance(entry, dict):
        for key, value in entry.items():
            if key in ("root", "file"):
                yield value
            else:
                yield from _files(value)
    elif isinstance(entry, list):
        for item in entry:
            yield from _files(item)


class NotebookDirective(PageDirective):
    """A directive whose content comes from notebooks."""

    def notebooks(self) -> list[Notebook]:
        """Return the book's notebooks, and note that the page depends on them."""
        root = Path(self.env.srcdir)
        found = read_all(root)
        self.env.note_dependency(str(root / TOC))
        for notebook in found:
            self.env.note_dependency(str(notebook.path))
        self.env.metadata[self.env.docname][SEEN] = _documents(root)
        return found

    def read(self, text: str, notebook: Notebook) -> list[nodes.Node]:
        """Read Markdown of a notebook as if it stood on this page."""
        return self.parse_text_to_nodes(relocate(text, notebook.document))


def relocate(text: str, document: str) -> str:
    """Make a page's links work on any other page.

    >>> relocate("[](../book/data.md), [](a.ipynb), [](#label)", "notebooks/01_x")
    '[](/book/data.md), [](/notebooks/a.ipynb), [](#label)'
    """

    def moved(match: re.Match[str]) -> str:
        target = match["target"]
        if not ELSEWHERE.match(target):
            folder = posixpath.dirname(document)
            target = "/" + posixpath.normpath(posixpath.join(folder, target))
        return f"]({target})"

    return TARGET.sub(moved, text)


def _documents(root: Path) -> list[str]:
    return [notebook.document for notebook in read_all(root)]


def setup(app: Sphinx) -> None:
    """Register what keeps the pages up to date."""
    read_again(app, SEEN, _documents)
