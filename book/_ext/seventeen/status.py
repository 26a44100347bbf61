"""The page *Status*: what was recorded, with what, and how much of it is checked."""

from collections.abc import Iterable, Sequence
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

from helpers.notebook.claims import MARKS
from seventeen.common import fact_list, table
from seventeen.notebook_pages import Notebook, NotebookDirective, source

FACTS = {  # key of the metadata `recorded`: what the page calls it
    "date": "Date",
    "python": "Python",
    "torch": "PyTorch",
    "torchvision": "torchvision",
    "processor": "Processor",
    "cores": "Cores",
}
HEAD = ("Notebook", "Seconds", "Claims", "Code cells")


def recorded(notebook: Notebook) -> dict[str, Any]:
    """Return what ``tools/record.py`` has noted about a notebook's last run."""
    return notebook.content["metadata"].get("recorded", {})


def claims(notebook: Notebook) -> int:
    """Return the number of claims that the recorded outputs hold."""
    printed = (
        source(output.get("text", ""))
        for cell in notebook.cells("code")
        for output in cell["outputs"]
    )
    return sum(line.startswith(MARKS) for text in printed for line in text.splitlines())


def figures(notebook: Notebook) -> tuple[int, int, int]:
    """Return seconds, claims and code cells."""
    seconds = recorded(notebook).get("seconds", 0)
    return seconds, claims(notebook), sum(1 for _ in notebook.cells("code"))


def facts(notebooks: Iterable[Notebook]) -> dict[str, str]:
    """Return what was used: one value, or all that occur; nothing if none is known."""
    known = [recorded(notebook) for notebook in notebooks]
    said = {}
    for key, title in FACTS.items():
        values = sorted({str(run[key]) for run in known if key in run})
        if values and key == "date" and len(values) > 1:
            values = [f"{values[0]} to {values[-1]}"]
        if values:
            said[title] = ", ".join(values)
    return said


class StatusTable(NotebookDirective):
    """``status-table``: the machine and the versions, then a line for each notebook."""

    def run(self) -> list[nodes.Node]:
        """Build the list and the table."""
        notebooks = self.notebooks()
        rows: list[Sequence[str | nodes.Node]] = []
        counted = [figures(notebook) for notebook in notebooks]
        for notebook, numbers in zip(notebooks, counted, strict=True):
            link = self.link(notebook.document, notebook.name)
            rows.append([link, *map(str, numbers)])
        if rows:
            totals = map(sum, zip(*counted, strict=True))
            rows.append(["All", *(f"{total:,}" for total in totals)])
        used = facts(notebooks)
        above = [fact_list(used)] if used else []
        return [*above, table(HEAD, rows, "status-table")]


def setup(app: Sphinx) -> None:
    """Register the directive."""
    app.add_directive("status-table", StatusTable)
