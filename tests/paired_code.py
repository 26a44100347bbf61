"""The pairs of ``tests/review_pairs``: code that a checker is measured on.

A program is a script, a notebook or a folder of modules. What is said of it here
names places as a checker does: the file, the cell (from 1, Markdown cells counted;
0 in a script) and the line in it (from 1).
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from review.checker import Finding, check_path
from review.pairs import good_half, marks, sources
from review.rules import RULES

__all__ = [
    "FOLDER",
    "NOTES",
    "findings",
    "marks",
    "pairs",
    "programs",
    "right",
    "sources",
]
FOLDER = Path(__file__).parent / "review_pairs"
NOTES = [*(f"{n:02d}" for n in range(1, 18)), "u1", "u2", "u3", "u6", "magic"]


@dataclass(frozen=True)
class Pair:
    """The same program with one fault and without it."""

    name: str
    bad: Path
    good: Path

    @property
    def note(self) -> str:
        """The note that the bad program breaks, one of ``NOTES``."""
        return self.name.split("_")[0]


def programs() -> list[Path]:
    """Return all bad and good programs."""
    return sorted(
        path
        for path in FOLDER.iterdir()
        if path.name != "README.md" and path.name != "right"
    )


def pairs() -> list[Pair]:
    """Return all pairs; the good side may be missing on the disk."""
    return [
        Pair(path.stem.removesuffix("_bad"), path, good_half(path))
        for path in programs()
        if path.stem.endswith("_bad")
    ]


def right() -> list[Path]:
    """Return the single files in which nothing is wrong."""
    return sorted(path for path in (FOLDER / "right").iterdir() if path.is_file())


@cache
def findings(program: Path) -> tuple[Finding, ...]:
    """Return what all rules, hints too, say of a program; it is checked once."""
    return tuple(check_path(program, list(RULES)))
