"""The page *Measured on GPUs*, made from the files in ``book/evidence``.

Every figure of ``helpers.notebook.gpu_figures`` is a section of its own, with the
label ``gpu-<key>``, whether a card has been recorded or not. The charts are drawn when
the page is read, into the build's own folder, so the source holds numbers and no
pictures.
"""

import ast
import itertools
import math
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging

from helpers.errors import UserError
from helpers.notebook import evidence, gpu_figures
from helpers.notebook.evidence import FIGURES, Evidence, Row
from seventeen.common import PageDirective, read_again, table

FOLDER = Path("book", "evidence")
TESTS = Path("tests", "test_gpu.py")
SEEN = "gpu-evidence"  # in a page's metadata: the files it was made from
ABSENT = "absent"  # what a card's file says of a DALI that was not installed

# Of a chart; lengths in inches.
WIDTH = 5.0  # 360 CSS pixels: a phone shows it at nearly its full size
BAR = 0.2  # from one to the next
FRAME = 0.8  # the axis, its label and the edges
GAP = 1.4  # bars, between the last of a line and the next line's name
ROOM = 0.25  # of the axis, for the number at the end of the longest bar
MOST = 50  # times the smallest number: beyond that the axis is logarithmic

logger = logging.getLogger(__name__)


class Chart(nodes.image):
    """An image whose size is known before it is loaded, so that nothing jumps."""


def visit_chart(translator: Any, node: Chart) -> None:
    """Write an image with its size as attributes, which leave a style its say."""
    translator.visit_image(node)
    width, height = node["size"]
    size = f'<img width="{width}" height="{height}" '
    translator.body[-1] = translator.body[-1].replace("<img ", size, 1)


class GpuEvidence(PageDirective):
    """``gpu-evidence``: a table of the cards, then a section for each figure."""

    def run(self) -> list[nodes.Node]:
        """Build the sections and note what they were built from."""
        root = Path(self.env.srcdir)
        folder, names = root / FOLDER, _names(root)
        self.env.metadata[self.env.docname][SEEN] = names
        for source in (gpu_figures.__file__, evidence.__file__):
            self.env.note_dependency(source)
        for name in names:
            self.env.note_dependency(str(folder / name))
        try:
            cards = evidence.read_all(folder)
        except (UserError, OSError) as error:
            logger.warning(str(error), location=self.get_location())
            return []
        overview = self.section([nodes.Text("Cards")], "gpu-cards")
        if cards:
            overview += machines(cards)
        else:
            overview += nodes.paragraph(
                "",
                "",
                nodes.Text("No card has been recorded yet: "),
                nodes.literal(text="make gpu"),
                nodes.Text(" records the one of its machine."),
            )
        return [
            overview,
            *(self.figure(key, cards) for key in FIGURES),
            self.never(root, cards),
        ]

    def never(self, root: Path, cards: Sequence[Evidence]) -> nodes.section:
        """Return the section on the tests that no recorded card has passed."""
        self.env.note_dependency(str(root / TESTS))
        section = self.section([nodes.Text("What has never met a GPU")], "gpu-never")
        names = _tests(root)
        never = [name for name in names if not any(name in c.tests for c in cards)]
        section += nodes.paragraph(
            text="The tests in tests/test_gpu.py run on a GPU, and most of them on a "
            f"CPU as well. {len(names) - len(never)} of {len(names)} have passed on a "
            "card that is recorded here. "
            + (
                "What the others are about is known from a CPU or from reading:"
                * bool(never)
            )
        )
        if never:
            items = [
                nodes.list_item("", nodes.paragraph(text=_words(it))) for it in never
            ]
            section += nodes.bullet_list("", *items)
        return section

    def figure(self, key: str, cards: Sequence[Evidence]) -> nodes.section:
        """Return the section of one figure."""
        figure = FIGURES[key]
        section = self.section([nodes.Text(figure.title)], f"gpu-{key}")
        section += nodes.paragraph(text=f"{figure.meaning} A run is {figure.run}.")
        chapter = self.link(f"notebooks/{figure.chapter}")
        section += nodes.paragraph("", "Measured in ", chapter, nodes.Text("."))
        if any(key in card.figures for card in cards):
            section += lines(key, cards)
            section += self.chart(key, cards)
        else:
            section += nodes.paragraph(text="Not recorded yet.")
        return section

    def chart(self, key: str, cards: Sequence[Evidence]) -> Chart:
        """Draw a figure beside the doctrees, whence Sphinx copies it."""
        from helpers import plots  # loads PyTorch: only if there is something to draw

        self.env.note_dependency(plots.__file__)
        png, size = draw(key, cards)
        uri = self.keep(f"gpu-evidence/gpu-{key}.png", png)
        return Chart(uri=uri, alt=describe(key, cards), size=size)


