"""Slides of a chapter: the cells that its slideshow tags choose, as one HTML page.

JupyterLab's *slide type* says what becomes of a cell: ``slide`` and ``subslide``
begin a slide, ``fragment`` adds to the last one with the next key, ``notes`` are for
the speaker only. A cell without a type is left out. What is chosen is cut to what
fits:

- Markdown: each heading begins a slide and takes along its first block and a formula,
  list or table that follows at once. The rest goes into the speaker notes. Text before
  a heading belongs to what came before, and lists of bug reports are for reading.
- Code: with what it prints, as long as both are short. Of a figure and of claims only
  the output is shown; they say what they show.

reveal.js and MathJax come from PyPI packages and lie beside the decks, so that a deck
asks for nothing on the web.
"""

import html
import re
import shutil
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, distribution
from itertools import groupby
from pathlib import Path
from typing import Any

import jinja2
from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.colon_fence import colon_fence_plugin
from mdit_py_plugins.dollarmath import dollarmath_plugin
from nbformat import NotebookNode
from pygments import highlight
from pygments.formatters.html import HtmlFormatter
from pygments.lexers.python import PythonLexer

import record
from helpers.errors import UserError
from helpers.notebook.claims import MARKS, STAR

sys.path.insert(0, str(record.ROOT / "book" / "_ext"))

from seventeen.answers import judged, lettered, with_code
from seventeen.chinese import split as split_chinese
from seventeen.objectives import TITLE as OBJECTIVES

HERE = Path(__file__).parent
ASSETS = "assets"  # the folder beside the decks
OWN = ("deck.css", "deck.js")
REVEAL = ("LICENSE", "dist/reveal.css", "dist/reveal.js", "plugin/notes/notes.js")
FORMATTER = HtmlFormatter(style="a11y-high-contrast-light", cssclass="code")
TEMPLATES = jinja2.Environment(
    loader=jinja2.FileSystemLoader(HERE), undefined=jinja2.StrictUndefined
)
SKIP, BEGINS, ADDS, SPEAKER = "skip", ("slide", "subslide"), "fragment", "notes"
LINES = 16  # of code and output together; more are too small for the back row
PICTURE = "image/png"
SUBSECTION = 3  # level of its heading
LEFT_OUT = ("Bug reports", "Exercises")  # headings; each exercise has its own
# The first of these on a slide follows the verdict: a class has guessed by then.
VERDICT_BEFORE = ("Limits of the note", "In review", "Exercises", "Quiz")
STUCK = "**Where they get stuck"
BESIDE_TEXT = ("bullet_list", "ordered_list", "table", "math", "fence")
LINK = re.compile(r"(?<!!)\[([^\]]+)\]\((?!https?:)([^)\s]+)\)")
QUESTION = re.compile(r"\*\*\d+\.")
ADMONITION = re.compile(r"\{admonition\} *(?P<title>.*)")


@dataclass(eq=False)
class Block:
    """A paragraph, a list, a formula, a box or the like."""

    kind: str
    tokens: list[Token]
    text: str

    @property
    def html(self) -> str:
        """The block, rendered."""
        return rendered(self.tokens)


@dataclass
class Shown:
    """A part of a slide: what it is, its HTML, and whether it waits for a key."""

    kind: str
    html: str
    later: bool


@dataclass
class Slide:
    """What one slide shows, in HTML, and what the speaker sees beside it."""

    title: str
    section: str = ""
    shown: list[Shown] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def packaged(package: str, name: str) -> Path:
    """Return a file of an installed package.

    Args:
        package: its name on PyPI.
        name: the end of the file's path in it.

    Raises:
        UserError: if the package is missing.
    """
    try:
        files = distribution(package).files or []
    except PackageNotFoundError:
        files = []
    for file in files:
        if str(file).endswith(name):
            return Path(str(file.locate()))
    raise UserError(f"{package} is missing: pip install -r requirements.txt")


