"""Measure the checker on pairs of programs: one with a marked slip, one without.

``NAME_bad.py`` holds the slip, with ``# FAULT note N`` on its line or lines;
``NAME_good.py`` is the same program mended. A pair whose bad file has no mark is a
trap: both are right.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable
from pathlib import Path
from typing import NamedTuple

from .checker import Finding, check_path
from .rules import LOUD, RULES

# The parts without a number, as rule.py counts them; U3 belongs to the loss.
UNNUMBERED = {"U1": 91, "U2": 92, "U3": 5, "U5": 95, "U6": 96, "MN": 90, "MAGIC": 90}
NEAR = 10  # lines between a mark and a finding that counts as found
MARK = re.compile(r"# FAULT(?: note (?P<note>\w+))?")


class Mark(NamedTuple):
    """The place of a fault: lines from 1, cells from 1; cell 0 is a script."""

    note: str
    file: Path
    cell: int
    line: int


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


def sources(program: Path) -> dict[tuple[Path, int], str]:
    """Return a program's code by file and cell: a script, a notebook, or a folder."""
    if program.is_dir():
        files = sorted(program.glob("*.py"))
        return {(path, 0): path.read_text("utf-8") for path in files}
    if program.suffix == ".ipynb":
        cells = json.loads(program.read_text("utf-8"))["cells"]
        return {
            (program, number): "".join(cell["source"])
            for number, cell in enumerate(cells, 1)
            if cell["cell_type"] == "code"
        }
    return {(program, 0): program.read_text("utf-8")}


def marks(program: Path) -> list[Mark]:
    """Return the marked places of a program, in order."""
    return [
        Mark((found["note"] or "").lower().zfill(2), file, cell, number)
        for (file, cell), code in sources(program).items()
        for number, line in enumerate(code.splitlines(), 1)
        if (found := MARK.search(line))
    ]


PLACES = ("on the marked line", "within ten lines", "elsewhere", "missed")


def where_found(
    bad: Path, note: int, check: Callable[[Path], Iterable[Finding]] | None = None
) -> tuple[str, bool]:
    """Say how near to its mark a slip is found, and whether by a hint alone.

    Of the findings of the note that the mended half lacks, those that are no hints
    count first, then the nearest.

    Args:
        check: returns what is found in a program; by default with all rules.
    """
    check = check or all_findings
    mended = Counter(finding.code for finding in check(good_half(bad)))
    said = list(check(bad))
    more = Counter(finding.code for finding in said) - mended
    found = []
    for finding in said:
        if finding.rule is None or finding.rule.note != note or not more[finding.code]:
            continue
        place = len(PLACES) - 2
        for mark in marks(bad):
            here = (finding.path, finding.place.cell or 0) == (
                str(mark.file),
                mark.cell,
            )
            if here and abs(finding.place.line - mark.line) <= NEAR:
                place = min(place, int(finding.place.line != mark.line))
        found.append((finding.severity == "hint", place))
    if not found:
        return PLACES[-1], False
    hint, place = min(found)
    return PLACES[place], hint


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


def judge_all(folder: Path, codes: Collection[str] = LOUD) -> list[Outcome]:
    """Check every pair of a folder, by name."""
    return [judge(bad, codes) for bad in sorted(folder.glob("*_bad.py"))]
