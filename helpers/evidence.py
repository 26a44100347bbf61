"""Figures that only a GPU can give: measured there, kept, and shown elsewhere.

A chapter measures in a function and hands it to :func:`on_gpu`. On a GPU the
function runs. Elsewhere the cell shows what ``make gpu`` has kept in
``book/evidence``, one file for each card, or says that nothing is recorded yet. No
figure of a GPU comes from anywhere else.
"""

import datetime
import json
import math
import os
import re
import statistics
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from helpers._evidence_figures import FIGURES, Figure
from helpers.errors import UserError
from helpers.writing import replacing

FORMAT = 1  # of the files; raise it when a field changes its meaning
FOLDER = Path(__file__).parent.parent / "book" / "evidence"
KIND = "application/vnd.seventeen-notes.evidence+json"  # of a cell's output
REHEARSAL = "SEVENTEEN_NOTES_REHEARSAL"  # set by `tools/gpu.py --rehearse`
FAKE_CARD = "No card (rehearsal)"
LEAST_RUNS = 3  # the middle half of fewer says nothing
DIGITS = 6  # significant ones that are kept


@dataclass(frozen=True)
class Row:
    """One line of a figure.

    Attributes:
        name: what differs from the other lines.
        warm_up: runs, or calls, that were thrown away before.
        runs: how many were kept.
        median: of the runs, in the figure's unit.
        spread: the quartiles; the middle half of the runs lies between them.
    """

    name: str
    warm_up: int
    runs: int
    median: float
    spread: tuple[float, float]


def row(name: str, values: Iterable[float | int], *, warm_up: int) -> Row:
    """Sum runs up.

    Args:
        values: one number for each run, in the figure's unit.
        warm_up: how many were thrown away before.

    Raises:
        ValueError: if there are fewer than three, or one is not finite.
    """
    kept = [float(value) for value in values]
    if len(kept) < LEAST_RUNS or not all(map(math.isfinite, kept)):
        raise ValueError(f"{name}: give {LEAST_RUNS} finite numbers or more: {kept}")
    first, median, third = (
        float(f"{cut:.{DIGITS}g}")
        for cut in statistics.quantiles(kept, n=4, method="inclusive")
    )
    return Row(name, warm_up, len(kept), median, (first, third))


@dataclass(frozen=True)
class Evidence:
    """What one card gave, and on what; a file of ``book/evidence``.

    Attributes:
        format: version of these fields.
        card: the GPU's name, as PyTorch gives it.
        driver, cuda, torch, torchvision, dali, python: versions; of a DALI that was
            not installed: ``"absent"``.
        processor: the CPU's name.
        cores: CPU cores that the program could use.
        date: of the measurement, ``YYYY-MM-DD``.
        figures: the lines of each figure, by its key in ``FIGURES``.
    """

    format: int
    card: str
    driver: str
    cuda: str
    torch: str
    torchvision: str
    dali: str
    python: str
    processor: str
    cores: int
    date: str
    figures: dict[str, tuple[Row, ...]]

    @property
    def name(self) -> str:
        """Return the file's name, made from the card's."""
        return re.sub(r"[^a-z0-9]+", "-", self.card.lower()).strip("-") + ".json"


def write(evidence: Evidence, folder: Path) -> Path:
    """Write the file of a card, in one step, and return its path.

    Raises:
        UserError: if the folder cannot be written.
    """
    with replacing(folder / evidence.name) as part:
        text = json.dumps(asdict(evidence), indent=1, ensure_ascii=False)
        part.write_text(text + "\n", encoding="utf-8")
    return folder / evidence.name


def read(path: Path) -> Evidence:
    """Read the file of a card, and refuse one that does not say all it should.

    Raises:
        UserError: naming the first thing that is missing or wrong.
    """
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        evidence = checked(found)
        if evidence.name != path.name:
            raise ValueError(f"is named otherwise than its card, {evidence.name}")
    except (ValueError, TypeError) as error:
        raise UserError(
            f"{path.name} {error}: record it again with `make gpu`."
        ) from error
    return evidence


def read_all(folder: Path = FOLDER) -> list[Evidence]:
    """Read all files of a folder, sorted by card; a folder that is missing has none.

    Raises:
        UserError: if one is incomplete, or is not from a card.
    """
    found = [read(path) for path in sorted(folder.glob("*.json"))]
    for evidence in found:
        if evidence.card == FAKE_CARD:
            raise UserError(
                f"{evidence.name} comes from a rehearsal and not from a GPU: delete it."
            )
    return found


def checked(found: object) -> Evidence:
    """Turn what a file holds into Evidence.

    Raises:
        ValueError: saying what is missing or wrong first.
    """
    if not isinstance(found, dict):
        raise ValueError("is not a table of fields")
    _same_names(found, Evidence, "")
    if found["format"] != FORMAT:
        raise ValueError(f"has format {found['format']}, not {FORMAT}")
    for field in fields(Evidence):
        value = found[field.name]
        if field.type is str and not (isinstance(value, str) and value.strip()):
            raise ValueError(f"has an empty {field.name}")
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", found["date"]):
        raise ValueError(f"has the date {found['date']!r}, not YYYY-MM-DD")
    datetime.date.fromisoformat(found["date"])  # raises a ValueError of its own
    if type(found["cores"]) is not int or found["cores"] < 1:
        raise ValueError(f"has {found['cores']!r} cores")
    figures = found["figures"]
    if not isinstance(figures, dict) or not figures:
        raise ValueError("holds no figures")
    return Evidence(
        **{**found, "figures": {key: _rows(key, figures[key]) for key in figures}}
    )


