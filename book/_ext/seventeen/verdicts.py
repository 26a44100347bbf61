"""The table of the seventeen notes.

A chapter that exists describes itself in its notebook's metadata, under the key
``chapter``. A chapter that does not exist yet has an entry in ``book/chapters.yml``
and is shown as coming. Each number from 1 to 17 must be in exactly one of the
two places; anything else is a warning, which a strict build turns into an error.
"""

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import yaml
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging

from seventeen.common import PageDirective, read_again

COUNT = 17
PARTS = ("Data", "Model", "Training", "Evaluation", "Engineering")
ROMAN = ("I", "II", "III", "IV", "V")
VERDICTS = ("holds", "within limits", "corrected")
COMING = "coming"
VERBS = {
    "holds": "hold",
    "within limits": "hold within limits",
    "corrected": "are corrected",
    COMING: "are to come",
}
NOTEBOOKS = "notebooks"
SEEN = "chapters"  # in a page's metadata: the notebooks it was made from
PLANNED = Path("book", "chapters.yml")
KEYS = ("number", "part", "title", "note", "verdict", "finding")

logger = logging.getLogger(__name__)


class ChapterError(ValueError):
    """A chapter's description is missing, wrong or given twice."""


@dataclass(frozen=True)
class Chapter:
    """One row of the table.

    Attributes:
        number: 1 to 17.
        part: one of ``PARTS``.
        title: the chapter's title.
        note: the note itself, in one line.
        document: the page, relative to the book's root, without a suffix.
        verdict: one of ``VERDICTS``, or ``COMING``.
        finding: the verdict in one sentence; empty while it is coming.
    """

    number: int
    part: str
    title: str
    note: str
    document: str
    verdict: str
    finding: str

    @property
    def exists(self) -> bool:
        """Tell whether there is a page to link to."""
        return self.verdict != COMING


def notebook_paths(root: Path) -> list[Path]:
    """Return the chapters' files, in order of their names."""
    return sorted((root / NOTEBOOKS).glob("[0-9][0-9]_*.ipynb"))


def read_notebook(path: Path) -> Chapter:
    """Read a chapter's description from its notebook.

    Raises:
        ChapterError: if the metadata are missing or hold an unknown word.
    """
    metadata = json.loads(path.read_text(encoding="utf-8"))["metadata"]
    described = metadata.get("chapter", {})
    missing = [key for key in KEYS if key not in described]
    if missing:
        raise ChapterError(
            f"{path.name}: the notebook's metadata key 'chapter' lacks "
            f"{', '.join(missing)}"
        )
    if described["verdict"] not in VERDICTS:
        raise ChapterError(
            f"{path.name}: the verdict is {described['verdict']!r}, not one of "
            f"{', '.join(VERDICTS)}"
        )
    if described["number"] != int(path.name[:2]):
        raise ChapterError(
            f"{path.name}: the metadata say chapter {described['number']}"
        )
    return Chapter(
        document=f"{NOTEBOOKS}/{path.stem}", **{key: described[key] for key in KEYS}
    )


def read_chapters(root: Path) -> list[Chapter]:
    """Return the seventeen chapters in order.

    Raises:
        ChapterError: if a chapter is described twice, not at all, or wrongly.
    """
    planned = yaml.safe_load((root / PLANNED).read_text(encoding="utf-8")) or []
    chapters = [read_notebook(path) for path in notebook_paths(root)]
    written = {chapter.number for chapter in chapters}
    for entry in planned:
        if entry["number"] in written:
            raise ChapterError(
                f"chapter {entry['number']} is a notebook now: take it out of "
                f"{PLANNED.as_posix()}"
            )
        chapters.append(
            Chapter(
                number=entry["number"],
                part=entry["part"],
                title=entry["title"],
                note=entry["note"],
                document=f"{NOTEBOOKS}/{entry['file']}",
                verdict=COMING,
                finding="",
            )
        )
    numbers = sorted(chapter.number for chapter in chapters)
    if numbers != list(range(1, COUNT + 1)):
        raise ChapterError(
            f"the chapters must be numbered 1 to {COUNT}, each once; found {numbers}"
        )
    for chapter in chapters:
        if chapter.part not in PARTS:
            raise ChapterError(f"chapter {chapter.number}: no part {chapter.part!r}")
    return sorted(chapters, key=lambda chapter: chapter.number)


