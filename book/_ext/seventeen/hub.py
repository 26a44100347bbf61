"""The page *A hub for a class*: links that bring the notebooks, and how much they take.

The links are for the repository that builds the book, see ``repository``, and for
the hub that ``BOOK_HUB_URL`` names. The sizes follow from ``book/memory.json``, which
``tools/measure_memory.py`` writes.
"""

import json
import math
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import urlencode

from docutils import nodes
from sphinx.application import Sphinx

from seventeen.common import fact_list, table
from seventeen.notebook_pages import Notebook, NotebookDirective
from seventeen.status import FACTS, recorded

FILE = Path("book", "memory.json")
NO_HUB = "https://hub.example.org"  # stands where no hub is known
NO_REPOSITORY = "https://github.com/OWNER/NAME"
FIRST = "notebooks/01_imagefolder_layout"

# What no measurement tells; the page says each of them.
HEADROOM = 1.3  # TLJH advises 20 to 40 % above what was measured
RESERVED = 2.0  # GB, for the system, the hub and the proxy
SERVERS = (16, 32, 64, 128, 256)  # GB
AT_ONCE = 0.5  # of a class; TLJH advises to begin with 40 to 60 %
RUNS = 3  # of every cell, in the minutes that a chapter takes
MINUTES = 15


def pull_link(hub: str, repository: str, branch: str, document: str) -> str:
    """Return the link that brings the notebooks to a student and opens one of them.

    >>> pull_link("https://h.org", "https://github.com/a/b", "main", "notebooks/01_x")
    'https://h.org/hub/user-redirect/git-pull?repo=https%3A//github.com/a/b&branch=main&urlpath=lab/tree/b/notebooks/01_x.ipynb'
    """
    folder = repository.rsplit("/", 1)[-1]
    asked = {
        "repo": repository,
        "branch": branch,
        "urlpath": f"lab/tree/{folder}/{document}.ipynb",
    }
    return f"{hub}/hub/user-redirect/git-pull?{urlencode(asked, safe='/')}"


@dataclass(frozen=True)
class Sizes:
    """What a student's server needs, in GB of 10**9 bytes and in cores.

    Attributes:
        most: of the server and the notebook that takes most.
        typical: of the server and the notebook in the middle.
        limit: what a student may take: ``most`` with headroom, up to half a GB more.
        guarantee: what is kept for a student: ``typical``, up to 0.1 GB more.
        cores: what a student keeps busy on average, at most.
    """

    most: float
    typical: float
    limit: float
    guarantee: float
    cores: float

    def students(self, memory: float) -> int:
        """Return how many can work at once on a server with this many GB."""
        return math.floor((memory - RESERVED) / self.guarantee)


def sizes(measured: dict[str, Any], notebooks: Iterable[Notebook]) -> Sizes:
    """Derive the sizes from what ``book/memory.json`` and the notebooks hold."""
    taken = [
        (measured["server"] + row["all"]) / 1000
        for row in measured["notebooks"].values()
    ]
    runs = [recorded(notebook) for notebook in notebooks]
    busy = median(run["seconds"] * run["cores"] for run in runs)
    return Sizes(
        most=max(taken),
        typical=median(taken),
        limit=math.ceil(max(taken) * HEADROOM * 2) / 2,
        guarantee=math.ceil(median(taken) * 10) / 10,
        cores=RUNS * busy / (MINUTES * 60),
    )


class HubDirective(NotebookDirective):
    """A directive of this page."""

    def measured(self) -> dict[str, Any]:
        """Return what was measured, and note that the page depends on it."""
        path = Path(self.env.srcdir, FILE)
        self.env.note_dependency(str(path))
        return json.loads(path.read_text(encoding="utf-8"))


class HubLinks(HubDirective):
    """``hub-links``: the link to the first chapter, and what opens the others."""

    def run(self) -> list[nodes.Node]:
        """Build the link and the table."""
        theme = self.config.html_theme_options
        hub = theme["launch_buttons"].get("jupyterhub_url")
        place = (theme["repository_url"] or NO_REPOSITORY, theme["repository_branch"])
        rows: list[list[nodes.Node]] = []
        for notebook in self.notebooks():
            file: nodes.Node = nodes.literal(text=f"{notebook.document}.ipynb")
            if hub:
                link = pull_link(hub, *place, notebook.document)
                file = nodes.reference("", "", file, refuri=link)
            rows.append([self.link(notebook.document, notebook.name), file])
        first = pull_link(hub or NO_HUB, *place, FIRST)
        shown = nodes.literal_block(first, first, language="none", classes=["hub-link"])
        return [shown, table(("Notebook", "File"), rows, "hub-links")]


class HubMemory(HubDirective):
    """``hub-memory``: what was measured, a line for each notebook."""

    def run(self) -> list[nodes.Node]:
        """Build the list and the table."""
        measured = self.measured()
        machine = {title: str(measured["machine"][key]) for key, title in FACTS.items()}
        head = ("Notebook", "Kernel", "All processes", "Of that, in no file")
        body: list[list[str | nodes.Node]] = []
        for notebook in self.notebooks():
            if row := measured["notebooks"].get(notebook.document):
                link = self.link(notebook.document, notebook.name)
                figures = (row["kernel"], row["all"], row["own"])
                body.append([link, *(f"{figure:,}" for figure in figures)])
        server = f"{measured['server']:,}"
        body.append(["JupyterLab without a kernel", "–", server, "–"])
        caption = "The most memory that each notebook took, in MB."
        return [fact_list(machine), table(head, body, "hub-servers", caption)]


class HubSizes(HubDirective):
    """``hub-sizes``: the limits, and how many students a server holds."""

    def run(self) -> list[nodes.Node]:
        """Build the list and the table."""
        found = sizes(self.measured(), self.notebooks())
        said = {
            "Memory limit": f"{found.limit:g} GB: JupyterLab and the largest notebook "
            f"({found.most:.2f} GB), {HEADROOM - 1:.0%} more, and up to the next half",
            "Memory guarantee": f"{found.guarantee:g} GB: JupyterLab and the notebook "
            f"in the middle of the table ({found.typical:.2f} GB), rounded up",
            "Cores": f"{found.cores:.2f} on average, at most: of the {MINUTES} minutes "
            f"that a chapter takes, a student who runs every cell {RUNS} times "
            "computes for a few dozen seconds and reads for the rest",
        }
        head = ("Memory of the server, GB", "Students at once", "Class", "Cores")
        body = []
        for memory in SERVERS:
            at_once = found.students(memory)
            cores = max(2, math.ceil(at_once * found.cores))
            counts = (memory, at_once, int(at_once / AT_ONCE), cores)
            body.append([str(count) for count in counts])
        return [fact_list(said), table(head, body, "hub-servers")]


def setup(app: Sphinx) -> None:
    """Register the directives."""
    app.add_directive("hub-links", HubLinks)
    app.add_directive("hub-memory", HubMemory)
    app.add_directive("hub-sizes", HubSizes)
