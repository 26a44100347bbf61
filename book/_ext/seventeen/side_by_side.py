"""The page *The program*: two scripts side by side, and the notes between them.

``program-pair`` shows ``handed_on.py`` and ``corrected.py`` of ``helpers/program``:
a section for each part, and in it a row for each function. Lines that the other
script lacks are marked. The line of a note has a seal that leads to its chapter, and
the row a label for the way back. ``program-scores`` shows what both score, from
``book/evidence/program/scores.json``, and ``program-findings`` what the checker says
to them.
"""

import html
import posixpath
import re
import statistics
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path

from docutils import nodes
from pygments import highlight
from pygments.formatters.html import HtmlFormatter
from pygments.lexers.python import PythonLexer
from sphinx.application import Sphinx
from sphinx.util import logging

import program_scores
from helpers.errors import UserError
from review.checker import check_path
from review.rules import LOUD, RULES
from seventeen.common import Cell, PageDirective, fact_list, table
from seventeen.notebook_pages import NotebookDirective

FOLDER = Path("helpers", "program")
NAMES = program_scores.SCRIPTS
TITLES = dict(zip(NAMES, ("handed on", "corrected"), strict=True))
PART = re.compile(r"# --- (?:\d+\. )?(?P<title>.+?) -+")
FIRST = "Imports and numbers"  # what comes before the first part
BEGINS = re.compile(r"(?:def|class) (?P<name>\w+)|if __name__")
NOTE = re.compile(r"# 注意 (?P<number>\d+)\b")

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Line:
    """A line of a script: its text, and the text in colours."""

    text: str
    html: str


Block = list[Line]


def read(path: Path) -> dict[str, dict[str, Block]]:
    """Return the parts of a script by their titles, and their blocks by name.

    A block is a function or a class; what comes before the first one has the name "".
    """
    text = path.read_text(encoding="utf-8")
    coloured = highlight(text, PythonLexer(stripnl=False), HtmlFormatter(nowrap=True))
    parts: dict[str, dict[str, Block]] = {FIRST: {"": []}}
    blocks = parts[FIRST]
    lines = zip(text.splitlines(), coloured.splitlines(), strict=True)
    for plain, marked in lines:
        if found := PART.fullmatch(plain):
            blocks = parts[found["title"]] = {"": []}
            continue
        if begins := BEGINS.match(plain):
            blocks[begins["name"] or "__main__"] = []
        blocks[list(blocks)[-1]].append(Line(plain, marked))
    return {
        title: {name: kept for name, lines in blocks.items() if (kept := trim(lines))}
        for title, blocks in parts.items()
    }


def trim(lines: Block) -> Block:
    """Return the lines without empty ones at both ends."""
    kept = [place for place, line in enumerate(lines) if line.text.strip()]
    return lines[kept[0] : kept[-1] + 1] if kept else []


def rows(left: dict[str, Block], right: dict[str, Block]) -> list[str]:
    """Return the names of both scripts' blocks, each once, in an order of both."""
    names = list(left), list(right)
    found: list[str] = []
    for _, a, b, c, d in SequenceMatcher(None, *names, False).get_opcodes():
        found += names[0][a:b] + names[1][c:d]
    return list(dict.fromkeys(found))