class VerdictTable(PageDirective):
    """``verdict-table``: the seventeen notes with their verdicts."""

    def run(self) -> list[nodes.Node]:
        """Build the table and note what it was built from."""
        root = Path(self.env.srcdir)
        for source in (PLANNED, *notebook_paths(root)):
            self.env.note_dependency(str(root / source))
        self.env.metadata[self.env.docname][SEEN] = _names(root)
        try:
            chapters = read_chapters(root)
        except ChapterError as error:
            logger.warning(str(error), location=self.get_location())
            return []
        return self.show(chapters)

    def show(self, chapters: list[Chapter]) -> list[nodes.Node]:
        """Return what the directive puts on the page."""
        return [self.table(chapters)]

    def table(self, chapters: list[Chapter]) -> nodes.table:
        """Return a table with a header row and a header column."""
        table = nodes.table(classes=["verdict-table"])
        group = nodes.tgroup(cols=3)
        table += group
        group += nodes.colspec(colwidth=40, stub=1)
        group += nodes.colspec(colwidth=15)
        group += nodes.colspec(colwidth=45)
        header = nodes.row()
        for title in ("Note", "Verdict", "What was found"):
            header += nodes.entry("", nodes.paragraph(text=title))
        group += nodes.thead("", header)
        body = nodes.tbody()
        group += body
        part = None
        for chapter in chapters:
            body += self.row(chapter, first_of_part=chapter.part != part)
            part = chapter.part
        return table

    def row(self, chapter: Chapter, first_of_part: bool) -> nodes.row:
        """Return the row of one chapter."""
        row = nodes.row(classes=["part-start"] if first_of_part else [])
        note = nodes.entry()
        if first_of_part:
            roman = ROMAN[PARTS.index(chapter.part)]
            note += nodes.paragraph(
                text=f"Part {roman}: {chapter.part}", classes=["verdict-part"]
            )
        title = nodes.paragraph(classes=["verdict-title"])
        title += nodes.inline(text=f"{chapter.number}", classes=["verdict-number"])
        title += nodes.Text(" ")
        if chapter.exists:
            title += self.link(chapter.document, chapter.title)
        else:
            title += nodes.Text(chapter.title)
        note += title
        note += nodes.paragraph(
            "", "", *self.inline(chapter.note), classes=["verdict-note"]
        )
        row += note
        row += nodes.entry("", nodes.paragraph("", "", verdict_label(chapter.verdict)))
        finding = nodes.entry()
        if chapter.finding:
            finding += nodes.paragraph("", "", *self.inline(chapter.finding))
        row += finding
        return row

    def inline(self, text: str) -> list[nodes.Node]:
        """Read a sentence's inline markup, such as ``code``."""
        parsed, messages = self.parse_inline(text)
        return [*parsed, *messages]


class VerdictCount(VerdictTable):
    """``verdict-count``: how many notes came out how, in a sentence."""

    def show(self, chapters: list[Chapter]) -> list[nodes.Node]:
        """Return the sentence."""
        counts = Counter(chapter.verdict for chapter in chapters)
        told = [f"{counts[word]} {VERBS[word]}" for word in VERBS if counts[word]]
        return [nodes.paragraph(text=f"{', '.join(told)}.", classes=["verdict-count"])]


def verdict_label(verdict: str) -> nodes.inline:
    """Return the coloured label; the word itself carries the meaning."""
    return nodes.inline(text=verdict, classes=["verdict-label", style_of(verdict)])


def style_of(verdict: str) -> str:
    """Return the class under which the style sheet knows a verdict's colours."""
    return f"verdict-label-{verdict.replace(' ', '-')}"


def _names(root: Path) -> list[str]:
    return [path.name for path in notebook_paths(root)]


def setup(app: Sphinx) -> None:
    """Register the directive and what keeps it up to date."""
    app.add_directive("verdict-table", VerdictTable)
    app.add_directive("verdict-count", VerdictCount)
    read_again(app, SEEN, _names)