def without_links(text: str, kept: Iterable[str] = ()) -> str:
    """Return Markdown without the links that lead nowhere outside of the book.

    Args:
        text: the Markdown.
        kept: addresses that lead somewhere all the same.

    >>> without_links("[a](../b.md), [c](d.ipynb), [e](https://f.org)", ["d.ipynb"])
    'a, [c](d.ipynb), [e](https://f.org)'
    """
    return LINK.sub(lambda found: found[0 if found[2] in kept else 1], text)


# --- Markdown --------------------------------------------------------------------


def _formula(content: str, options: dict[str, Any]) -> str:
    start, end = ("\\[", "\\]") if options["display_mode"] else ("\\(", "\\)")
    return f"{start}{html.escape(content)}{end}"


def _text(renderer: Any, tokens: Sequence[Token], index: int, *_: Any) -> str:
    return "".join(
        f'<span lang="zh-Hans">{html.escape(part)}</span>'
        if chinese
        else html.escape(part, quote=False)
        for part, chinese in split_chinese(tokens[index].content)
    )


def _box(renderer: Any, tokens: Sequence[Token], index: int, *_: Any) -> str:
    """Render an admonition, ``:::{admonition} title``, as the book does."""
    found = ADMONITION.fullmatch(tokens[index].info.strip())
    if found is None:
        raise UserError(f"slides have no directive {tokens[index].info!r}")
    first, content = tokens[index].content.split("\n", 1)
    name = first.removeprefix(":class:").strip()
    title = MARKDOWN.renderInline(found["title"])
    return (
        f'<div class="admonition {name}"><p class="admonition-title">{title}</p>'
        f"{MARKDOWN.render(content)}</div>"
    )


def _code(renderer: Any, tokens: Sequence[Token], index: int, *_: Any) -> str:
    return f"<pre>{html.escape(tokens[index].content.rstrip())}</pre>"


MARKDOWN = MarkdownIt("commonmark", {"html": True}).enable("table")
MARKDOWN.use(colon_fence_plugin).use(dollarmath_plugin, renderer=_formula)
MARKDOWN.add_render_rule("text", _text)
MARKDOWN.add_render_rule("colon_fence", _box)
MARKDOWN.add_render_rule("fence", _code)


def rendered(tokens: list[Token]) -> str:
    """Return tokens as HTML; code in the summary of a fold, too."""
    return with_code(MARKDOWN.renderer.render(tokens, MARKDOWN.options, {}))


def blocks(text: str) -> Iterator[Block]:
    """Cut Markdown into its blocks."""
    text = without_links(text)
    lines = text.splitlines()
    gathered: list[Token] = []
    level = 0
    for token in MARKDOWN.parse(text):
        gathered.append(token)
        level += token.nesting
        if level == 0:
            first = gathered[0]
            start, end = first.map or (0, 0)
            kind = first.type.removesuffix("_open").removesuffix("_block")
            yield Block(kind, gathered, "\n".join(lines[start:end]).strip())
            gathered = []


def joined(found: Iterable[Block]) -> str:
    """Return blocks as HTML; a fold in them may reach over several."""
    return "".join(block.html for block in found)


def heading(block: Block) -> tuple[int, str]:
    """Return the level of a heading, and its text as HTML."""
    return int(block.tokens[0].tag[1:]), rendered(block.tokens[1:-1])


def parts(cell: NotebookNode) -> list[list[Block]]:
    """Return a Markdown cell in parts, each of which begins with a heading.

    What comes before the first of them is left out; without any, it is one part.
    """
    found: list[list[Block]] = [[]]
    for block in blocks(cell.source):
        if block.kind == "heading":
            found.append([])
        found[-1].append(block)
    return found[1:] or found


def cut(part: Sequence[Block]) -> tuple[list[Block], list[Block]]:
    """Divide a part without its heading into what is shown and what is said."""
    count = 1
    while count < len(part) and part[count].kind in BESIDE_TEXT:
        count += 1
    return list(part[:count]), list(part[count:])


