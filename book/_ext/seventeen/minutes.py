"""How long a chapter takes, counted from its notebook, and plans made of chapters.

The rates are averages or assumptions, and every result is rounded up to five minutes:
an estimate to plan with.
"""

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from seventeen.notebook_pages import Notebook, source

PLANS = Path("book", "plans.yml")
SILENT, ALOUD = 238, 183  # words a minute, means of many studies (Brysbaert 2019)
CODE_LINES = 20  # a minute, read or explained: an assumption
OPENING, QUIZ = 5, 5  # minutes of a lesson for question and quiz: assumptions
ANSWER, WRITTEN = 4, 1  # minutes an exercise, and a line of its solution: assumptions
STEP = 5  # minutes: nobody plans finer
SITTING = 90  # minutes at most without a break
CORE = ("", "The code", "The slip", "The fix")  # "" is what stands before them
WHOLE = (*CORE, "Why", "Limits of the note", "In review")
WORD = re.compile(r"\w+(?:['’.-]\w+)*")
TARGET = re.compile(r"\]\([^)]*\)")  # of a link: seen, not read
HEADING = re.compile(r"^(?=##+ )", re.MULTILINE)
EXERCISE = re.compile(r"### (\d+\.\d+) ")
FIGURE = "plots.show("  # a cell with it is looked at, not read


class PlanError(ValueError):
    """A plan that cannot be followed."""


@dataclass(frozen=True)
class Minutes:
    """What a chapter takes.

    Attributes:
        read: minutes to read it, without exercises and quiz.
        core: minutes of a lesson on *The code*, *The slip* and *The fix*.
        whole: minutes of a lesson on all sections.
        exercises: minutes for each, by its number, such as ``"5.1"``.
        seconds: that the notebook ran when it was recorded.
    """

    read: int
    core: int
    whole: int
    exercises: dict[str, int]
    seconds: int


def up(minutes: float) -> int:
    """Round up to what a timetable can hold.

    >>> up(20), up(20.1)
    (20, 25)
    """
    return STEP * math.ceil(minutes / STEP)


def count(notebook: Notebook) -> Minutes:
    """Count a chapter's words and lines and return its minutes."""
    words, lines, solutions = _counted(notebook)
    seconds = notebook.content["metadata"].get("recorded", {}).get("seconds", 0)

    def takes(sections: tuple[str, ...], rate: int) -> float:
        return sum(
            words.get(name, 0) / rate + lines.get(name, 0) / CODE_LINES
            for name in sections
        )

    # The notebook runs once, in whole minutes: a slower machine moves no timetable.
    beside = OPENING + QUIZ + math.ceil(seconds / 60)
    return Minutes(
        read=up(takes(WHOLE, SILENT)),
        core=up(beside + takes(CORE, ALOUD)),
        whole=up(beside + takes(WHOLE, ALOUD)),
        exercises={key: ANSWER + WRITTEN * n for key, n in solutions.items()},
        seconds=seconds,
    )


def _counted(
    notebook: Notebook,
) -> tuple[dict[str, int], dict[str, int], dict[str, int]]:
    """Return words and lines by section, and lines of solutions by exercise."""
    words: dict[str, int] = {}
    lines: dict[str, int] = {}
    solutions: dict[str, int] = {}
    section = exercise = ""
    for cell in notebook.content["cells"]:
        text, tags = source(cell["source"]), cell["metadata"].get("tags", [])
        if cell["cell_type"] == "markdown":
            for part in HEADING.split(text):
                if part.startswith("## "):
                    section = part.splitlines()[0].removeprefix("## ").strip()
                if found := EXERCISE.match(part):
                    exercise = found[1]
                read = len(WORD.findall(TARGET.sub("]", part)))
                words[section] = words.get(section, 0) + read
        elif "remove-cell" not in tags and FIGURE not in text:
            written = sum(1 for line in text.splitlines() if line.strip())
            if "solution" in tags:
                solutions[exercise] = written
            else:
                lines[section] = lines.get(section, 0) + written
    return words, lines, solutions


@dataclass(frozen=True)
class Item:
    """A line of a timetable.

    Attributes:
        kind: ``core``, ``whole``, ``exercises``, ``break`` or ``other``.
        what: a chapter's number, exercises' numbers, or text.
        minutes: that it takes.
    """

    kind: str
    what: Any
    minutes: int


