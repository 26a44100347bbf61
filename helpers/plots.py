"""Figures in one style: labelled, legible, safe for colour-blind readers."""

import io
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from IPython.display import Image, display
from jaxtyping import Float, UInt8
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.colors import PowerNorm
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter
from torch import Tensor

from helpers.text import printable

# Okabe and Ito 2008, "Color Universal Design": eight colours that people with
# any common colour blindness can tell apart. The order puts contrast first.
BLUE = "#0072B2"
VERMILION = "#D55E00"
GREEN = "#009E73"
PURPLE = "#CC79A7"
ORANGE = "#E69F00"
SKY = "#56B4E9"
PALETTE = (BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY)
SLIP, FIX = VERMILION, BLUE  # the same roles in every chapter
INK = "#2B2B2B"
PAPER = "#FFFFFF"
GRID = "#E3E3E3"
HALF = 0.5  # of a class map's peak: what counts as its place
FULL_WIDTH = 7.2  # inches; the book's text column
PIXELS_PER_INCH = 144  # twice the usual 72, for sharp screens
LETTERS = 24  # of a name or a line of a title; there is no room for more
CLASSES_WITH_TEXT = 12  # a confusion matrix of more has no room for numbers

CJK_FONTS = (  # of Linux, macOS and Windows
    "Noto Sans CJK SC", "Noto Sans CJK JP", "WenQuanYi Zen Hei", "PingFang SC",
    "Hiragino Sans GB", "Microsoft YaHei", "SimHei", "Malgun Gothic",
)  # fmt: skip

STYLE: dict[str, Any] = {
    "figure.figsize": (FULL_WIDTH, 3.6),
    "figure.facecolor": PAPER,
    "figure.dpi": PIXELS_PER_INCH,
    "figure.constrained_layout.use": True,
    "savefig.facecolor": PAPER,
    "font.size": 11,
    "font.family": "DejaVu Sans",  # ships with matplotlib: same on every machine
    "text.color": INK,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "axes.titlesize": 12,
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.prop_cycle": plt.cycler(color=PALETTE),
    "grid.color": GRID,
    "xtick.color": INK,
    "ytick.color": INK,
    "lines.linewidth": 2,
    "legend.frameon": False,
}


def use_style() -> None:
    """Set the book's style for every figure that follows.

    Class names may be in any script: fonts with Chinese, Japanese and Korean
    characters stand in where the machine has one and the first font has none.
    """
    there = {font.name for font in font_manager.fontManager.ttflist}
    family = [STYLE["font.family"], *(name for name in CJK_FONTS if name in there)]
    plt.rcParams.update(STYLE | {"font.family": family})


def show(fig: Figure, alt: str) -> None:
    """Display a figure once, as a PNG with a description, and close it.

    Args:
        fig: the figure.
        alt: what is to be seen, for a reader who does not see it: one or two
            sentences with the numbers that matter.

    Raises:
        ValueError: if the description says next to nothing.
    """
    if len(alt.split()) < 5:  # "figure 1", "accuracy plot" and the like
        raise ValueError(f"describe what is seen, not {alt!r}")
    about = {"panels": cuts} if (cuts := panels(fig)) else None
    width = css_width(fig)
    display(Image(to_png(fig), width=width, alt=alt, metadata=about))


def panels(fig: Figure) -> list[float]:
    """Return where a figure may be cut for a phone, as shares of its width.

    Two or three panels side by side, with axes of their own, can stand below each
    other there. What spans them, such as a common legend, keeps them together.
    """
    if fig.legends or fig.texts:
        return []
    with _any_glyph():
        fig.draw_without_rendering()
    columns: list[list[float]] = []  # left and right edges, in pixels
    for axis in fig.axes:
        if not axis.axison:
            return []
        box = axis.get_tightbbox()
        if box is not None:
            columns.append([box.x0, box.x1])
    columns.sort()
    joined = columns[:1]
    for left, right in columns[1:]:
        if left < joined[-1][1]:
            joined[-1][1] = max(joined[-1][1], right)
        else:
            joined.append([left, right])
    if len(joined) not in (2, 3):
        return []
    gaps = zip(joined, joined[1:], strict=False)
    return [round((one[1] + next_[0]) / 2 / fig.bbox.width, 3) for one, next_ in gaps]


def to_png(fig: Figure) -> bytes:
    """Return the figure as the bytes of a PNG file, and close it."""
    buffer = io.BytesIO()
    with _any_glyph():
        # No software version inside: the file is the same on every run.
        fig.savefig(buffer, format="png", metadata={"Software": None})
    plt.close(fig)
    return buffer.getvalue()