def first_question(part: Sequence[Block]) -> list[Block]:
    """Return the first question of a quiz with its answers."""
    starts = [k for k, block in enumerate(part) if QUESTION.match(block.text)]
    return list(part[: starts[1]]) if len(starts) > 1 else list(part)


# --- code and what it gives ---------------------------------------------------------


def printed(cell: NotebookNode) -> str:
    """Return the text that a cell prints, or shows as the value of its last line."""
    texts = []
    for output in cell.outputs:
        if output.output_type == "stream":
            texts.append(output.text)
        elif output.output_type == "error":
            texts.append(f"{output.ename}: {output.evalue}")
        elif PICTURE not in output.data:
            texts.append(output.data.get("text/plain", ""))
    return "\n".join(text.strip("\n") for text in texts if text.strip())


def figures(cell: NotebookNode) -> Iterator[str]:
    """Yield the pictures of a cell as HTML, each with its description.

    Raises:
        UserError: if one has none.
    """
    for output in cell.outputs:
        if picture := output.get("data", {}).get(PICTURE):
            alt = output.metadata.get(PICTURE, {}).get("alt")
            if not alt:
                raise UserError("a figure has no description: plots.show(fig, alt=…)")
            source = f"data:{PICTURE};base64,{''.join(picture.split())}"
            yield f'<img src="{source}" alt="{html.escape(alt)}">'


def listed(text: str) -> str:
    """Return printed text as HTML: claims as a list, all else as it is."""
    made = ""
    for is_claim, lines in groupby(text.splitlines(), lambda s: s.startswith(MARKS)):
        if is_claim:
            items = (
                f"<li{' class=decides' if line[:2] == STAR else ''}>"
                f"{html.escape(line[2:])}</li>"
                for line in lines
            )
            made += f"<ul>{''.join(items)}</ul>"
        else:
            made += f"<pre>{html.escape(chr(10).join(lines))}</pre>"
    return made


def shown_code(cell: NotebookNode) -> Iterator[tuple[str, str]]:
    """Yield (kind, HTML) of what a slide shows of a code cell."""
    text, pictures = printed(cell), list(figures(cell))
    lines = len(cell.source.splitlines()) + len(text.splitlines())
    claims = any(mark in text for mark in MARKS)
    if not pictures and not claims and (not text or lines <= LINES):
        yield "code", highlight(cell.source, PythonLexer(), FORMATTER)
    if text:
        yield "printed", listed(text)
    for picture in pictures:
        yield "figure", picture


# --- decks --------------------------------------------------------------------------


