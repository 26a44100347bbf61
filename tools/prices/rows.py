"""All slips, in the order of the notes; then how a row is told to be out of date."""

import ast
import hashlib
import inspect
import re
import textwrap
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import inputs
from prices import looks, measures, slips
from prices.measures import Measure
from prices.training import Described, Look, Training

Row = type[Described]
ROWS: tuple[Row, ...] = (
    looks.MissingFolder,
    measures.TooManyWorkers,
    measures.TooFewWorkers,
    looks.WrongStride,
    slips.Stretched,
    slips.StretchedBytes,
    slips.Softmax,
    slips.LongSchedule,
    slips.ShortSchedule,
    slips.CheckedTooEarly,
    slips.ClippedAfter,
    slips.BadBatchAfter,
    slips.ClippedScaled,
    slips.AdamClippedScaled,
    looks.NoEval,
    slips.NeverBack,
    looks.MeanOfBatches,
    looks.TypedNames,
    looks.LastConvolution,
    measures.KeptGraphs,
    measures.ContentOnly,
    measures.FalseAlarms,
    looks.CountedTwice,
    measures.TimedWithCompiling,
    measures.WarmedForOthers,
    looks.Unnormalised,
    looks.RandomCrops,
    slips.ImageNetNumbers,
    slips.OwnNumbers,
    slips.KeptByReference,
    looks.NoiseCalibration,
    looks.ByteCalibration,
)
SHARED = ("tasks.py", "training.py")  # what every run is made of
HERE = Path(__file__).parent


def key(kind: type) -> str:
    """Return the name of a row's files.

    >>> key(slips.KeptByReference)
    'kept-by-reference'
    """
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", kind.__name__).lower()


def base(row: Row) -> type[Training] | None:
    """Return the run to compare a row with; a measure has both numbers itself."""
    return None if issubclass(row, Measure) else row.without or Training


def bases(task: str) -> dict[type[Training], list[type[Look]]]:
    """Return the runs without a slip that the rows of a task need, with their looks."""
    found: dict[type[Training], list[type[Look]]] = {}
    for row in ROWS:
        run = base(row)
        if run is not None and task in row.tasks:
            their = found.setdefault(run, [])
            if issubclass(row, Look):
                their.append(row)
    return found


@cache
def digest(kind: type) -> str:
    """Return a digest of what decides a run: its code, and that of all runs.

    Comments, docstrings and the row's texts do not count.
    """
    parts = [inputs.code_without_comments(HERE / name) for name in SHARED]
    parts += [code(cls) for cls in own_classes(kind)]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


def own_classes(kind: type) -> Iterator[Any]:
    """Yield a class, those it builds on, and those of its module that it names."""
    todo, seen = [*kind.__mro__], set()
    while todo:
        cls = todo.pop(0)
        if cls in seen or not cls.__module__.startswith("prices."):
            continue
        seen.add(cls)
        if cls.__module__ not in ("prices.tasks", "prices.training"):
            yield cls
            names = vars(inspect.getmodule(cls))
            todo += [names[name] for name in named(cls) if callable(names.get(name))]


def named(kind: Any) -> list[str]:
    """Return the names that occur in the code of a class or function."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(inspect.unwrap(kind))))
    return sorted({n.id for n in ast.walk(tree) if isinstance(n, ast.Name)})


def code(kind: Any) -> str:
    """Return what a class or a function does, without what the page says of it."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(inspect.unwrap(kind))))
    body = tree.body[0]
    assert isinstance(body, ast.ClassDef | ast.FunctionDef)
    body.body = [line for line in body.body if not is_text(line)]
    return inputs.tree_without_docstrings(tree)


def is_text(line: ast.stmt) -> bool:
    """Whether a line of a class only says something, on the page or to a reader."""
    targets: Iterable[Any] = getattr(line, "targets", [getattr(line, "target", None)])
    words = {"says", "right", "page", "tasks", "without", "unit", "task"}
    return (
        isinstance(line, ast.AnnAssign)
        and line.value is None
        or any(getattr(target, "id", "") in words for target in targets)
    )
