"""The page *What a slip costs*, and a slip's price wherever a page quotes it.

All of it is made from ``book/evidence/prices`` while the book is built.
``price-figure`` and ``price-table`` show all rows, ``price-facts`` what they were
measured with. The role ``price`` puts a row into a sentence, by its key. A row that has
not been recorded, or not with the code as it is now, is left out everywhere.
"""

import statistics
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging
from sphinx.util.docutils import SphinxRole

from helpers import plots
from helpers.errors import UserError
from prices import files, rows, summary
from prices.summary import POINTS, TITLES, Price
from seventeen.common import (
    Cell,
    PageDirective,
    depend_on,
    fact_list,
    read_again,
    table,
)

FOLDER = Path("book", "evidence", "prices")
SEEN = "prices"  # in a page's metadata: the files it was made from
SORTED = "sorted-prices"  # in a page's metadata: that its table can be sorted
SCRIPT = "sort.js"
PAGE = "book/prices"

# Of the figure; lengths in inches.
LINE, FRAME = 0.3, 1.0  # from one slip to the next; the axis, its label and the legend
MARKS = {
    "solids": ("o", plots.BLUE),
    "cells": ("s", plots.VERMILION),
    "tuned": ("D", plots.GREEN),
}

logger = logging.getLogger(__name__)


def recorded(root: Path) -> list[Price]:
    """Return the prices of a book; none if a file can't be trusted."""
    folder = root / FOLDER
    try:
        stamps = tuple((p, p.stat().st_mtime_ns) for p in sorted(folder.glob("*/*")))
        return list(read_once(folder, stamps))
    except (UserError, OSError) as error:
        logger.warning(str(error))
        return []


@lru_cache(maxsize=1)
def read_once(folder: Path, stamps: tuple[tuple[Path, int], ...]) -> tuple[Price, ...]:
    """Read the prices, for all pages of a build; again when a file has changed."""
    return tuple(summary.prices(folder))


def watched(env: BuildEnvironment) -> Path:
    """Read the present page again when prices change; return the book's root."""
    root = Path(env.srcdir)
    env.metadata[env.docname][SEEN] = names(root)
    for folder in (root / FOLDER, Path(rows.__file__).parent):
        depend_on(env, folder)
    return root


class PricePage(PageDirective):
    """What the two directives share."""

    def prices(self) -> list[Price]:
        """Return the prices, and read this page again when they change."""
        return recorded(watched(self.env))


class PriceTable(PricePage):
    """``price-table``: a line for each slip and task; a script sorts it."""

    def run(self) -> list[nodes.Node]:
        """Build the table."""
        found = self.prices()
        if not found:
            return [nodes.paragraph(text="No price has been recorded yet.")]
        wanted = sum(len(row.tasks) for row in rows.ROWS)
        missing = nodes.paragraph(
            text=f"{len(found)} of {wanted} rows have been measured so far; make "
            "prices measures the others."
        )
        head = ("Slip", "Task", "Cost", "Spread", "Worse", "Log shows it", "Chapter")
        body: list[list[Cell]] = [
            [*cells(price), self.link(price.row.page)] for price in found
        ]
        self.env.metadata[self.env.docname][SORTED] = True
        return [*([missing] * (len(found) < wanted)), table(head, body, "price-table")]


def cells(price: Price) -> list[str]:
    """Return the texts of a line of the table, without the chapter."""
    seeds = len(price.costs)
    slip, right = (statistics.mean(part) for part in (price.slip, price.without))
    cost = f"{summary.number(price.mean, signed=True)} {POINTS}"
    spread = f"± {summary.number(price.spread)}"
    if price.unit != POINTS:
        cost = f"{summary.number(slip)} instead of {summary.number(right)} {price.unit}"
    shown = "–" if price.shown is None else f"{price.shown} of {seeds}"
    title = price.row.task if price.unit != POINTS else TITLES[price.task]  # type: ignore[attr-defined]
    return [price.row.says, title, cost, spread, f"{price.worse} of {seeds}", shown]


class PriceFigure(PricePage):
    """``price-figure``: all differences in accuracy, with every seed."""

    def run(self) -> list[nodes.Node]:
        """Draw the figure beside the doctrees."""
        found = [price for price in self.prices() if price.unit == POINTS]
        if not found:
            return []
        uri = self.keep("prices/prices.png", draw(found))
        return [nodes.image(uri=uri, alt=describe(found), width="100%")]


def by_slip(found: Sequence[Price]) -> list[tuple[rows.Row, list[Price]]]:
    """Return each slip with its prices, the dearest first."""
    slips = list(dict.fromkeys(price.row for price in found))
    grouped = [(row, [p for p in found if p.row is row]) for row in slips]
    return sorted(grouped, key=lambda pair: -max(p.mean for p in pair[1]))


