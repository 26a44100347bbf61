"""What a class is given, built with the book and offered for download.

``tools/classroom.py`` makes the slides and the zip file for a class, and they lie
beside the book's other static files: whatever the book is built by, the links on *Teach
from this book* lead somewhere. The hand-out is a page of the book, because a PDF would
need a browser.
"""

import posixpath
import sys
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.util import logging

import helpers
from seventeen.notebook_pages import Notebook

FOLDER = "_static/classroom"
SLIDES = f"{FOLDER}/slides"
CLASS = f"seventeen-notes-class-{helpers.__version__}.zip"
TOOLS = Path("tools")

logger = logging.getLogger(__name__)


def has_slides(notebook: Notebook) -> bool:
    """Tell whether a chapter says what its slides show."""
    return any("slideshow" in cell["metadata"] for cell in notebook.content["cells"])


def address(name: str, document: str) -> str:
    """Return the address of a file of this folder, as seen from a page.

    >>> address("slides/index.html", "book/teaching")
    '../_static/classroom/slides/index.html'
    """
    return posixpath.relpath(f"{FOLDER}/{name}", posixpath.dirname(document) or ".")


def link(name: str, text: str, document: str) -> nodes.reference:
    """Return a link to a file of this folder.

    Args:
        name: of the file in the folder.
        text: of the link.
        document: the page on which it is.
    """
    target = address(name, document)
    return nodes.reference("", text, refuri=target, internal=True)


def publish(app: Sphinx) -> None:
    """Make slides and zip file before the first page is written."""
    tools = Path(app.srcdir) / TOOLS
    if app.builder.format != "html" or not (tools / "classroom.py").exists():
        return
    sys.path.insert(0, str(tools))
    import classroom
    from helpers.errors import UserError

    try:
        classroom.publish(Path(app.outdir) / FOLDER)
    except UserError as error:
        for fault in str(error).splitlines():
            logger.warning(fault)
    finally:
        sys.path.remove(str(tools))


def ignore_links(app: Sphinx, config: Config) -> None:
    """Let ``make links`` pass over what only an HTML build makes."""
    config.linkcheck_ignore = [*config.linkcheck_ignore, rf".*{FOLDER}/"]


def setup(app: Sphinx) -> None:
    """Make the files, once for each build."""
    app.connect("config-inited", ignore_links)
    app.connect("builder-inited", publish)
