"""Figures that only a GPU can give: measured there, kept, and shown elsewhere.

A chapter measures in a function and hands it to :func:`on_gpu`. On a GPU the
function runs. Elsewhere the cell shows what ``make gpu`` has kept in
``book/evidence``, one file for each card, or says that nothing has been recorded.
No figure of a GPU comes from anywhere else.
"""

import datetime
import json
import math
import os
import re
import statistics
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from helpers.errors import UserError
from helpers.notebook.gpu_figures import COMPILER, DALI, FIGURES, Figure
from helpers.writing import replacing

FORMAT = 2  # of the files; raise it when a field changes its meaning
FOLDER = Path(__file__).parents[2] / "book" / "evidence"
# Variables of the environment that `tools/gpu.py` sets.
REHEARSAL = "SEVENTEEN_NOTES_REHEARSAL"  # run small, on the CPU
RECORDING = "SEVENTEEN_NOTES_RECORDING"  # file that gets a line of JSON a figure
CHOSEN = "SEVENTEEN_NOTES_FIGURES"  # the figures to record, separated by spaces
MEMORY = 8e9  # bytes of the GPU that recording may take
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
class Measured:
    """A figure as one card gave it.

    Attributes:
        date: of the measurement, ``YYYY-MM-DD``.
        run: what gives one number; see :class:`Figure`.
        rows: its lines.
    """

    date: str
    run: str
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Evidence:
    """What one card gave, and on what; a file of ``book/evidence``.

    Attributes:
        format: version of these fields.
        card: the GPU's name, as PyTorch gives it.
        multiprocessors: of the GPU, or of the slice of it that was used.
        memory: of the GPU or the slice, in GB.
        clock: the highest that its multiprocessors may have, such as ``"1980 MHz"``.
        driver, cuda, torch, torchvision, dali, python: versions; of a DALI that was
            not installed: ``"absent"``.
        processor: the CPU's name.
        cores: CPU cores that the program could use.
        overhead: microseconds to wait for an idle GPU and read the clock.
        caches: whether the compiler found earlier results on the disk.
        tests: names of the tests of ``tests/test_gpu.py`` that passed on the card.
        figures: by their keys in ``FIGURES``.
    """

    format: int
    card: str
    multiprocessors: int
    memory: float
    clock: str
    driver: str
    cuda: str
    torch: str
    torchvision: str
    dali: str
    python: str
    processor: str
    cores: int
    overhead: float
    caches: str
    tests: tuple[str, ...]
    figures: dict[str, Measured]

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
    for name in ("multiprocessors", "cores"):
        if type(found[name]) is not int or found[name] < 1:
            raise ValueError(f"has {found[name]!r} {name}")
    for name in ("memory", "overhead"):
        if not (_finite(found[name]) and found[name] >= 0):
            raise ValueError(f"has the {name} {found[name]!r}")
    tests = found["tests"]
    if not isinstance(tests, list) or not all(isinstance(it, str) for it in tests):
        raise ValueError("has tests that are no list of names")
    figures = found["figures"]
    if not isinstance(figures, dict) or not figures:
        raise ValueError("holds no figures")
    measured = {key: _measured(key, figures[key]) for key in figures}
    return Evidence(**{**found, "tests": tuple(tests), "figures": measured})


def _measured(key: str, found: Any) -> Measured:
    if key not in FIGURES:
        raise ValueError(f"holds the unknown figure {key}")
    if not isinstance(found, dict):
        raise ValueError(f"holds no table for {key}")
    _same_names(found, Measured, f", in {key}")
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", str(found["date"])):
        raise ValueError(f"has the date {found['date']!r}, not YYYY-MM-DD, in {key}")
    datetime.date.fromisoformat(found["date"])  # raises a ValueError of its own
    if found["run"] != FIGURES[key].run:
        raise ValueError(f"has runs of another kind ({found['run']!r}) in {key}")
    lines = found["rows"]
    if not isinstance(lines, list) or not lines:
        raise ValueError(f"holds no lines for {key}")
    rows = tuple(_row(key, line) for line in lines)
    if len({line.name for line in rows}) < len(rows):
        raise ValueError(f"holds two lines of one name, in {key}")
    return Measured(found["date"], found["run"], rows)


def _finite(value: object) -> bool:
    return type(value) in (int, float) and math.isfinite(value)  # type: ignore[arg-type]


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
    if not all(map(_finite, numbers)):
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

    small = REHEARSAL in os.environ
    if not (small or torch.cuda.is_available()):
        print(recorded(key))
        return
    card = FAKE_CARD if small else torch.cuda.get_device_name()
    if lacks := lacking(key):
        print(f"{card}: not measured, because {lacks}.")
        return
    run = partial(measure, "cuda")
    if small:
        run = partial(measure, "cpu", **(rehearsal or {}))
    if RECORDING in os.environ:
        if key in os.environ[CHOSEN].split():
            _record(key, run)
        return
    rows = tuple(run())
    print(f"{card}" + ("; these numbers mean nothing:" if small else ", measured now:"))
    print(table(key, rows))


def _record(key: str, run: Callable[[], Iterable[Row]]) -> None:
    """Measure for ``tools/gpu.py``; an error costs its own figure and no other."""
    import torch

    if REHEARSAL not in os.environ:
        torch.cuda.empty_cache()
        _, whole = torch.cuda.mem_get_info()
        torch.cuda.set_per_process_memory_fraction(min(1.0, MEMORY / whole))
    try:
        tell(figure=key, rows=[asdict(row) for row in run()])
    except Exception as error:
        tell(figure=key, error=f"{type(error).__name__}: {error}")


def tell(**news: Any) -> None:
    """Tell ``tools/gpu.py`` what happened, if it has started this process.

    Args:
        news: a ``figure``, or ``None`` for a cell that measures none, with its
            ``rows`` or an ``error``.
    """
    if RECORDING in os.environ:
        with open(os.environ[RECORDING], "ab", buffering=0) as file:  # at once, whole
            file.write(json.dumps(news).encode() + b"\n")


def lacking(key: str) -> str:
    """Return why a figure can't be measured on this machine; "" if it can."""
    import torch

    from helpers.devices import can_compile

    needs = FIGURES[key].needs
    if needs == DALI and not has_dali():
        return "DALI is absent (`pip install nvidia-dali-cuda120` on Linux)"
    # On a CPU, a trial compiles with Inductor's other backend.
    if needs == COMPILER and torch.cuda.is_available() and not can_compile():
        return (
            "Triton needs a C compiler and Python.h to start its kernels (on Debian "
            "and Ubuntu: apt install gcc python3-dev)"
        )
    return ""


def has_dali() -> bool:
    """Whether NVIDIA DALI is installed."""
    try:
        return find_spec("nvidia.dali") is not None
    except ModuleNotFoundError:  # no package of NVIDIA's at all
        return False


def recorded(key: str, folder: Path = FOLDER) -> str:
    """Return what each card gave for a figure, or that nothing has been recorded."""
    parts = [
        f"No GPU here. {evidence.card}, {found.date}, PyTorch {evidence.torch}:\n"
        + table(key, found.rows)
        for evidence in read_all(folder)
        if (found := evidence.figures.get(key))
    ]
    return "\n".join(parts) or "Not recorded yet.\nOn a GPU, `make gpu` measures it."