def draw(found: Sequence[Price]) -> bytes:
    """Return the figure as a PNG: a line for each slip, a mark for each task."""
    import matplotlib.pyplot as plt

    plots.use_style()
    slips = by_slip(found)
    height = FRAME + LINE * sum(len(prices) + 0.6 for _, prices in slips)
    figure, axis = plt.subplots(figsize=(plots.FULL_WIDTH, height))
    place, places = 0.0, []
    for _, prices in slips:
        start = place
        for price in prices:
            mark, colour = MARKS[price.task]
            axis.plot(
                price.costs, [place] * len(price.costs), ".",
                color=colour, alpha=0.45, markersize=5,
            )  # fmt: skip
            axis.errorbar(
                price.mean, place, xerr=price.spread, fmt=mark, color=colour,
                markersize=6, capsize=2, linewidth=1.2,
            )  # fmt: skip
            place += 1
        places.append((start + place - 1) / 2)
        place += 0.6
    for task, (mark, colour) in MARKS.items():
        if any(price.task == task for price in found):
            axis.plot([], [], mark, color=colour, label=TITLES[task])
    axis.axvline(0, color=plots.INK, linewidth=1)
    axis.set_yticks(places, [row.says.replace("$", r"\$") for row, _ in slips])
    axis.tick_params(axis="y", length=0, labelsize=9)
    axis.invert_yaxis()
    axis.set(xlabel="points of mean recall lost", ylim=(place - 0.4, -0.8))
    axis.grid(axis="y", visible=False)
    axis.legend(loc="lower right")
    return plots.to_png(figure)


def describe(found: Sequence[Price]) -> str:
    """Return the figure in words, with its numbers."""
    parts = [
        f"{row.says}: "
        + ", ".join(f"{summary.number(p.mean)} on {TITLES[p.task]}" for p in prices)
        for row, prices in by_slip(found)
    ]
    return f"Points of mean recall that each slip costs. {'; '.join(parts)}."


class PriceFacts(PageDirective):
    """``price-facts``: rules, versions, machines and dates."""

    def run(self) -> list[nodes.Node]:
        """Build the list."""
        root = watched(self.env)
        try:
            found = list(files.read_all(root / FOLDER))
        except (UserError, OSError):
            return []
        runs = [run for cell in found for run in cell.runs]
        if not runs:
            return []
        facts: dict[str, Callable[[Any], str]] = {
            "Dates": lambda run: run.date,
            "Device": lambda run: run.device,
            "Processor": lambda run: f"{run.processor}, {run.cores} cores",
            "Python": lambda run: run.python,
            "PyTorch": lambda run: run.torch,
            "torchvision": lambda run: run.torchvision,
        }
        said = {
            name: ", ".join(sorted({say(run) for run in runs}))
            for name, say in facts.items()
        }
        said["Runs"] = f"{len(runs):,}"
        return [fact_list(said)]


class PriceRole(SphinxRole):
    """``price``: what a row costs, on each of its tasks, in words."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """Return the sentence as a link to the page of all prices."""
        known = {rows.key(row): row for row in rows.ROWS}
        if self.text not in known:
            message = f"there is no price {self.text!r}: there are {', '.join(known)}"
            logger.warning(message, location=self.get_location())
            return [], []
        return [words(watched(self.env), known[self.text])], []


def words(root: Path, row: rows.Row) -> nodes.inline:
    """Return what a row costs, in brackets; nothing if that is not known."""
    found = summary.short(recorded(root), row)
    return nodes.inline(text=f"({found})" if found else "", classes=["price"])


def of_page(root: Path, document: str) -> list[nodes.Node]:
    """Return what the slips of a chapter cost, a line for each slip; or nothing."""
    found = recorded(root)
    items = []
    for row in rows.ROWS:
        if row.page == document and (said := summary.said(found, row)):
            term = nodes.term(text=row.says)
            lines = (
                nodes.paragraph(text=f"{line[0].upper()}{line[1:]}.") for line in said
            )
            definition = nodes.definition("", *lines)
            items.append(nodes.definition_list_item("", term, definition))
    return [nodes.definition_list("", *items, classes=["prices"])] if items else []


def names(root: Path) -> list[str]:
    """Return the files that there are."""
    return sorted(p.relative_to(root).as_posix() for p in (root / FOLDER).glob("*/*"))


def load_script(app: Sphinx, pagename: str, *_: Any) -> None:
    """Give the page with the table its script."""
    if SORTED in app.env.metadata[pagename]:
        app.add_js_file(SCRIPT, loading_method="defer")


def setup(app: Sphinx) -> None:
    """Register directives, role and script."""
    app.connect("html-page-context", load_script)
    app.add_directive("price-table", PriceTable)
    app.add_directive("price-figure", PriceFigure)
    app.add_directive("price-facts", PriceFacts)
    app.add_role("price", PriceRole())
    read_again(app, SEEN, names)
