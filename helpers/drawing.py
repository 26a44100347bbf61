"""Drawn models: boxes, bars, arrows and words that show how something works.

All drawings share one style and the colours of the figures. A board is 100 units
wide, the book's text column; its height is in the same unit, and y grows downwards.
"""

from typing import Any

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from helpers.plots import FULL_WIDTH, INK, PAPER

UNITS = 100  # across a board
TINT = 0.16  # share of the colour in a box's ground; text on it stays legible
TEXT = 11  # points; on a phone about 7


def board(height: float) -> tuple[Figure, Axes]:
    """Return an empty figure to draw on.

    Args:
        height: in units; the width is 100.
    """
    size = FULL_WIDTH, FULL_WIDTH * height / UNITS
    figure = plt.figure(figsize=size, layout="none")
    axis = figure.add_axes((0, 0, 1, 1))
    axis.set(xlim=(0, UNITS), ylim=(height, 0))
    axis.axis("off")
    return figure, axis


def box(
    axis: Axes,
    place: tuple[float, float, float, float],
    text: str = "",
    *,
    colour: str = INK,
    solid: bool = False,
    dashed: bool = False,
) -> None:
    """Draw a box with a text in its middle.

    Args:
        place: left, top, width and height.
        colour: of the edge, and tinted of the ground.
        solid: fill it with the colour itself; the text is then white.
        dashed: draw a broken edge, for what is missing or has been freed.
    """
    left, top, width, height = place
    shade = tuple(TINT * c + 1 - TINT for c in to_rgb(colour))
    axis.add_patch(
        FancyBboxPatch(
            (left, top), width, height,
            boxstyle="round,pad=0,rounding_size=0.8",
            facecolor=colour if solid else (PAPER if dashed else shade),
            edgecolor=colour, linewidth=1.4, linestyle="--" if dashed else "-",
        )
    )  # fmt: skip
    words(
        axis, (left + width / 2, top + height / 2), text,
        colour=PAPER if solid else INK, bold=solid,
    )  # fmt: skip


def arrow(
    axis: Axes,
    start: tuple[float, float],
    end: tuple[float, float],
    text: str = "",
    *,
    colour: str = INK,
    dashed: bool = False,
    bend: float = 0.0,
) -> None:
    """Draw an arrow, with a text above its middle.

    Args:
        bend: how far its middle lies from the straight line, as a share of its length.
    """
    axis.add_patch(
        FancyArrowPatch(
            start, end,
            arrowstyle="-|>", mutation_scale=13, shrinkA=0, shrinkB=0,
            color=colour, linewidth=1.6, linestyle="--" if dashed else "-",
            connectionstyle=f"arc3,rad={bend}",
        )
    )  # fmt: skip
    middle = ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2 - 1)
    words(axis, middle, text, colour=colour, va="bottom")


def words(
    axis: Axes,
    place: tuple[float, float],
    text: str,
    *,
    colour: str = INK,
    bold: bool = False,
    **kwargs: Any,
) -> None:
    """Write a text; centred on its place unless ``ha`` and ``va`` say otherwise.

    Args:
        **kwargs: those of ``matplotlib.axes.Axes.text``.
    """
    style: dict[str, Any] = {"ha": "center", "va": "center", "fontsize": TEXT}
    axis.text(
        *place, text, color=colour, weight="bold" if bold else "normal",
        **(style | kwargs),
    )  # fmt: skip
