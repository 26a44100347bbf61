"""The page *Shapes*: a picture through the network, measured by running it.

Every number is read from a real network: the shapes from
``helpers.model.resnet.shape_trace``, strides, kernels and shortcuts from its layers.
"""

import html
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from docutils import nodes
from sphinx.application import Sphinx

from seventeen.common import table
from seventeen.notebook_pages import NotebookDirective

if TYPE_CHECKING:
    from torch import nn

MODULE = Path("helpers", "model", "resnet.py")
SIDE, CLASSES = 64, 6  # of the book's pictures: pixels, classes
STRIDE, SHORTCUT, LOGITS, GRADCAM = 3, 4, 5, 12  # notes

# Of the drawing; lengths in its own unit, about a CSS pixel on a phone.
WIDTH = 290
PER_PIXEL = 1.3  # side of a block's front, for each pixel of the map
PER_CHANNEL = (0.5, 0.2)  # how far a block goes back: to the right, upwards
LEFT, TEXT = 4, 136  # where blocks and their shapes begin
STEP = 68  # height of an arrow with its two lines of text
TOP, LINE = 8, 17
HEAD = 5  # of an arrow


@dataclass(frozen=True)
class Step:
    """What happens between two tensors.

    Attributes:
        name: the layers, as the network calls them.
        what: what they do, in a few words.
        before: the shape of the input, without N.
        after: the shape of the output, without N.
        parameters: how many the layers hold.
        notes: the chapters that explain the step.
    """

    name: str
    what: str
    before: tuple[int, ...]
    after: tuple[int, ...]
    parameters: int
    notes: tuple[int, ...] = ()


def written(shape: tuple[int, ...]) -> str:
    """Write a shape as the chapters do.

    >>> written((3, 64, 64))
    '[N, 3, 64, 64]'
    """
    return f"[{', '.join(['N', *map(str, shape)])}]"


def trace() -> list[Step]:
    """Run the book's network once and return its steps."""
    # It loads PyTorch: only if there is something to draw.
    from helpers.model.resnet import ResNet, shape_trace

    network = ResNet(CLASSES)
    rows = {row.name: row for row in shape_trace(network, (1, 3, SIDE, SIDE))}
    groups = [("conv1", "bn1", "relu"), *((f"layer{k}",) for k in (1, 2, 3, 4))]
    groups += [("avgpool",), ("fc",)]
    steps: list[Step] = []
    before: tuple[int, ...] = (3, SIDE, SIDE)
    for names in groups:
        after = rows[names[-1]].output[1:]
        what, notes = describe(getattr(network, names[0]))
        if names == ("layer4",):
            notes = (*notes, GRADCAM)
        parameters = sum(rows[name].parameters for name in names)
        steps.append(Step(", ".join(names), what, before, after, parameters, notes))
        before = after
    return steps


def describe(layer: "nn.Module") -> tuple[str, tuple[int, ...]]:
    """Say what a layer does, and which notes are about that."""
    from torch import nn

    from helpers.model.resnet import BasicBlock

    if isinstance(layer, nn.Conv2d):
        side, stride = layer.kernel_size[0], layer.stride[0]
        return f"{side}×{side} convolution, stride {stride}", ()
    if isinstance(layer, nn.Sequential):
        first = layer[0]
        assert isinstance(first, BasicBlock)
        count = "one block" if len(layer) == 1 else f"{len(layer)} blocks"
        stride = first.conv1.stride[0]
        shortcut = "identity" if first.downsample is None else "projection"
        notes = [STRIDE] * (stride > 1) + [SHORTCUT] * (shortcut == "projection")
        return f"{count}, stride {stride}, {shortcut}", tuple(notes)
    if isinstance(layer, nn.AdaptiveAvgPool2d):
        return "mean over each map", (GRADCAM,)
    assert isinstance(layer, nn.Linear)
    return "flatten, one linear layer: logits", (LOGITS,)