def _rows(key: str, found: object) -> tuple[Row, ...]:
    if key not in FIGURES:
        raise ValueError(f"holds the unknown figure {key}")
    if not isinstance(found, list) or not found:
        raise ValueError(f"holds no lines for {key}")
    rows = tuple(_row(key, line) for line in found)
    if len({line.name for line in rows}) < len(rows):
        raise ValueError(f"holds two lines of one name, in {key}")
    return rows


def _row(key: str, line: Any) -> Row:
    if not isinstance(line, dict):
        raise ValueError(f"holds a line that is none, in {key}")
    _same_names(line, Row, f", in {key}")
    if not isinstance(line["name"], str) or not line["name"].strip():
        raise ValueError(f"holds a line without a name, in {key}")
    spread = line["spread"]
    if not isinstance(spread, list) or len(spread) != 2:
        raise ValueError(f"has the spread {spread!r}, not two quartiles, in {key}")
    numbers = [spread[0], line["median"], spread[1]]
    if not all(type(n) in (int, float) and math.isfinite(n) for n in numbers):
        raise ValueError(f"holds something else than finite numbers, in {key}")
    if numbers != sorted(numbers):
        raise ValueError(f"has a median outside its spread, in {key}")
    for name, least in (("warm_up", 0), ("runs", LEAST_RUNS)):
        if type(line[name]) is not int or line[name] < least:
            raise ValueError(f"has {name} {line[name]!r}, in {key}")
    return Row(**{**line, "spread": tuple(spread)})


def _same_names(found: Mapping[str, Any], kind: type, where: str) -> None:
    """Raise a ValueError unless a table has a dataclass's fields, all and only."""
    names = {field.name for field in fields(kind)}
    if missing := [name for name in names if name not in found]:
        raise ValueError(f"lacks {', '.join(sorted(missing))}{where}")
    if unknown := sorted(set(found) - names):
        raise ValueError(f"has the unknown entry {unknown[0]}{where}")


def table(key: str, rows: Iterable[Row]) -> str:
    """Return the lines of a figure as text, at most 78 columns wide."""
    figure, rows = FIGURES[key], tuple(rows)
    head = f"{figure.title}, {figure.unit}"
    lines = [f"{head:<42}{'median':>8}  {'middle half':<16}{'runs':>4}"]
    for line in rows:
        low, high = map(number, line.spread)
        text = f"  {line.name:<40}{number(line.median):>8}  "
        text += f"{f'{low}–{high}':<16}{line.runs:>4}"
        lines.append(f"{text}{ratio(figure, rows[0], line):>6}")
    return "\n".join(line.rstrip() for line in lines)


def ratio(figure: Figure, first: Row, line: Row) -> str:
    """Return how many times as good as the first line one is; "" says nothing."""
    if figure.better is None or not first.median or not line.median:
        return ""
    better = line.median / first.median
    return f"{better if figure.better == 'more' else 1 / better:.1f}x"


def number(value: float) -> str:
    """Write a number with three significant digits, or all before the point.

    >>> number(12345.6), number(3.14159), number(0), number(0.5)
    ('12,346', '3.14', '0', '0.5')
    """
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def on_gpu(
    key: str,
    measure: Callable[..., Iterable[Row]],
    *,
    rehearsal: Mapping[str, Any] | None = None,
) -> None:
    """Measure on a GPU and print the lines; without one, print the recorded ones.

    Args:
        key: of the figure, in ``FIGURES``.
        measure: called with a device, ``"cuda"``; returns one :func:`row` for each
            line.
        rehearsal: further arguments that make ``measure`` small enough for a CPU.
            ``tools/gpu.py --rehearse`` calls it with them and with ``"cpu"``, to find
            mistakes before a GPU does.
    """
    import torch

    if REHEARSAL in os.environ:
        rows = tuple(measure("cpu", **(rehearsal or {})))
        print(f"{FAKE_CARD}; these numbers mean nothing:")
    elif torch.cuda.is_available():
        rows = tuple(measure("cuda"))
        print(f"{torch.cuda.get_device_name()}, measured now:")
    else:
        print(recorded(key))
        return
    print(table(key, rows))
    from IPython.core.interactiveshell import InteractiveShell
    from IPython.display import display

    if InteractiveShell.initialized():  # for `make gpu`; nobody sees it
        lines = [asdict(line) for line in rows]
        display({KIND: {"figure": key, "rows": lines}}, raw=True)


def recorded(key: str, folder: Path = FOLDER) -> str:
    """Return what each card gave for a figure, or that nothing is recorded yet."""
    parts = [
        f"No GPU here. {evidence.card}, {evidence.date}, PyTorch {evidence.torch}:\n"
        + table(key, evidence.figures[key])
        for evidence in read_all(folder)
        if key in evidence.figures
    ]
    return "\n".join(parts) or "skipped: no GPU here, and no GPU result is recorded yet"
