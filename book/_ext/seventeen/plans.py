"""Timetables made of chapters, for a talk, a workshop and a course.

They are written in ``book/plans.yml``, and their minutes come from the chapters. A plan
that cannot be followed is refused: one that is too long or has no break, that needs a
laptop nobody has, or that sets homework which nobody discusses.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import yaml

from seventeen.minutes import Minutes, up
from seventeen.notebook_pages import Notebook

FILE = Path("book", "plans.yml")
SITTING = 90  # minutes at most without a break
DISCUSS = 5  # minutes to discuss an exercise done at home: an assumption
LESSONS = ("core", "whole")
BRINGS = {"laptop": "a laptop", "code": "a training script of their own"}

Lesson = int | str  # a note's number, or the file of a chapter without one
Chapters = Mapping[Lesson, Minutes]


class PlanError(ValueError):
    """A plan that cannot be followed."""


def lesson(notebook: Notebook) -> Lesson:
    """Return the name by which a plan calls a chapter."""
    return notebook.number or notebook.path.stem


@dataclass(frozen=True)
class Item:
    """A line of a timetable.

    Attributes:
        kind: ``core``, ``whole``, ``exercises``, ``discuss``, ``break`` or ``other``.
        what: a chapter, exercises' numbers, or text.
        minutes: that it takes.
        needs: what people must have brought, a key of ``BRINGS``; "" for nothing.
    """

    kind: str
    what: Any
    minutes: int
    needs: str = ""


@dataclass(frozen=True)
class Sitting:
    """What happens without going home in between.

    Attributes:
        title: such as the week, or "".
        start: minutes after midnight, or 0 to count from the beginning.
        minutes: that there are.
        items: in order.
        homework: numbers of the exercises to do at home.
        reading: chapters to read at home.
    """

    title: str
    start: int
    minutes: int
    items: tuple[Item, ...]
    homework: tuple[str, ...] = ()
    reading: tuple[Lesson, ...] = ()

    def starts(self) -> Iterator[tuple[str, Item]]:
        """Yield each item with the time at which it begins."""
        now = self.start
        for item in self.items:
            yield f"{now // 60}:{now % 60:02}", item
            now += item.minutes

    def exercises(self, kind: str) -> list[str]:
        """Return the exercises of all items of a kind."""
        return [key for item in self.items if item.kind == kind for key in item.what]

    @property
    def planned(self) -> int:
        """Return the minutes of all items."""
        return sum(item.minutes for item in self.items)

    @property
    def lessons(self) -> list[Lesson]:
        """Return the chapters that are taught."""
        return [item.what for item in self.items if item.kind in LESSONS]


@dataclass(frozen=True)
class Plan:
    """A plan: its name, a sentence about it, what people bring, and its sittings."""

    name: str
    about: str
    brings: tuple[str, ...]
    sittings: tuple[Sitting, ...]


def read(root: Path, chapters: Chapters) -> list[Plan]:
    """Return the plans of ``book/plans.yml``, their minutes taken from the chapters.

    Raises:
        PlanError: if a chapter or an exercise does not exist, or a plan cannot be
            followed.
    """
    told = yaml.safe_load((root / FILE).read_text(encoding="utf-8"))
    plans = [
        Plan(
            plan["name"],
            plan["about"].strip(),
            tuple(plan.get("brings", ())),
            tuple(_sitting(sitting, chapters) for sitting in plan["sittings"]),
        )
        for plan in told
    ]
    for plan in plans:
        for sitting in plan.sittings:
            check_time(f"{plan.name}, {sitting.title}".strip(", "), sitting)
        check_brings(plan)
        check_homework(plan, chapters)
    return plans


def check_time(name: str, sitting: Sitting) -> None:
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


def check_brings(plan: Plan) -> None:
    """See that a plan asks people for nothing that they have not brought.

    Raises:
        PlanError: if it does.
    """
    if unknown := [thing for thing in plan.brings if thing not in BRINGS]:
        raise PlanError(f"{plan.name}: nobody knows how to bring {unknown[0]!r}")
    for sitting in plan.sittings:
        at_home = "laptop" if sitting.homework else ""
        for needs in (*(item.needs for item in sitting.items), at_home):
            if needs and needs not in plan.brings:
                raise PlanError(f"{plan.name}: nobody brings {BRINGS[needs]}")


def check_homework(plan: Plan, chapters: Chapters) -> None:
    """See that what is done at home has been taught, is new, and is discussed.

    Raises:
        PlanError: if it is not.
    """
    nothing = Sitting("", 0, 0, ())
    chapter_of = {key: name for name, it in chapters.items() for key in it.exercises}
    known: set[Lesson] = set()
    done: set[str] = set()
    for sitting, following in pairwise((nothing, *plan.sittings, nothing)):
        name = f"{plan.name}, {sitting.title}".strip(", ")
        known |= {*sitting.lessons, *sitting.reading}
        done |= set(sitting.exercises("exercises"))
        for key in sitting.homework:
            if key in done:
                raise PlanError(f"{name}: exercise {key} is done already")
            if chapter_of[key] not in known:
                raise PlanError(f"{name}: exercise {key} is of a chapter to come")
            done.add(key)
        discussed = following.exercises("discuss")
        if sorted(discussed) != sorted(sitting.homework):
            raise PlanError(
                f"{name}: the homework is {listed(sitting.homework)}, but the next "
                f"sitting discusses {listed(discussed)}"
            )


def listed(words: Sequence[str]) -> str:
    """Put words into a sentence.

    >>> listed(["5.1", "5.2", "6.3"]), listed(["5.1"]), listed([])
    ('5.1, 5.2 and 6.3', '5.1', 'nothing')
    """
    if not words:
        return "nothing"
    *most, last = words
    return f"{', '.join(most)} and {last}" if most else last


def exercise_minutes(keys: Sequence[str], chapters: Chapters) -> int:
    """Return the minutes for some exercises, done one after the other.

    Raises:
        PlanError: if there is no exercise of such a number.
    """
    known = {
        key: n for chapter in chapters.values() for key, n in chapter.exercises.items()
    }
    if unknown := [key for key in keys if key not in known]:
        raise PlanError(f"{FILE.as_posix()}: there is no exercise {unknown[0]}")
    return up(sum(known[key] for key in keys))


def _sitting(told: Mapping[str, Any], chapters: Chapters) -> Sitting:
    hours, minutes = map(int, told["start"].split(":"))
    homework, reading = told.get("homework", ()), told.get("reading", ())
    exercise_minutes(homework, chapters)  # refuses what does not exist
    if unknown := [name for name in reading if name not in chapters]:
        raise PlanError(f"{FILE.as_posix()}: there is no chapter {unknown[0]!r}")
    return Sitting(
        title=told.get("title", ""),
        start=60 * hours + minutes,
        minutes=told["minutes"],
        items=tuple(_item(dict(item), chapters) for item in told["items"]),
        homework=tuple(homework),
        reading=tuple(reading),
    )


def _item(told: dict[str, Any], chapters: Chapters) -> Item:
    minutes, needs = told.pop("minutes", None), told.pop("needs", "")
    ((kind, what),) = told.items()
    if kind == "break":
        return Item(kind, "Break", what)
    if kind == "other" and minutes and needs in ("", *BRINGS):
        return Item(kind, what, minutes, needs)
    if kind == "exercises":
        return Item(kind, tuple(what), exercise_minutes(what, chapters), "laptop")
    if kind == "discuss":
        exercise_minutes(what, chapters)
        return Item(kind, tuple(what), DISCUSS * len(what))
    takes = getattr(chapters.get(what), kind, None) if kind in LESSONS else None
    if takes is None:
        raise PlanError(f"{FILE.as_posix()}: there is no lesson '{kind}: {what}'")
    return Item(kind, what, takes)