def machines(cards: Sequence[Evidence]) -> nodes.table:
    """Return the table of the cards: what each was measured with."""
    facts: list[tuple[str, Callable[[Evidence], str]]] = [
        ("Multiprocessors", lambda card: f"{card.multiprocessors}"),
        ("Memory", lambda card: f"{card.memory:g} GB"),
        ("Highest clock", lambda card: card.clock),
        ("Driver", lambda card: card.driver),
        ("CUDA", lambda card: card.cuda),
        ("PyTorch", lambda card: card.torch),
        ("torchvision", lambda card: card.torchvision),
        ("DALI", lambda card: card.dali),
        ("Python", lambda card: card.python),
        ("CPU", lambda card: f"{card.processor}, {card.cores} cores"),
        ("Waiting for an idle GPU", lambda card: f"{card.overhead:g} µs"),
        ("Caches of the compiler", lambda card: card.caches),
        ("GPU tests that passed", lambda card: f"{len(card.tests)}"),
    ]
    body = [
        [_said(title), *(_said(say(card)) for card in cards)] for title, say in facts
    ]
    head = [_said("Card"), *(_said(card.card) for card in cards)]
    return table(head, body, "gpu-table")


def lines(key: str, cards: Sequence[Evidence]) -> nodes.table:
    """Return the table of a figure: its lines, side by side for each card."""
    figure = FIGURES[key]
    caption = f"Median ({figure.unit}), and below it the middle half and the runs."
    if figure.better:
        caption += f" {figure.better.capitalize()} is better: "
        caption += "×2 is twice as good as the first line."
    head = [_said("Line"), *(_said(card.card, _date(key, card)) for card in cards)]
    body = [
        [_said(name), *(_cell(key, name, card) for card in cards)]
        for name in _line_names(key, cards)
    ]
    return table(head, body, "gpu-table", caption)


def _cell(key: str, name: str, card: Evidence) -> list[nodes.Node]:
    """Say what one card gave for one line, or why it gave nothing."""
    line = _line(key, name, card)
    if line is None:
        if card.dali == ABSENT and name.startswith("DALI"):
            return _said("–", "DALI was absent")
        return _said("–", "not measured" if key in card.figures else "not recorded")
    low, high = map(evidence.number, line.spread)
    small = [f"{low} to {high}", f"{line.runs} runs", f"{line.warm_up} warm-up"]
    if ratio := evidence.ratio(FIGURES[key], _rows(key, card)[0], line):
        small.append(f"×{ratio.rstrip('x')}")
    return _said(evidence.number(line.median), *small)


def _line(key: str, name: str, card: Evidence) -> Row | None:
    return next((line for line in _rows(key, card) if line.name == name), None)


def _rows(key: str, card: Evidence) -> Sequence[Row]:
    return card.figures[key].rows if key in card.figures else ()


def _date(key: str, card: Evidence) -> str:
    return card.figures[key].date if key in card.figures else ""


def _line_names(key: str, cards: Iterable[Evidence]) -> list[str]:
    """Return the names of all cards' lines, each once, in order of appearance."""
    found = (line.name for card in cards for line in _rows(key, card))
    return list(dict.fromkeys(found))


def _said(text: str, *small: str) -> list[nodes.Node]:
    """Return what a cell says, and below it what it says in small print."""
    below = nodes.paragraph(classes=["gpu-small"])
    for part in small:
        below += [nodes.Text(" · ")] * bool(below.children)
        below += nodes.inline(text=part)  # on one line: see the style
    return [nodes.paragraph(text=text), *([below] if small else [])]