def draw(steps: list[Step]) -> str:
    """Return the drawing: tensors from top to bottom, and a step between any two."""
    shapes = [steps[0].before, *(step.after for step in steps)]
    parts, y = [], float(TOP)
    for position, shape in enumerate(shapes):
        block, height = cuboid(shape, y)
        middle = y + height / 2 + 5  # half the letters' height
        parts += [block, text(TEXT, middle, written(shape), "shape-size")]
        y += height
        if position < len(steps):
            parts.append(arrow(steps[position], y))
            y += STEP
    said = "; ".join(f"{step.name} to {written(step.after)}" for step in steps)
    title = "The shapes of the tensors on the way through the network"
    description = f"From top to bottom, {written(shapes[0])}: {said}."
    return (
        f'<svg class="shape-trace" viewBox="0 0 {WIDTH} {y + TOP:.0f}" role="img" '
        'aria-labelledby="shape-title shape-desc">'
        f'<title id="shape-title">{title}</title>'
        f'<desc id="shape-desc">{html.escape(description)}</desc>'
        f"{''.join(parts)}</svg>"
    )


def cuboid(shape: tuple[int, ...], top: float) -> tuple[str, float]:
    """Draw a tensor: front as large as the map, depth by its channels."""
    channels, *sides = shape
    side = (sides[0] if sides else 1) * PER_PIXEL
    right, up = (channels * unit for unit in PER_CHANNEL)
    x, y = LEFT, top + up
    faces = (
        ("top", [(x, y), (x + right, top), (x + right + side, top), (x + side, y)]),
        (
            "side",
            [
                (x + side, y),
                (x + side + right, top),
                (x + side + right, top + side),
                (x + side, y + side),
            ],
        ),
        ("front", [(x, y), (x + side, y), (x + side, y + side), (x, y + side)]),
    )
    drawn = "".join(
        f'<polygon class="shape-{name}" points="{_points(corners)}"/>'
        for name, corners in faces
    )
    return drawn, up + side


def arrow(step: Step, top: float) -> str:
    """Draw a step: an arrow, the layers' names and what they do."""
    x, start, end = LEFT + 12, top + 10, top + STEP - 12
    head = [(x - HEAD, end - HEAD), (x, end), (x + HEAD, end - HEAD)]
    middle = top + STEP / 2
    return (
        f'<polyline class="shape-arrow" points="{x},{start:.1f} {x},{end:.1f}"/>'
        f'<polyline class="shape-arrow" points="{_points(head)}"/>'
        + text(x + 16, middle - 2, step.name, "shape-name")
        + text(x + 16, middle - 2 + LINE, step.what, "shape-what")
    )


def text(x: float, y: float, words: str, name: str) -> str:
    """Return a line of text."""
    return f'<text x="{x}" y="{y:.1f}" class="{name}">{html.escape(words)}</text>'


def _points(corners: Iterable[tuple[float, float]]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in corners)


class ShapeTrace(NotebookDirective):
    """``shape-trace``: the drawing, then the same as a table."""

    def run(self) -> list[nodes.Node]:
        """Run the network and draw what came of it."""
        self.env.note_dependency(str(Path(self.env.srcdir) / MODULE))
        self.env.note_dependency(__file__)
        steps = trace()
        assert all(one.after == two.before for one, two in pairwise(steps))
        documents = {note.number: note.document for note in self.notebooks()}
        rows: list[Sequence[str | nodes.Node]] = []
        for step in steps:
            layers = nodes.paragraph("", "", nodes.literal(text=step.name))
            layers += nodes.Text(f" {step.what}")
            for note in step.notes:
                layers += nodes.Text(", ")
                layers += self.link(documents[note], f"note {note}")
            change = nodes.paragraph(classes=["shape-change"])
            change += nodes.inline(text=f"{written(step.before)} →")
            change += nodes.Text(" ")
            change += nodes.inline(text=written(step.after))
            rows.append([layers, change, f"{step.parameters:,}"])
        head = ("Step", "Shape", "Parameters")
        drawing = nodes.raw("", draw(steps), format="html")
        return [drawing, table(head, rows, "shape-table")]


def setup(app: Sphinx) -> None:
    """Register the directive."""
    app.add_directive("shape-trace", ShapeTrace)