@contextmanager
def _any_glyph() -> Iterator[None]:
    """Draw without a warning: a character that no font has is seen to be a box."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", r"Glyph \d+ .*missing from font")
        yield


def css_width(fig: Figure) -> int:
    """Return the width at which a page shows the figure, in CSS pixels."""
    return round(fig.get_figwidth() * PIXELS_PER_INCH / 2)


def to_picture(
    image: Float[Tensor, "3 h w"] | UInt8[Tensor, "3 h w"],
    mean: Sequence[float] | None = None,
    std: Sequence[float] | None = None,
) -> np.ndarray:
    """Return ``[H, W, 3]`` in [0, 1] for ``imshow``, normalisation undone."""
    picture = image.detach().cpu().float()
    if not image.is_floating_point():
        picture = picture / 255  # the largest uint8
    if mean is not None and std is not None:
        picture = picture * picture.new_tensor(std).view(3, 1, 1)  # [3] -> [3, 1, 1]
        picture = picture + picture.new_tensor(mean).view(3, 1, 1)
    return picture.clamp(0, 1).permute(1, 2, 0).numpy()  # [3, H, W] -> [H, W, 3]


def image_grid(
    images: Sequence[Tensor],
    titles: Sequence[str] | None = None,
    *,
    columns: int = 6,
    mean: Sequence[float] | None = None,
    std: Sequence[float] | None = None,
) -> Figure:
    """Return a figure with one small picture per image.

    Args:
        images: tensors ``[3, H, W]``, ``uint8`` or float; with ``mean`` and
            ``std`` the normalisation is undone.
        titles: a short text above each picture, of one or more lines.
        columns: pictures in a row.
    """
    fig, axes = _grid(len(images), titles, columns)
    for axis, image in zip(axes, images, strict=False):
        axis.imshow(to_picture(image, mean, std))
    return fig


def cam_grid(
    images: Sequence[Tensor],
    maps: Sequence[Tensor],
    titles: Sequence[str] | None = None,
    *,
    columns: int = 6,
) -> Figure:
    """Return a figure with each picture in grey and its class map laid over it.

    Yellow is where the map is high; a line marks half of its peak, so that the
    place can be told without colour.

    Args:
        images: tensors ``[3, H, W]``, ``uint8`` or float in [0, 1].
        maps: tensors ``[H, W]`` in [0, 1], see
            :func:`helpers.evaluation.gradcam.enlarge`.
        titles, columns: as for :func:`image_grid`.
    """
    fig, axes = _grid(len(images), titles, columns)
    for axis, image, heat in zip(axes, images, maps, strict=False):
        values = heat.detach().cpu().numpy()
        axis.imshow(to_picture(image).mean(2), cmap="gray", vmin=0, vmax=1)
        axis.imshow(values, cmap="inferno", alpha=0.75 * values, vmin=0, vmax=1)
        if values.max() > HALF:  # a map that is zero everywhere has no peak
            axis.contour(values, [HALF], colors=PAPER, linewidths=1.2)
    return fig


def _literal(text: str) -> str:
    """Return a text for matplotlib, to which dollars mean mathematics.

    A line that is far too long for its place loses its end.
    """
    lines = (
        line if len(line) <= LETTERS else f"{line[: LETTERS - 1]}…"
        for line in text.split("\n")
    )
    return "\n".join(lines).replace("$", r"\$")


def _grid(
    count: int, titles: Sequence[str] | None, columns: int
) -> tuple[Figure, list[Axes]]:
    """Return a figure with room for ``count`` pictures and their titles."""
    rows = -(-count // columns)
    side = FULL_WIDTH / columns
    lines = max((title.count("\n") + 1 for title in titles), default=0) if titles else 0
    points = 11 if columns < 6 else 9  # of the titles: as large as there is room
    room = 0.1 + 0.02 * points * lines if lines else 0.0  # inches
    fig, axes = plt.subplots(
        rows, columns, figsize=(FULL_WIDTH, rows * (side + room)), squeeze=False
    )
    for position, axis in enumerate(axes.flat):
        axis.axis("off")
        if titles and position < count:
            axis.set_title(_literal(titles[position]), fontsize=points, loc="center")
    return fig, list(axes.flat)


def best_epoch(history: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """Return the record of the epoch with the lowest validation loss."""
    return min(history, key=lambda record: record["val_loss"])


def learning_curves(history: Sequence[Mapping[str, Any]]) -> Figure:
    """Return loss and accuracy over the epochs, the best validation loss marked.

    Args:
        history: one mapping an epoch, with the fields of
            :class:`helpers.training.epochs.Epoch`.
    """
    epochs = [record["number"] for record in history]
    fig, (left, right) = plt.subplots(1, 2, figsize=(FULL_WIDTH, 3.0))
    for key, label, colour, line in (
        ("train_loss", "training", ORANGE, "--"),
        ("val_loss", "validation", BLUE, "-"),
    ):
        values = [record[key] for record in history]
        left.plot(epochs, values, line, marker=".", color=colour, label=label)
    best = best_epoch(history)
    left.axvline(best["number"], color=INK, lw=1, ls=":")
    left.plot(best["number"], best["val_loss"], "o", color=BLUE, ms=8, label="best")
    left.set(xlabel="epoch", ylabel="loss (nats)")
    left.legend()
    for axis in (left, right):
        axis.xaxis.get_major_locator().set_params(integer=True)
    accuracy = [100 * record["val_accuracy"] for record in history]
    right.plot(epochs, accuracy, marker=".", color=BLUE)
    right.axvline(best["number"], color=INK, lw=1, ls=":")
    right.set(xlabel="epoch", ylabel="validation accuracy (%)")
    return fig


def confusion_heatmap(
    counts: Tensor | np.ndarray,
    class_names: Sequence[str],
    *,
    ax: Axes | None = None,
    colour_bar: bool | None = None,
) -> Figure:
    """Return a confusion matrix as a heat map: rows true, columns predicted.

    The colour is the share of the row (recall on the diagonal). With up to twelve
    classes each cell holds the count and, below it, that share. With more, cells
    hold no text, only some classes are named, and the colour follows the square
    root, so that 1 % is seen. A class without images has a grey row.

    Args:
        counts: ``[C, C]`` integers, for instance ``Predictions.confusion()``.
        class_names: in the order of the rows, ``dataset.classes``.
        colour_bar: whether to explain the colours; ``None``: where no text does.

    Raises:
        ValueError: if there is not one name per row and column.
    """
    import seaborn as sns

    counts, c = np.asarray(counts), len(class_names)
    if counts.shape != (c, c):
        raise ValueError(f"{c} class names for a matrix of shape {counts.shape}")
    if ax is None:
        side = min(2.4 + 0.55 * c, FULL_WIDTH)  # inches: labels, then a cell each
        _, ax = plt.subplots(figsize=(side, side))
    figure = ax.get_figure()
    assert isinstance(figure, Figure)
    total = counts.sum(1, keepdims=True)
    share = counts / np.where(total, total, np.nan)  # NaN is left out: grey
    with_text = c <= CLASSES_WITH_TEXT
    with_bar = not with_text if colour_bar is None else colour_bar
    text = None
    if with_text:
        pairs = zip(counts.flat, np.nan_to_num(share).flat, strict=True)
        cells = [f"{n}\n{'<1%' if 0 < s < 0.01 else f'{s:.0%}'}" for n, s in pairs]
        text = np.reshape(cells, (c, c))
    ax.set_facecolor(GRID)
    sns.heatmap(
        share,
        annot=text,
        fmt="",
        cmap="Blues",
        norm=PowerNorm(1 if with_text else 0.5, 0, 1),
        linewidths=1 if with_text else 0,
        square=True,
        xticklabels=False,
        yticklabels=False,
        cbar=with_bar,
        cbar_kws={
            "label": "share of the true class",
            "location": "top",
            "aspect": 40,
            "ticks": [0, 0.1, 0.25, 0.5, 1],
            "format": PercentFormatter(1),
        },
        ax=ax,
    )
    step = next(
        s for s in (1, 2, 5, 10, 20, 50, 100, 1000, c) if c <= s * CLASSES_WITH_TEXT
    )
    ticks = np.arange(0, c, step) + 0.5
    names = [_literal(printable(name)) for name in class_names[::step]]
    room = ax.get_window_extent().width / c * step * 72 / figure.dpi  # points
    tilt: dict[str, Any] = {"rotation": 45, "ha": "right", "rotation_mode": "anchor"}
    ax.set_xticks(ticks, names, **tilt if max(map(len, names)) * 7 > room else {})
    ax.set_yticks(ticks, names)
    ax.set(xlabel="predicted class", ylabel="true class")
    with _any_glyph():
        figure.draw_without_rendering()  # only now the size of a cell is known
    cell = ax.get_window_extent().width / c * 72 / figure.dpi  # points
    for label in ax.texts:
        zero = label.get_text().startswith("0\n")
        label.set(fontsize=min(0.3 * cell, 15), alpha=0.35 if zero else 1)
    return figure