def draw(key: str, cards: Sequence[Evidence]) -> tuple[bytes, tuple[int, int]]:
    """Draw the medians as bars, with the middle half as a line across the end.

    Returns:
        A PNG file, and the size at which a page shows it in CSS pixels.
    """
    from matplotlib.figure import Figure as Drawing  # opens no window, unlike pyplot
    from matplotlib.patches import Patch
    from matplotlib.ticker import StrMethodFormatter

    from helpers import plots

    plots.use_style()
    palette = itertools.cycle(plots.PALETTE)
    colours = {card.card: next(palette) for card in cards}
    cards = [card for card in cards if key in card.figures]
    names, bars, y = [], [], 0.0
    for name in _line_names(key, cards):
        names.append((y, name))  # above its bars: there is no room beside them
        for card in cards:
            if line := _line(key, name, card):
                y += 1
                bars.append((y, colours[card.card], line))
        y += GAP
    fig = Drawing(figsize=(WIDTH, FRAME + BAR * (y + len(cards))))
    axis = fig.add_subplot()
    left, right, scale = _span([line for *_, line in bars])
    for y, name in names:
        place = axis.get_yaxis_transform()  # x is a share of the axis
        axis.text(0.01, y, name, transform=place, va="center", parse_math=False)
    for y, colour, line in bars:
        first, third = line.spread
        error = [[line.median - first], [third - line.median]]
        axis.barh(y, line.median, color=colour, xerr=error, ecolor=plots.INK, capsize=2)
        end, text = max(third, left, 0), evidence.number(line.median)
        axis.annotate(text, (end, y), (5, 0), textcoords="offset points", va="center")
    axis.set(xscale=scale, xlim=(left, right), ylim=(bars[-1][0] + 1, -1), yticks=[])
    axis.set_xlabel(FIGURES[key].unit + ", logarithmic" * (scale == "log"))
    if scale == "linear":
        axis.locator_params(axis="x", nbins=4)
        axis.xaxis.set_major_formatter(StrMethodFormatter("{x:,g}"))
    legend = [Patch(color=colours[card.card], label=card.card) for card in cards]
    fig.legend(handles=legend, loc="outside upper left")
    width, height = fig.get_size_inches() * plots.css_width(fig) / WIDTH
    return plots.to_png(fig), (round(width), round(height))


def _span(rows: Sequence[Row]) -> tuple[float, float, str]:
    """Return the ends of the axis and its scale, with room for a number at the end."""
    medians = [line.median for line in rows]
    ends = [end for line in rows for end in line.spread]
    positive = [median for median in medians if median > 0]
    if positive and max(positive) > MOST * min(positive):
        least = min(number for number in [*positive, *ends] if number > 0)
        left = 10.0 ** math.floor(math.log10(least / 2))
        return left, max(ends) * (max(ends) / left) ** ROOM, "log"
    left = min(0, *ends)
    return left, max(ends) + ROOM * (max(ends) - left) or 1, "linear"


def describe(key: str, cards: Iterable[Evidence]) -> str:
    """Say what a chart shows, for a reader who does not see it."""
    said = [f"Bars of the medians ({FIGURES[key].unit})."]
    for card in cards:
        if found := sorted(_rows(key, card), key=lambda line: line.median):
            ends = [
                f"{evidence.number(line.median)} ({line.name})"
                for line in dict.fromkeys([found[0], found[-1]])
            ]
            said.append(f"{card.card}: {' to '.join(ends)}.")
    return " ".join([*said, "The table above has every number."])


def _tests(root: Path) -> list[str]:
    """Return the names of the tests that run on a GPU, in order."""
    tree = ast.parse((root / TESTS).read_text(encoding="utf-8"))
    found = (node.name for node in tree.body if isinstance(node, ast.FunctionDef))
    return [name for name in found if name.startswith("test_")]


def _words(name: str) -> str:
    """Return what a test's name says."""
    capitals = {"cpu": "CPU", "gpu": "GPU", "dali": "DALI"}
    words = name.removeprefix("test_").split("_")
    return " ".join(capitals.get(word, word) for word in words)


def _names(root: Path) -> list[str]:
    return sorted(path.name for path in (root / FOLDER).glob("*.json"))


def setup(app: Sphinx) -> None:
    """Register the directive, its charts and what keeps them up to date."""
    app.add_node(Chart, html=(visit_chart, None))
    app.add_directive("gpu-evidence", GpuEvidence)
    read_again(app, SEEN, _names)
