"""The page *Teach from this book*: plans, material, and what each chapter brings along.

Nothing on it is written twice. The notes are those at the end of each chapter, the
objectives are those of the slides, and the minutes are counted from the notebooks.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging

from seventeen import material, minutes, objectives, plans
from seventeen.common import Cell, table
from seventeen.folds import fold
from seventeen.notebook_pages import Notebook, NotebookDirective
from seventeen.plans import Chapters, Item, Lesson, PlanError, Sitting
from seventeen.verdicts import verdict_label

HEADING = "For teachers"
TAGS = re.compile(r"</?details>|<summary>.*?</summary>")
NOTHING = "–"
LEVEL = 3  # of the headings in folds: below a section of the page

logger = logging.getLogger(__name__)


def notes(notebook: Notebook) -> str:
    """Return what a chapter says to teachers, unfolded; "" if it says nothing."""
    return TAGS.sub("", notebook.section(HEADING)).strip()


def label(notebook: Notebook) -> str:
    """Return where on the page a chapter is, such as ``teach-5``."""
    return nodes.make_id(f"teach-{plans.lesson(notebook)}")


class TeachingDirective(NotebookDirective):
    """A directive about the chapters as lessons."""

    def chapters(self) -> dict[Lesson, Notebook]:
        """Return the chapters by the names that plans call them."""
        return {plans.lesson(notebook): notebook for notebook in self.notebooks()}

    def lesson(self, notebook: Notebook) -> nodes.Node:
        """Return a link to a chapter."""
        return self.link(notebook.document, notebook.name)

    def slides(self, notebook: Notebook) -> nodes.Node:
        """Return a link to the slides of a chapter."""
        name = f"slides/{notebook.path.stem}.html"
        return material.link(name, "slides", self.env.docname)


class TeachingMinutes(TeachingDirective):
    """``teaching-minutes``: those of each chapter."""

    def run(self) -> list[nodes.Node]:
        """Build the table."""
        head = ("Chapter", "Read", "Core", "Whole", "Exercises", "Run [s]")
        rows: list[list[Cell]] = []
        totals = [0] * (len(head) - 1)
        for notebook in self.notebooks():
            found = minutes.count(notebook)
            practice = minutes.up(sum(found.exercises.values()))
            row = (found.read, found.core or 0, found.whole, practice, found.seconds)
            totals = [total + one for total, one in zip(totals, row, strict=True)]
            shown = (str(one) if one else NOTHING for one in row)
            rows.append([self.lesson(notebook), *shown])
        rows.append(["All", *(f"{total:,}" for total in totals)])
        return [table(head, rows, "minutes-table")]


class TeachingMethod(TeachingDirective):
    """``teaching-method``: how the minutes are counted, folded."""

    def run(self) -> list[nodes.Node]:
        """Say in words what ``minutes.count`` does, with its own numbers."""
        rules = self.parse_text_to_nodes(
            f"Read\n: The prose at {minutes.SILENT} words a minute, the mean of 190 "
            "studies of adults who read English non-fiction "
            "{cite}`brysbaert2019`, and the code at "
            f"{minutes.CODE_LINES} lines a minute, which is an assumption. Cells that "
            "draw a figure, exercises and quiz are not counted.\n\n"
            "Core\n: A lesson that ends with *The fix*: its prose at "
            f"{minutes.ALOUD} words a minute, the same author's mean for reading "
            f"aloud, its code as above, {minutes.OPENING} minutes for the opening "
            f"question, {minutes.QUIZ} for the quiz, and one run of the "
            "notebook, in whole minutes.\n\n"
            "Whole\n: The same with the sections that follow, up to *In review*. Of "
            "the last chapter, which has neither exercises nor a quiz, all of it.\n\n"
            f"Exercises\n: All three: {minutes.ANSWER} minutes each to read and to "
            f"think, and {minutes.WRITTEN} for each line of the solution in the book. "
            "This is an assumption too.\n\n"
            "Run [s]\n: The seconds that the notebook runs, as recorded on the machine "
            "that [](/book/status.md) names.\n\n"
            f"Homework\n: In the plans, {plans.DISCUSS} minutes to discuss each "
            "exercise that was done at home: an assumption.\n"
        )
        title = [nodes.Text("How the minutes are counted")]
        return [fold(title, "how-the-minutes-are-counted", LEVEL, rules)]


class TeachingPlans(TeachingDirective):
    """``teaching-plans``: the timetables of ``book/plans.yml``."""

    def run(self) -> list[nodes.Node]:
        """Build a fold for each plan and a table for each of its sittings."""
        root = Path(self.env.srcdir)
        self.env.note_dependency(str(root / plans.FILE))
        chapters = self.chapters()
        counted = {name: minutes.count(it) for name, it in chapters.items()}
        try:
            found = plans.read(root, counted)
        except PlanError as error:
            logger.warning(str(error), location=self.get_location())
            return []
        folds: list[nodes.Node] = []
        for plan in found:
            content = self.parse_text_to_nodes(plan.about)
            if plan.brings:
                things = plans.listed([plans.BRINGS[thing] for thing in plan.brings])
                content.append(nodes.paragraph(text=f"People bring {things}."))
            for sitting in plan.sittings:
                content.append(self.timetable(sitting, chapters))
                content += self.at_home(sitting, chapters, counted)
            folds.append(
                fold([nodes.Text(plan.name)], f"plan-{plan.name}", LEVEL, content)
            )
        return folds

    def timetable(
        self, sitting: Sitting, chapters: dict[Lesson, Notebook]
    ) -> nodes.table:
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

    def what(self, item: Item, chapters: dict[Lesson, Notebook]) -> Cell:
        """Return what is done, with a link where it is a chapter."""
        if item.kind in plans.LESSONS:
            link = self.lesson(chapters[item.what])
            return [nodes.paragraph("", "", link, nodes.Text(f", {item.kind}"))]
        if item.kind == "exercises":
            return named(item.what).capitalize()
        if item.kind == "discuss":
            return f"The homework: {named(item.what)}"
        return nodes.paragraph("", "", *self.parse_inline(item.what)[0])

    def at_home(
        self, sitting: Sitting, chapters: dict[Lesson, Notebook], counted: Chapters
    ) -> Iterator[nodes.paragraph]:
        """Yield what is left to do at home, if anything is."""
        parts: list[nodes.Node] = []
        if sitting.homework:
            takes = plans.exercise_minutes(sitting.homework, counted)
            text = f"{named(sitting.homework)}, about {takes} minutes"
            parts.append(nodes.Text(text))
        for name in sitting.reading:
            parts.append(nodes.Text("; read " if parts else "read "))
            parts.append(self.lesson(chapters[name]))
            parts.append(nodes.Text(f", {counted[name].read} minutes"))
        if parts:
            parts = [nodes.Text("At home: "), *parts, nodes.Text(".")]
            yield nodes.paragraph("", "", *parts, classes=["plan-homework"])


class TeachingMaterial(TeachingDirective):
    """``teaching-material``: what there is for each chapter, and for all of them."""

    def run(self) -> list[nodes.Node]:
        """Build a list of what is for all chapters, and a table of the others."""
        rows: list[list[Cell]] = []
        for notebook in self.notebooks():
            told: Cell = "none"
            if notes(notebook):
                told = nodes.reference("", "notes", refid=label(notebook))
            slides = self.slides(notebook) if material.has_slides(notebook) else "none"
            rows.append([self.lesson(notebook), slides, told])
        head = ("Chapter", "Slides", "Notes for teachers")
        return [self.whole(), table(head, rows, "material-table")]

    def whole(self) -> nodes.bullet_list:
        """Return the list of what is for all chapters."""
        page = self.env.docname
        lines: list[list[nodes.Node]] = [
            [
                material.link("slides/index.html", "All slides", page),
                nodes.Text(
                    ", a deck for each numbered chapter: the arrow keys go on and "
                    "back, S opens the speaker's view with notes, clock and next slide."
                ),
            ],
            [
                material.link(material.CLASS, "The zip file for a class", page),
                nodes.Text(
                    ", about 7 MB: the notebooks without outputs, solutions and notes "
                    "for teachers, the program, the checker, and the script with seven "
                    "faults."
                ),
            ],
            [
                nodes.Text("The hand-out: the "),
                self.link("book/review-checklist"),
                nodes.Text(". Print the page; it fits on one sheet of paper."),
            ],
        ]
        items = [nodes.list_item("", nodes.paragraph("", "", *line)) for line in lines]
        return nodes.bullet_list("", *items, bullet="-")


class TeachingNotes(TeachingDirective):
    """``teaching-notes``: for each chapter a fold with its objectives and notes."""

    def run(self) -> list[nodes.Node]:
        """Build the folds from the chapters' notebooks and ``book/objectives.yml``."""
        root = Path(self.env.srcdir)
        self.env.note_dependency(str(root / objectives.FILE))
        told, chapters = objectives.read(root), self.notebooks()
        for fault in objectives.faults(told, [it.document for it in chapters]):
            self.warn(f"{objectives.FILE.as_posix()}: {fault}")
        return [self.chapter(it, told.get(it.document, [])) for it in chapters]

    def warn(self, sentence: str) -> None:
        """Say what is wrong with the material of the page."""
        logger.warning(sentence, location=self.get_location())

    def chapter(self, notebook: Notebook, aims: list[str]) -> nodes.Node:
        """Return the fold of one chapter."""
        about = notebook.content["metadata"].get("chapter", {})
        title: list[nodes.Node] = [nodes.Text(notebook.name)]
        content: list[nodes.Node] = [self.where(notebook)]
        if about:
            title += [nodes.Text(" "), verdict_label(about["verdict"])]
            content.append(
                nodes.paragraph("", "", *self.parse_inline(about["finding"])[0])
            )
        content.append(
            nodes.paragraph("", "", nodes.strong(text=f"{objectives.TITLE} …"))
        )
        content += self.parse_text_to_nodes("\n".join(f"- {aim}" for aim in aims))
        if text := notes(notebook):
            content += self.read(text, notebook)
        else:
            content.append(
                nodes.paragraph(text="This chapter has no notes for teachers yet.")
            )
            if notebook.number:
                self.warn(f"{notebook.path.name}: nothing under '{HEADING}'")
        return fold(title, label(notebook), LEVEL, content)

    def where(self, notebook: Notebook) -> nodes.paragraph:
        """Return the links to the chapter and its slides, and its minutes."""
        found = minutes.count(notebook)
        takes = f"{found.whole} minutes"
        if found.core:
            takes = (
                f"a lesson takes {found.core} (core) or {found.whole} minutes (whole)"
            )
        parts: list[nodes.Node] = [self.link(notebook.document, "the chapter")]
        if material.has_slides(notebook):
            parts += [nodes.Text(" · "), self.slides(notebook)]
        parts.append(nodes.Text(f" · {takes}"))
        return nodes.paragraph("", "", *parts, classes=["teach-where"])


def named(exercises: tuple[str, ...]) -> str:
    """Name some exercises.

    >>> named(("5.1",)), named(("5.1", "5.2", "6.3"))
    ('exercise 5.1', 'exercises 5.1, 5.2 and 6.3')
    """
    word = "exercise" if len(exercises) == 1 else "exercises"
    return f"{word} {plans.listed(exercises)}"


def setup(app: Sphinx) -> None:
    """Register the directives."""
    app.add_directive("teaching-minutes", TeachingMinutes)
    app.add_directive("teaching-method", TeachingMethod)
    app.add_directive("teaching-plans", TeachingPlans)
    app.add_directive("teaching-material", TeachingMaterial)
    app.add_directive("teaching-notes", TeachingNotes)
