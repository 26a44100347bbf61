"""Rivals measured in turn, so that a busy machine slows all of them alike."""

import statistics
import subprocess
import time
from collections.abc import Callable, Mapping
from functools import partial

import record

ROUNDS = 5
Rival = Callable[[], float]


def alternate(
    rivals: Mapping[str, Rival], rounds: int = ROUNDS
) -> dict[str, list[float]]:
    """Run each rival once a round, in turn, after one round that is thrown away.

    Returns:
        For each rival, the figures of its rounds, in the rival's own unit.
    """
    figures: dict[str, list[float]] = {name: [] for name in rivals}
    for number in range(rounds + 1):
        for name, rival in rivals.items():
            figure = rival()
            if number > 0:
                figures[name].append(figure)
    return figures


def show(title: str, unit: str, figures: dict[str, list[float]]) -> None:
    """Print a table: median, min, max, and the ratio to the first line's median."""
    print(f"\n{title} ({unit})")
    first = statistics.median(next(iter(figures.values())))
    for name, values in figures.items():
        median = statistics.median(values)
        print(
            f"  {name:<42} {median:9.4g}   {min(values):9.4g} .. {max(values):<9.4g}"
            f"  x{median / first:.3f}"
        )


def timed(work: Callable[[], object]) -> Rival:
    """Return a rival that gives the seconds of a call."""

    def rival() -> float:
        start = time.perf_counter()
        work()
        return time.perf_counter() - start

    return rival


def seconds_of(*command: str) -> Rival:
    """Return a rival that runs a command and gives its seconds."""
    quiet = {"check": True, "stdout": subprocess.DEVNULL, "cwd": record.ROOT}
    return timed(partial(subprocess.run, command, **quiet))
