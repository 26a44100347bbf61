"""What is kept of the runs: a file for each row and task in ``book/evidence/prices``.

A file is written whole after each run, so a recording that was stopped goes on where
it ended. What can't be trusted is refused: a rehearsal, a number that is not finite, a
field that is missing or unknown. What was recorded with another slip is out of date.
"""

import json
import math
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from helpers.errors import UserError
from helpers.writing import replacing

FORMAT = 1  # of the files; raise it when a field changes its meaning
FOLDER = Path(__file__).parents[2] / "book" / "evidence" / "prices"
SEEDS = 5  # as many make a row
DIGITS = 6  # significant ones that are kept


@dataclass(frozen=True)
class Run:
    """One run of one seed, and what it depended on.

    Attributes:
        seed: of weights, order and crops.
        value: with the slip, in the row's unit; of a run without one, its value.
        fair: without the slip, if no other run says so; else ``None``.
        train_losses, val_losses: one an epoch, in nats; ``None`` was not finite. Of a
            measure there are none.
        date: ``YYYY-MM-DD``.
        device: ``"cpu"`` or the GPU's name.
        processor, cores, python, torch, torchvision: as :mod:`machine` gives them.
    """

    seed: int
    value: float
    fair: float | None
    train_losses: tuple[float | None, ...]
    val_losses: tuple[float | None, ...]
    date: str
    device: str
    processor: str
    cores: int
    python: str
    torch: str
    torchvision: str


@dataclass(frozen=True)
class Cell:
    """The runs of one row on one task.

    Attributes:
        format: version of these fields.
        row, task: keys.
        digest: of the code that made the runs; :func:`prices.rows.digest`.
        rehearsal: whether the numbers mean nothing.
        runs: by seed, from 0.
    """

    format: int
    row: str
    task: str
    digest: str
    rehearsal: bool
    runs: tuple[Run, ...]

    @property
    def name(self) -> str:
        """Return the file's name in its folder."""
        return f"{self.task}/{self.row}.json"


def rounded(value: float | None) -> float | None:
    """Return a number with six significant digits; ``None`` if it is not finite."""
    if value is None or not math.isfinite(value):
        return None
    return float(f"{value:.{DIGITS}g}")


def write(cell: Cell, folder: Path = FOLDER) -> None:
    """Write the file of a cell, in one step.

    Raises:
        UserError: if the folder cannot be written.
    """
    path = folder / cell.name
    path.parent.mkdir(parents=True, exist_ok=True)
    plain = asdict(cell)
    runs = [json.dumps(run, ensure_ascii=False) for run in plain.pop("runs")]
    text = json.dumps(plain, ensure_ascii=False)
    with replacing(path) as part:
        lines = ",\n ".join(runs)
        part.write_text(f'{text[:-1]}, "runs": [\n {lines}\n]}}\n', encoding="utf-8")


def read(path: Path) -> Cell:
    """Read the file of a cell.

    Raises:
        UserError: naming the first thing that is missing or wrong.
    """
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        cell = checked(found)
        if path.parts[-2:] != tuple(cell.name.split("/")):
            raise ValueError(f"holds {cell.name}")
    except (ValueError, TypeError, KeyError) as error:
        raise UserError(
            f"{'/'.join(path.parts[-2:])} {error}: delete it, and record it again with "
            "`make prices`."
        ) from error
    return cell


def read_all(folder: Path = FOLDER) -> Iterator[Cell]:
    """Read all files of a folder; a folder that is missing has none.

    Raises:
        UserError: if one is incomplete, or comes from a rehearsal.
    """
    for path in sorted(folder.glob("*/*.json")):
        cell = read(path)
        if cell.rehearsal:
            raise UserError(f"{cell.name} comes from a rehearsal: delete it.")
        yield cell


def checked(found: Any) -> Cell:
    """Turn what a file holds into a cell.

    Raises:
        ValueError: saying what is missing or wrong first.
    """
    same_names(found, Cell)
    if found["format"] != FORMAT:
        raise ValueError(f"has format {found['format']}, not {FORMAT}")
    if not isinstance(found["rehearsal"], bool):
        raise ValueError("does not say whether it is a rehearsal")
    for name in ("row", "task", "digest"):
        if not (isinstance(found[name], str) and found[name]):
            raise ValueError(f"has an empty {name}")
    if not isinstance(found["runs"], list) or not found["runs"]:
        raise ValueError("holds no runs")
    runs = tuple(map(checked_run, found["runs"]))
    if [run.seed for run in runs] != sorted({run.seed for run in runs}):
        raise ValueError("holds a seed twice, or not in order")
    return Cell(**{**found, "runs": runs})


def checked_run(found: Any) -> Run:
    """Turn an entry of a file into a run."""
    same_names(found, Run)
    for name in ("seed", "cores"):
        if type(found[name]) is not int or found[name] < 0:
            raise ValueError(f"has {found[name]!r} as {name}")
    numbers = [found["value"], *([] if found["fair"] is None else [found["fair"]])]
    losses = [found["train_losses"], found["val_losses"]]
    if not all(isinstance(part, list) for part in losses):
        raise ValueError("has losses that are no lists")
    if len(losses[0]) != len(losses[1]):
        raise ValueError("has more losses of one kind than of the other")
    numbers += [x for part in losses for x in part if x is not None]
    if not all(type(x) in (int, float) and math.isfinite(x) for x in numbers):
        raise ValueError("holds something else than finite numbers")
    for name in ("device", "processor", "python", "torch", "torchvision"):
        if not (isinstance(found[name], str) and found[name].strip()):
            raise ValueError(f"has an empty {name}")
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", str(found["date"])):
        raise ValueError(f"has the date {found['date']!r}")
    train_losses, val_losses = map(tuple, losses)
    return Run(**{**found, "train_losses": train_losses, "val_losses": val_losses})


def same_names(found: Any, kind: type) -> None:
    """Raise a ValueError unless a table has a dataclass's fields, all and only."""
    if not isinstance(found, dict):
        raise ValueError("holds a text or list where fields should be")
    names = {field.name for field in fields(kind)}
    if missing := sorted(names - found.keys()):
        raise ValueError(f"lacks {', '.join(missing)}")
    if unknown := sorted(found.keys() - names):
        raise ValueError(f"has the unknown entry {unknown[0]}")
