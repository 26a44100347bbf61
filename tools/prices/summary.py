"""What the recorded runs say of a row: the difference, its spread, and the log.

A row counts when both of its runs have been recorded for five seeds or more with the
code as it is now.
"""

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from prices import files
from prices.files import Cell, Run
from prices.logs import alarms
from prices.measures import Measure
from prices.rows import ROWS, Row, base, digest, key

TITLES = {
    "solids": "solids, from scratch",
    "cells": "solar cells, from scratch",
    "tuned": "solar cells, fine-tuned",
    "measured": "measured",
}
POINTS = "points"


@dataclass(frozen=True)
class Price:
    """What one slip costs on one task.

    Attributes:
        row: the slip.
        task: key of the task.
        unit: of all numbers.
        slip, without: one number a seed, with the slip and without it.
        costs: one a seed; positive where the slip is the worse of the two.
        shown: runs with the slip whose log shows that something is wrong; ``None``
            for a measure, which has no log.
        alarms: runs without it whose log says so.
    """

    row: Row
    task: str
    unit: str
    slip: tuple[float, ...]
    without: tuple[float, ...]
    costs: tuple[float, ...]
    shown: int | None
    alarms: int | None

    @property
    def mean(self) -> float:
        """Return the mean cost."""
        return statistics.mean(self.costs)

    @property
    def spread(self) -> float:
        """Return the standard deviation of the costs over the seeds."""
        return statistics.stdev(self.costs)

    @property
    def worse(self) -> int:
        """Return the number of seeds in which the slip is the worse of the two."""
        return sum(cost > 0 for cost in self.costs)

    @property
    def better(self) -> int:
        """Return the number of seeds in which the slip is the better of the two."""
        return sum(cost < 0 for cost in self.costs)

    @property
    def sure(self) -> bool:
        """Whether every seed agrees on which of the two is the worse."""
        return len(self.costs) in (self.worse, self.better)


def prices(folder: Path = files.FOLDER) -> list[Price]:
    """Return the price of each row on each task that has been recorded.

    Raises:
        UserError: if a file is damaged or comes from a rehearsal.
    """
    cells = {(cell.row, cell.task): cell for cell in files.read_all(folder)}
    found = []
    for row in ROWS:
        for task in row.tasks:
            run = base(row)
            cell = current(cells, row, task)
            other = cell if run is None else current(cells, run, task)
            if cell and other and (price := compare(row, task, cell, other)):
                found.append(price)
    return found


def current(cells: dict[tuple[str, str], Cell], kind: type, task: str) -> Cell | None:
    """Return a cell if it has been recorded with the code as it is now."""
    cell = cells.get((key(kind), task))
    return cell if cell is not None and cell.digest == digest(kind) else None


def stale(cells: Iterable[Cell]) -> list[str]:
    """Return the names of cells whose code has changed since, or that no row needs."""
    kinds: dict[str, type] = {key(row): row for row in ROWS}
    for row in ROWS:
        if (run := base(row)) is not None:
            kinds[key(run)] = run
    return [
        cell.name
        for cell in cells
        if cell.row not in kinds or cell.digest != digest(kinds[cell.row])
    ]


def compare(row: Row, task: str, cell: Cell, other: Cell) -> Price | None:
    """Return the price, if there are pairs enough."""
    ours, theirs = ({run.seed: run for run in c.runs} for c in (cell, other))
    seeds = sorted(ours.keys() & theirs.keys())
    if len(seeds) < files.SEEDS:
        return None
    slip = tuple(ours[seed].value for seed in seeds)
    without = tuple(right_value(ours[seed], theirs[seed]) for seed in seeds)
    more = not issubclass(row, Measure) or row.more_is_better
    pairs = zip(slip, without, strict=True)
    costs = tuple((b - a) if more else (a - b) for a, b in pairs)
    if issubclass(row, Measure):
        return Price(row, task, row.unit, slip, without, costs, None, None)
    shown = sum(bool(logged(ours[seed])) for seed in seeds)
    alarmed = sum(bool(logged(theirs[seed])) for seed in seeds)
    return Price(row, task, POINTS, slip, without, costs, shown, alarmed)


def right_value(ours: Run, theirs: Run) -> float:
    """Return the value without the slip."""
    return theirs.value if ours.fair is None else ours.fair


def logged(run: Run) -> list[str]:
    """Return what the losses of a run show."""
    losses = [
        [float("nan") if x is None else x for x in part]
        for part in (run.train_losses, run.val_losses)
    ]
    return alarms(*losses)


def number(value: float, signed: bool = False) -> str:
    """Write a number with two or three significant digits and a real minus.

    >>> number(12.34), number(-0.42), number(6.2, signed=True), number(1234.5)
    ('12.3', '−0.4', '+6.2', '1,234')
    """
    digits = 0 if abs(value) >= 100 else 1
    text = f"{value:{'+' if signed else ''},.{digits}f}"
    if float(text.replace(",", "")) == 0:
        text = f"{0:.{digits}f}"
    return text.replace("-", "−")


def sentence(price: Price) -> str:
    """Return one price in words, without the task."""
    seeds = len(price.costs)
    if price.unit != POINTS:
        values = (statistics.mean(part) for part in (price.slip, price.without))
        slip, without = map(number, values)
        return f"{slip} instead of {without} {price.unit}, mean of {seeds} runs"
    size = f"{number(abs(price.mean))} ± {number(price.spread)} points"
    verb = "costs" if price.mean >= 0 else "gains"
    if price.sure:
        text = f"{verb} {size} over {seeds} seeds"
    elif not price.worse and not price.better:
        text = f"costs nothing in {seeds} seeds"
    elif price.worse and price.better:
        text = f"{verb} {size}, and the sign depends on the seed: worse in "
        text += f"{price.worse} of {seeds}"
    else:
        word, count = (
            ("worse", price.worse) if price.worse else ("better", price.better)
        )
        text = f"{verb} {size}: {word} in {count} of {seeds} seeds, equal in the others"
    return text


def said(found: Sequence[Price], row: Row) -> list[str]:
    """Return the prices of a row, a sentence for each task."""
    ours = [price for price in found if price.row is row]
    return [
        f"{sentence(price)} ({TITLES[price.task]})"
        if price.unit == POINTS
        else f"{sentence(price)} ({price.row.task})"  # type: ignore[attr-defined]
        for price in ours
    ]


def short(found: Sequence[Price], row: Row) -> str:
    """Return the price of a row in a few words; "" if it has none yet."""
    ours = [price for price in found if price.row is row]
    if not ours:
        return ""
    if ours[0].unit != POINTS:
        return sentence(ours[0])
    means = sorted(price.mean for price in ours)
    if not any(price.sure for price in ours):
        return "costs nothing that five seeds can tell from chance"
    verb, size = "costs", means
    if means[-1] < 0:
        verb, size = "gains", [-mean for mean in reversed(means)]
    low, high = number(size[0]), number(size[-1])
    span = high if low == high else f"{low} to {high}"
    return f"{verb} {span} points of mean recall"