@dataclass(frozen=True)
class Sitting:
    """What is done at one go: a day, or a week's lesson.

    Attributes:
        title: "" if the plan has no other.
        start: minutes after midnight, or 0 to count from the beginning.
        minutes: that there are.
        items: in order.
        homework: numbers of the exercises left for home, if any are set.
    """

    title: str
    start: int
    minutes: int
    items: tuple[Item, ...]
    homework: tuple[str, ...]

    def starts(self) -> Iterator[tuple[str, Item]]:
        """Yield each item with the time at which it begins."""
        now = self.start
        for item in self.items:
            yield f"{now // 60}:{now % 60:02}", item
            now += item.minutes

    @property
    def planned(self) -> int:
        """Return the minutes of all items."""
        return sum(item.minutes for item in self.items)


@dataclass(frozen=True)
class Plan:
    """A plan: its name, a sentence about it, and its sittings."""

    name: str
    about: str
    sittings: tuple[Sitting, ...]


def read_plans(root: Path, chapters: Mapping[int, Minutes]) -> list[Plan]:
    """Return the plans of ``book/plans.yml``, their minutes taken from the chapters.

    Raises:
        PlanError: if a chapter or an exercise does not exist, a sitting is longer
            than its time, or there is no break for more than ``SITTING`` minutes.
    """
    told = yaml.safe_load((root / PLANS).read_text(encoding="utf-8"))
    plans = []
    for plan in told:
        sittings = tuple(_sitting(sitting, chapters) for sitting in plan["sittings"])
        plans.append(Plan(plan["name"], plan["about"].strip(), sittings))
        for sitting in sittings:
            check(f"{plan['name']}, {sitting.title}".strip(", "), sitting)
    return plans


def check(name: str, sitting: Sitting) -> None:
    """See that a sitting fits into its time and has its breaks.

    Raises:
        PlanError: if it does not.
    """
    if sitting.planned > sitting.minutes:
        raise PlanError(
            f"{name}: {sitting.planned} minutes do not fit into {sitting.minutes}"
        )
    at_a_stretch = 0
    for item in sitting.items:
        at_a_stretch = 0 if item.kind == "break" else at_a_stretch + item.minutes
        if at_a_stretch > SITTING:
            raise PlanError(f"{name}: {at_a_stretch} minutes without a break")


def _sitting(told: Mapping[str, Any], chapters: Mapping[int, Minutes]) -> Sitting:
    items = tuple(_item(dict(item), chapters) for item in told["items"])
    hours, minutes = map(int, told["start"].split(":"))
    done = {key for item in items if item.kind == "exercises" for key in item.what}
    taught = [item.what for item in items if item.kind in ("core", "whole")]
    homework = [
        key
        for number in taught
        for key in chapters[number].exercises
        if key not in done
    ]
    return Sitting(
        title=told.get("title", ""),
        start=60 * hours + minutes,
        minutes=told["minutes"],
        items=items,
        homework=tuple(homework) if told.get("homework") else (),
    )


def _item(told: dict[str, Any], chapters: Mapping[int, Minutes]) -> Item:
    minutes = told.pop("minutes", None)
    ((kind, what),) = told.items()
    if kind == "break":
        return Item(kind, "Break", what)
    if kind == "other" and minutes:
        return Item(kind, what, minutes)
    if kind == "exercises":
        return Item(kind, tuple(what), exercise_minutes(what, chapters))
    if kind not in ("core", "whole") or what not in chapters:
        raise PlanError(f"{PLANS.as_posix()}: there is no lesson '{kind}: {what}'")
    return Item(kind, what, getattr(chapters[what], kind))


def exercise_minutes(
    keys: list[str] | tuple[str, ...], chapters: Mapping[int, Minutes]
) -> int:
    """Return the minutes for some exercises, done one after the other.

    Raises:
        PlanError: if there is no exercise of such a number.
    """
    known = {
        key: n for chapter in chapters.values() for key, n in chapter.exercises.items()
    }
    if unknown := [key for key in keys if key not in known]:
        raise PlanError(f"{PLANS.as_posix()}: there is no exercise {unknown[0]}")
    return up(sum(known[key] for key in keys))
