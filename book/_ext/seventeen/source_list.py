"""The bug reports and pages that the chapters link to, on the page *Sources*.

Papers stand in ``book/references.bib``; the links here are read from the notebooks'
Markdown, so that a source is named once, where it is used.
"""

import re
from dataclasses import dataclass

from docutils import nodes
from sphinx.application import Sphinx

from seventeen.notebook_pages import Notebook, NotebookDirective

LINK = re.compile(r"\[(?P<text>(?:[^\[\]]|\[[^\]]*\])+)\]\((?P<url>https?://[^)\s]+)\)")
REPOSITORY = r"https://github\.com/(?P<repository>[\w.-]+/[\w.-]+)"
THREAD = re.compile(REPOSITORY + r"/(?:issues|pull|discussions)/(?P<id>\d+)")
FILE = re.compile(REPOSITORY + r"/(?:blob|tree)/[^/]+/(?P<path>[^#]+)")
PAPER = "https://arxiv.org/"
LICENCE = "https://creativecommons.org/"
KINDS = {"thread": "Bug reports and changes", "page": "Documentation and code"}


@dataclass(frozen=True)
class Link:
    """A link of a chapter: its kind, what it is called, and its address."""

    kind: str
    name: str
    url: str


def links(notebook: Notebook) -> list[Link]:
    """Return a notebook's links to threads and pages, each address once.

    A thread is called ``owner/repository#number`` and a file by its place, since words
    such as "here" say nothing outside their sentence. Any other page is called what
    the chapter calls it, with the site's name.
    """
    found: dict[str, Link] = {}
    for match in LINK.finditer(notebook.markdown):
        url = match["url"]
        if url in found or url.startswith((PAPER, LICENCE)):
            continue
        if thread := THREAD.match(url):
            name = f"{thread['repository']}#{thread['id']}"
            found[url] = Link("thread", name, url)
        elif file := FILE.match(url):
            name = f"{file['repository']}: {file['path']}"
            found[url] = Link("page", name, url)
        else:
            site, _, path = url.removeprefix("https://").partition("/")
            words = [part for part in path.split("/") if part and not part.isdigit()]
            page = words[-1].removesuffix(".html") if words else ""
            name = path if site == "github.com" else f"{site}: {page}"
            found[url] = Link("page", name, url)
    return list(found.values())


class SourceList(NotebookDirective):
    """``source-list``: for each notebook its bug reports, documentation and code."""

    def run(self) -> list[nodes.Node]:
        """Build a section for each notebook with a link."""
        sections: list[nodes.Node] = []
        for notebook in self.notebooks():
            found = links(notebook)
            if not found:
                continue
            link = self.link(notebook.document, notebook.name)
            label = f"sources-{nodes.make_id(notebook.path.stem)}"
            section = self.section([link], label)
            items = nodes.definition_list(classes=["source-list"])
            for kind, title in KINDS.items():
                named = [
                    nodes.list_item(
                        "",
                        nodes.paragraph(
                            "", "", nodes.reference("", one.name, refuri=one.url)
                        ),
                    )
                    for one in found
                    if one.kind == kind
                ]
                if named:
                    items += nodes.definition_list_item(
                        "",
                        nodes.term(text=title),
                        nodes.definition("", nodes.bullet_list("", *named)),
                    )
            section += items
            sections.append(section)
        return sections


def setup(app: Sphinx) -> None:
    """Register the directive."""
    app.add_directive("source-list", SourceList)
