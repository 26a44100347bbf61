"""Measure the checker on pairs of programs: one with a marked slip, one without.

``NAME_bad.py`` holds the slip, with ``# FAULT note N`` on its line or lines;
``NAME_good.py`` is the same program mended. A pair whose bad file has no mark is a
trap: both are right.
"""

import re
from collections.abc import Callable, Collection, Iterable
from pathlib import Path
from typing import NamedTuple

from review.checker import Finding, check_path
from review.rules import LOUD, RULES

# The parts without a number, as rule.py counts them; U3 belongs to the loss.
UNNUMBERED = {"U1": 91, "U2": 92, "U3": 5, "U6": 96, "MN": 90, "MAGIC": 90}
NEAR = 10  # lines between a mark and a finding that counts as found
MARK = re.compile(r"# FAULT(?: note (?P<note>\w+))?")


class Outcome(NamedTuple):
    """What the checker says about a pair.

    Attributes:
        name: of the pair.
        note: of the slip; empty for a trap.
        hits: findings of the bad file near a mark, which the good file lacks.
        alarms: findings of the good file, and of both files of a trap.
    """

    name: str
    note: str
    hits: tuple[Finding, ...]
    alarms: tuple[Finding, ...]

    @property
    def verdict(self) -> str:
        """``found``, ``missed`` or ``false alarm``; a trap passed is ``quiet``."""
        if self.alarms:
            return "false alarm"
        if not self.note:
            return "quiet"
        return "found" if self.hits else "missed"


def note_of(mark: str) -> int:
    """Return the note whose rules a mark asks for.

    >>> note_of("5"), note_of("u6")
    (5, 96)
    """
    return UNNUMBERED.get(mark.upper()) or int(mark)


def good_half(bad: Path) -> Path:
    """Return the mended program of a pair.

    >>> good_half(Path("05_softmax_bad.ipynb")).name
    '05_softmax_good.ipynb'
    """
    return bad.with_name(f"{bad.stem.removesuffix('_bad')}_good{bad.suffix}")


def judge(bad: Path, codes: Collection[str] = LOUD) -> Outcome:
    """Check both files of a pair."""
    good = good_half(bad)
    alarms = list(check_path(good, codes))
    known = {(f.code, re.sub(r"\d+", "", f.text)) for f in alarms}
    found = [
        f
        for f in check_path(bad, codes)
        if (f.code, re.sub(r"\d+", "", f.text)) not in known
    ]
    lines = bad.read_text("utf-8").splitlines()
    marks = {i: m for i, line in enumerate(lines, 1) if (m := MARK.search(line))}
    note = next((m["note"] or "?" for m in marks.values()), "")
    if not marks:
        alarms += found
    hits = [f for f in found if any(abs(f.place.line - i) <= NEAR for i in marks)]
    return Outcome(bad.stem.removesuffix("_bad"), note, tuple(hits), tuple(alarms))


def all_findings(program: Path) -> Iterable[Finding]:
    """Ask all rules, hints too."""
    return check_path(program, RULES)


def says_more(
    bad: Path,
    good: Path,
    note: int,
    check: Callable[[Path], Iterable[Finding]] = all_findings,
) -> bool:
    """Whether the rules of a note, hints too, say more of one program than of another.

    A program may be a folder or a notebook here; where in it is not asked.

    Args:
        check: returns what is found in a program.
    """
    said = [
        sum(f.rule is not None and f.rule.note == note for f in check(path))
        for path in (bad, good)
    ]
    return said[0] > said[1]


def judge_all(folder: Path, codes: Collection[str] = LOUD) -> list[Outcome]:
    """Check every pair of a folder, by name."""
    return [judge(bad, codes) for bad in sorted(folder.glob("*_bad.py"))]
