"""``%load_ext review``: findings under the cells of the notebook that is running."""

import html
from pathlib import Path
from typing import Any

from .checker import Finding, Folder, check_tree
from .rules import LOUD
from .source import NotReadable, joined, parse

COLOURS = {"error": "#b3261e", "warning": "#8a5a00"}
SHELL = Path("notebook.ipynb")


class Marker:
    """Checks each cell after it has run, together with those that ran before it.

    Args:
        show: is given a display's data, by MIME type.
    """

    def __init__(self, show: Any) -> None:
        self.show = show
        self.cells: dict[object, str] = {}  # a cell that runs again keeps its place
        self.known: set[Finding] = set()

    def __call__(self, result: Any) -> None:
        """Check the cell of an IPython ``ExecutionResult`` and show what is found."""
        cell = getattr(result.info, "cell_id", None) or len(self.cells)
        self.cells[cell] = result.info.raw_cell or ""
        number = list(self.cells).index(cell) + 1
        found = self.findings()
        new = [f for f in found if f.place.cell == number or f not in self.known]
        self.known = set(found)
        if new:
            self.show(as_display(new, number))

    def findings(self) -> list[Finding]:
        """Return what the rules find in the cells so far."""
        try:
            text = joined(SHELL, enumerate(self.cells.values(), 1))
            return check_tree(text, parse(text.text), Folder(None), LOUD)
        except NotReadable:
            return []


def as_display(findings: list[Finding], here: int) -> dict[str, str]:
    """Return findings as text and as HTML, for the output of one cell."""
    plain, rows = [], []
    for finding in findings:
        where, instead = f"line {finding.place.line}", ""
        if finding.place.cell != here:  # of the cells in the order in which they ran
            where = f"cell {finding.place.cell}, {where}"
        if finding.rule is not None:
            instead = finding.rule.instead
        plain.append(f"{finding.code}, {where}: {finding.text} {instead}")
        rows.append(
            f'<div style="border-left: 4px solid {COLOURS[finding.severity]}; '
            'padding-left: 0.7em; margin: 0.3em 0"><b>'
            f"{finding.code}</b>, {where}: {html.escape(finding.text)}<br>"
            f"{html.escape(instead)}</div>"
        )
    return {"text/plain": "\n".join(plain), "text/html": "".join(rows)}


def load(shell: Any) -> None:
    """Check every cell from now on."""
    from IPython.display import display

    if not hasattr(shell, "seventeen_marker"):
        shell.seventeen_marker = Marker(lambda data: display(data, raw=True))
        shell.events.register("post_run_cell", shell.seventeen_marker)


def unload(shell: Any) -> None:
    """Check no more cells."""
    if hasattr(shell, "seventeen_marker"):
        shell.events.unregister("post_run_cell", shell.seventeen_marker)
        del shell.seventeen_marker
