"""How long a chapter takes, counted from its notebook.

The rates are averages or assumptions, and every result is rounded up to five minutes:
an estimate to plan with.
"""

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass

from seventeen.notebook_pages import Notebook, source

SILENT, ALOUD = 238, 183  # words a minute, means of many studies (Brysbaert 2019)
CODE_LINES = 20  # a minute, read or explained: an assumption
OPENING, QUIZ = 5, 5  # minutes of a lesson for question and quiz: assumptions
ANSWER, WRITTEN = 4, 1  # minutes an exercise, and a line of its solution: assumptions
STEP = 5  # minutes: nobody plans finer
FIX = "The fix"  # a short lesson ends with this section
APART = {"On a GPU", "Exercises", "Quiz", "For teachers"}  # not part of the lesson
PRACTICE = {"Exercises", "Quiz", "For teachers"}
WORD = re.compile(r"\w+(?:['’.-]\w+)*")
TARGET = re.compile(r"\]\([^)]*\)")  # of a link: seen, not read
HEADING = re.compile(r"^(?=##+ )", re.MULTILINE)
EXERCISE = re.compile(r"### (\w+\.\d+) ")  # those of an interlude begin with a letter
FIGURE = "plots.show("  # a cell with it is looked at, not read


@dataclass(frozen=True)
class Minutes:
    """What a chapter takes.

    Attributes:
        read: minutes to read it, without exercises and quiz.
        core: minutes of a lesson that ends with *The fix*; None for a notebook that
            is no lesson, such as the capstone.
        whole: minutes of a lesson on all sections.
        exercises: minutes for each, by its number, such as ``"5.1"``.
        seconds: that the notebook ran when it was recorded.
    """

    read: int
    core: int | None
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

    def takes(sections: Iterable[str], rate: int) -> float:
        return sum(
            words.get(name, 0) / rate + lines.get(name, 0) / CODE_LINES
            for name in sections
        )

    # The notebook runs once, in whole minutes: a slower machine moves no timetable.
    running = math.ceil(seconds / 60)
    if notebook.number is None and not solutions:  # no lesson: all of it is shown
        everything = (words.keys() | lines.keys()) - PRACTICE
        read, shown = takes(everything, SILENT), takes(everything, ALOUD)
        return Minutes(up(read), None, up(running + shown), {}, seconds)
    beside = OPENING + QUIZ + running
    lesson = [name for name in words if name not in APART]  # in order; each has words
    core = lesson[: lesson.index(FIX) + 1] if FIX in lesson else lesson
    return Minutes(
        read=up(takes(lesson, SILENT)),
        core=up(beside + takes(core, ALOUD)),
        whole=up(beside + takes(lesson, ALOUD)),
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