class ProgramPair(NotebookDirective):
    """``program-pair``: the two scripts, part by part."""

    def run(self) -> list[nodes.Node]:
        """Build a section for each part."""
        root = Path(self.env.srcdir)
        self.depend_on(root / FOLDER)
        self.chapters = {n.number: n for n in self.notebooks() if n.number}
        left, right = (read(root / FOLDER / name) for name in NAMES)
        sections: list[nodes.Node] = []
        for title in left:
            section = self.section([nodes.Text(title)], f"program {title}")
            for name in rows(left[title], right[title]):
                pair = left[title].get(name, []), right[title].get(name, [])
                section += self.row(name, *pair)
            sections.append(section)
        return sections

    def row(self, name: str, left: Block, right: Block) -> nodes.container:
        """Return two columns: a block as it is handed on, and corrected."""
        box = nodes.container(classes=["program-row"])
        pairs = (left, right), (right, left)
        for script, (lines, others) in zip(NAMES, pairs, strict=True):
            label = TITLES[script]
            column = nodes.container(classes=[f"program-{label.replace(' ', '-')}"])
            if lines:
                column += nodes.paragraph(text=label, classes=["program-label"])
                known = {line.text for line in others}
                shown = "".join(self.shown(line, known) for line in lines)
                said = html.escape(f"{name or FIRST}, {label}")
                text = f'<pre class="program-code" role="group" aria-label="{said}">'
                text = f'<div class="highlight">{text}{shown}</pre></div>'
                text = f'<div class="highlight-python">{text}</div>'
                column += nodes.raw("", text, format="html")
            for number in notes(lines):  # what a chapter can point at
                column["ids"].append(nodes.make_id(f"{label} note {number}"))
                column["names"].append(f"{label} note {number}")
            self.state.document.note_explicit_target(column)
            box += column
        return box

    def shown(self, line: Line, known: set[str]) -> str:
        """Return a line as HTML: marked unless it is known, with its note's seal."""
        mark = "" if line.text in known or not line.text else " only"
        seals = ""
        for number in notes([line]):
            chapter = self.chapters[number]
            to = posixpath.relpath(
                chapter.document, posixpath.dirname(self.env.docname)
            )
            seals += (
                f'<a class="program-seal" href="{to}.html" '
                f'aria-label="{html.escape(chapter.name)}">{number}</a>'
            )
        return f'<span class="line{mark}">{seals}{line.html}\n</span>'


def notes(lines: Block) -> list[int]:
    """Return the notes that some lines carry, in their order."""
    found = (NOTE.search(line.text) for line in lines)
    return [int(match["number"]) for match in found if match]


class ProgramScores(PageDirective):
    """``program-scores``: what both scripts score, over seeds."""

    def run(self) -> list[nodes.Node]:
        """Build a table, and a list of what it was measured with."""
        root = Path(self.env.srcdir)
        path = root / program_scores.FILE
        self.env.note_dependency(str(path))
        self.depend_on(root / FOLDER)
        try:
            found = program_scores.read(path)
        except UserError as error:
            logger.warning(str(error))
            return []
        current = [run for run in found if run.is_current()]
        if not current:
            return [nodes.paragraph(text="The scores have not been recorded yet.")]
        body: list[list[Cell]] = []
        for data, title in program_scores.TITLES.items():
            scores = (
                [run.accuracy for run in current if run.key[:2] == (script, data)]
                for script in NAMES
            )
            body.append([title, *map(spread, scores)])
        facts = program_scores.facts(current)
        head = ("Data", *NAMES)
        return [table(head, body, "program-scores"), fact_list(facts)]


def spread(scores: list[float]) -> str:
    """Return mean and standard deviation in percent, of all seeds or of none."""
    if len(scores) < program_scores.SEEDS:
        return "not recorded yet"
    mean, deviation = statistics.mean(scores), statistics.stdev(scores)
    return f"{100 * mean:.1f} ± {100 * deviation:.1f} %"


class ProgramFindings(PageDirective):
    """``program-findings``: what the checker says to the two scripts."""

    def run(self) -> list[nodes.Node]:
        """Run it, and build a table of what it finds in the first."""
        root = Path(self.env.srcdir)
        self.depend_on(root / FOLDER)
        self.depend_on(root / "review")
        first, second = (list(check_path(root / FOLDER / name, LOUD)) for name in NAMES)
        body: list[list[Cell]] = [
            [
                nodes.literal(text=found.code),
                f"line {found.place.line}",
                RULES[found.code].title,
                self.link(RULES[found.code].page),
            ]
            for found in first
        ]
        head = ("Rule", NAMES[0], "What it finds", "Chapter")
        says = f"In {NAMES[1]} it finds {len(second) or 'nothing'}."
        return [table(head, body, "program-findings"), nodes.paragraph(text=says)]


def offer_targets(app: Sphinx, document: nodes.document) -> None:
    """Let Markdown links find the rows: ``the-program.md#corrected-note-8``."""
    slugs = app.env.metadata[app.env.docname].get("myst_slugs", {})
    for column in document.findall(nodes.container):
        for name in column["names"]:
            target = nodes.make_id(name)
            slugs[target] = (column.line, target, name)


def setup(app: Sphinx) -> None:
    """Register the directives."""
    app.connect("doctree-read", offer_targets)
    app.add_directive("program-pair", ProgramPair)
    app.add_directive("program-scores", ProgramScores)
    app.add_directive("program-findings", ProgramFindings)
