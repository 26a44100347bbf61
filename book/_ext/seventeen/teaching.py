"""The page *Teach from this book*: minutes, plans, and the chapters' own notes.

Nothing on it is written twice. The notes are those at the end of each chapter, and
the minutes are counted from the notebooks (``minutes``).
"""

import re
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging

from seventeen import minutes
from seventeen.common import Cell, table
from seventeen.minutes import Item, Minutes, PlanError, Sitting
from seventeen.notebook_pages import Notebook, NotebookDirective
from seventeen.verdicts import verdict_label

HEADING = "For teachers"
TAGS = re.compile(r"</?details>|<summary>.*?</summary>")
LESSONS = {"core": ", core", "whole": ", whole"}

logger = logging.getLogger(__name__)


class TeachingDirective(NotebookDirective):
    """A directive about the chapters as lessons."""

    def chapters(self) -> dict[int, Notebook]:
        """Return the chapters by their numbers."""
        return {
            notebook.number: notebook
            for notebook in self.notebooks()
            if notebook.number
        }

    def lesson(self, notebook: Notebook) -> nodes.Node:
        """Return a link to a chapter."""
        return self.link(notebook.document, notebook.name)


class TeachingMinutes(TeachingDirective):
    """``teaching-minutes``: how the minutes are counted, and those of each chapter."""

    def run(self) -> list[nodes.Node]:
        """Build the rules and the table."""
        head = ("Chapter", "Read", "Core", "Whole", "Exercises", "Run [s]")
        rows: list[list[Cell]] = []
        totals = [0] * (len(head) - 1)
        for notebook in self.chapters().values():
            found = minutes.count(notebook)
            practice = minutes.up(sum(found.exercises.values()))
            row = (found.read, found.core, found.whole, practice, found.seconds)
            totals = [total + one for total, one in zip(totals, row, strict=True)]
            rows.append([self.lesson(notebook), *map(str, row)])
        rows.append(["All", *(f"{total:,}" for total in totals)])
        return [*self.rules(), table(head, rows, "minutes-table")]

    def rules(self) -> list[nodes.Node]:
        """Say in words what ``minutes.count`` does, with its own numbers."""
        return self.parse_text_to_nodes(
            f"Read\n: The prose at {minutes.SILENT} words a minute, the mean of 190 "
            "studies of adults who read English non-fiction "
            "{cite}`brysbaert2019`, and the code at "
            f"{minutes.CODE_LINES} lines a minute, which is an assumption. Cells that "
            "draw a figure, exercises and quiz are not counted.\n\n"
            "Core\n: A lesson on *The code*, *The slip* and *The fix*: their prose at "
            f"{minutes.ALOUD} words a minute, the same author's mean for reading "
            f"aloud, their code as above, {minutes.OPENING} minutes for the opening "
            f"question, {minutes.QUIZ} for the quiz, and one run of the "
            "notebook, in whole minutes.\n\n"
            "Whole\n: The same with *Why*, *Limits of the note* and *In review*.\n\n"
            f"Exercises\n: All three: {minutes.ANSWER} minutes each to read and to "
            f"think, and {minutes.WRITTEN} for each line of the solution in the book. "
            "This is an assumption too.\n\n"
            "Run [s]\n: The seconds that the notebook runs, as recorded on the machine "
            "that [](/book/status.md) names.\n"
        )


class TeachingPlans(TeachingDirective):
    """``teaching-plans``: the timetables of ``book/plans.yml``."""

    def run(self) -> list[nodes.Node]:
        """Build a section for each plan and a table for each of its sittings."""
        root = Path(self.env.srcdir)
        self.env.note_dependency(str(root / minutes.PLANS))
        chapters = self.chapters()
        counted = {n: minutes.count(notebook) for n, notebook in chapters.items()}
        try:
            plans = minutes.read_plans(root, counted)
        except PlanError as error:
            logger.warning(str(error), location=self.get_location())
            return []
        sections: list[nodes.Node] = []
        for plan in plans:
            section = self.section([nodes.Text(plan.name)], f"plan-{plan.name}")
            section += self.parse_text_to_nodes(plan.about)
            for sitting in plan.sittings:
                section += self.timetable(sitting, chapters)
                if sitting.homework:
                    section += self.homework(sitting, counted)
            sections.append(section)
        return sections

    def timetable(self, sitting: Sitting, chapters: dict[int, Notebook]) -> nodes.table:
        """Return the table of one sitting."""
        rows: list[list[Cell]] = [
            [start, str(item.minutes), self.what(item, chapters)]
            for start, item in sitting.starts()
        ]
        spare = sitting.minutes - sitting.planned
        caption = f"{sitting.planned} of {sitting.minutes} minutes"
        if spare == 0:
            caption = f"{sitting.minutes} minutes"
        if sitting.title:
            caption = f"{sitting.title}: {caption}"
        head = ("Start", "Minutes", "What")
        return table(head, rows, "plan-table", caption)

    def what(self, item: Item, chapters: dict[int, Notebook]) -> Cell:
        """Return what is done, with a link where it is a chapter."""
        if item.kind in LESSONS:
            link = self.lesson(chapters[item.what])
            return [nodes.paragraph("", "", link, nodes.Text(LESSONS[item.kind]))]
        if item.kind == "exercises":
            return named(item.what)
        return nodes.paragraph("", "", *self.parse_inline(item.what)[0])

    def homework(
        self, sitting: Sitting, counted: dict[int, Minutes]
    ) -> nodes.paragraph:
        """Return what is left to do at home."""
        takes = minutes.exercise_minutes(sitting.homework, counted)
        listed = named(sitting.homework)
        return nodes.paragraph(
            text=f"At home: {listed[0].lower()}{listed[1:]}, about {takes} minutes.",
            classes=["plan-homework"],
        )


class TeachingNotes(TeachingDirective):
    """``teaching-notes``: a section for each chapter, with its notes for teachers."""

    def run(self) -> list[nodes.Node]:
        """Build the sections from the chapters' notebooks."""
        sections: list[nodes.Node] = []
        for number, notebook in self.chapters().items():
            notes = TAGS.sub("", notebook.section(HEADING)).strip()
            if not notes:
                logger.warning(
                    f"{notebook.path.name}: nothing under '{HEADING}'",
                    location=self.get_location(),
                )
            about = notebook.content["metadata"]["chapter"]
            label = [verdict_label(about["verdict"]), nodes.Text(" ")]
            finding, _ = self.parse_inline(about["finding"])
            section = self.section([self.lesson(notebook)], f"teach-{number}")
            section += nodes.paragraph("", "", *label, *finding)
            section += self.read(notes, notebook)
            sections.append(section)
        return sections


def named(exercises: tuple[str, ...]) -> str:
    """Name some exercises.

    >>> named(("5.1",)), named(("5.1", "5.2", "6.3"))
    ('Exercise 5.1', 'Exercises 5.1, 5.2 and 6.3')
    """
    *most, last = exercises
    return f"Exercises {', '.join(most)} and {last}" if most else f"Exercise {last}"


def setup(app: Sphinx) -> None:
    """Register the directives."""
    app.add_directive("teaching-minutes", TeachingMinutes)
    app.add_directive("teaching-plans", TeachingPlans)
    app.add_directive("teaching-notes", TeachingNotes)