class Deck:
    """The slides that a notebook's tags choose.

    Args:
        notebook: whose cells are tagged.
        objectives: what the audience can do afterwards, for the second slide.

    Raises:
        UserError: if a solution is chosen, or something that adds to no slide.
    """

    def __init__(self, notebook: NotebookNode, objectives: Sequence[str] = ()) -> None:
        self.slides: list[Slide] = []
        self.section = self.heading = self.verdict = ""
        for cell in notebook.cells:
            tags = record.tags(cell)
            kind = cell.metadata.get("slideshow", {}).get("slide_type", SKIP)
            if kind != SKIP and "solution" in tags:
                raise UserError(f"{cell.id}: a solution may not be on a slide")
            if kind in (ADDS, SPEAKER) and not self.slides:
                raise UserError(f"{cell.id}: there is no slide yet to add to")
            if "instructor" in tags:
                self._teach(cell)
            elif cell.cell_type == "markdown":
                for part in parts(cell):
                    self._take_text(part, kind, is_quiz="quiz" in tags)
            elif kind in (*BEGINS, ADDS):
                if kind in BEGINS:
                    self._begin(self.heading)
                self._show(shown_code(cell), kind)
        if objectives:
            items = (f"<li>{MARKDOWN.renderInline(aim)}</li>" for aim in objectives)
            shown = [Shown("text", f"<ul>{''.join(items)}</ul>", later=False)]
            self.slides.insert(1, Slide(f"{OBJECTIVES} …", shown=shown))

    def _begin(self, title: str) -> None:
        above = self.section if self.section != title else ""
        self.slides.append(Slide(title, above))

    def _show(self, found: Iterable[tuple[str, str]], kind: str) -> None:
        self.slides[-1].shown += [Shown(*one, later=kind == ADDS) for one in found]

    def _say(self, found: Iterable[Block]) -> None:
        self.slides[-1].notes += [block.html for block in found]

    def _take_text(self, part: list[Block], kind: str, is_quiz: bool) -> None:
        level = 0
        if part and part[0].kind == "heading":
            level, self.heading = heading(part.pop(0))
            if level < SUBSECTION:
                self.section = self.heading
        if kind == SKIP or not part or self.heading in LEFT_OUT:
            return
        if kind == SPEAKER:
            self._say(part)
        elif level == 1:
            self._take_title(part)
        else:
            shown, said = (first_question(part), []) if is_quiz else cut(part)
            if kind in BEGINS:
                if self.section in VERDICT_BEFORE and self.verdict:
                    self.slides.append(Slide("The verdict"))
                    self._show([("text", self.verdict)], kind)
                    self.verdict = ""
                self._begin(self.heading)
            text = joined(shown)
            if is_quiz:
                text = judged(lettered(text))
            self._show([("text", text)], kind)
            self._say(said)

    def _take_title(self, part: list[Block]) -> None:
        """Show a chapter's subject and its note; the verdict has to wait."""
        note, verdict = (block for block in part if block.kind == "colon_fence")
        self.verdict = verdict.html
        self._begin(self.heading)
        self._show([("text", joined((part[0], note)))], BEGINS[0])
        self._say(block for block in part[1:] if block not in (note, verdict))

    def _teach(self, cell: NotebookNode) -> None:
        """Give the speaker what the instructor's cell says."""
        exercises = [slide for slide in self.slides if slide.section == "Exercises"]
        for block in blocks(cell.source):
            if block.kind in ("html", "heading"):
                continue
            stuck = block.text.startswith(STUCK) and exercises
            slide = exercises[0] if stuck else self.slides[0]
            slide.notes.append(block.html)


def page(notebook: NotebookNode, objectives: Sequence[str] = ()) -> str:
    """Return the deck of a notebook as an HTML page."""
    chapter = notebook.metadata["chapter"]
    deck = Deck(notebook, objectives)
    return TEMPLATES.get_template("deck.html.j2").render(
        slides=deck.slides, chapter=chapter, assets=ASSETS
    )


def write(
    chapters: Mapping[str, NotebookNode],
    folder: Path,
    objectives: Mapping[str, Sequence[str]],
) -> None:
    """Write the decks, what they share and a page that lists them.

    Args:
        chapters: {name without suffix: notebook}, in the order of the list.
        folder: where to write.
        objectives: {name without suffix: what the audience can do afterwards}.

    Raises:
        UserError: if a package that is needed is missing.
    """
    assets = folder / ASSETS
    reveal = packaged("sphinx-revealjs", "revealjs/dist/reveal.js").parent.parent
    for name in REVEAL:
        (assets / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(reveal / name, assets / name)
    shutil.copy(packaged("sphinx-mathjax-offline", "mathjax/tex-svg.js"), assets)
    static = record.ROOT / "book" / "_static"
    shutil.copy(static / "seventeen.css", assets)
    shutil.copytree(static / "fonts", assets / "fonts", dirs_exist_ok=True)
    for name in OWN:
        shutil.copy(HERE / name, assets)
    (assets / "code.css").write_text(FORMATTER.get_style_defs(".code"), "utf-8")
    for name, notebook in chapters.items():
        made = page(notebook, objectives.get(name, ()))
        (folder / f"{name}.html").write_text(made, "utf-8")
    contents = {name: book.metadata["chapter"] for name, book in chapters.items()}
    index = TEMPLATES.get_template("decks.html.j2").render(
        chapters=contents, assets=ASSETS
    )
    (folder / "index.html").write_text(index, "utf-8")
