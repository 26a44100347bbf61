"""Figures in one style: labelled, legible, safe for colour-blind readers."""

import io
from collections.abc import Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from IPython.display import Image, display
from jaxtyping import Float, UInt8
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import Tensor

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
FULL_WIDTH = 7.2  # inches; the book's text column
PIXELS_PER_INCH = 144  # twice the usual 72, for sharp screens

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
    """Set the book's style for every figure that follows."""
    plt.rcParams.update(STYLE)  # type: ignore[arg-type]


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
    buffer = io.BytesIO()
    # No software version inside: the file is the same on every run.
    fig.savefig(buffer, format="png", metadata={"Software": None})
    plt.close(fig)
    width = round(fig.get_figwidth() * PIXELS_PER_INCH / 2)
    display(Image(buffer.getvalue(), width=width, alt=alt))


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
        titles: a short text above each picture.
        columns: pictures in a row.
    """
    rows = -(-len(images) // columns)
    side = FULL_WIDTH / columns
    title_room = 0.28 if titles else 0.0  # inches for one line of text
    fig, axes = plt.subplots(
        rows, columns, figsize=(FULL_WIDTH, rows * (side + title_room)), squeeze=False
    )
    for axis in axes.flat:
        axis.axis("off")
    for position, (axis, image) in enumerate(zip(axes.flat, images, strict=False)):
        axis.imshow(to_picture(image, mean, std))
        if titles:
            axis.set_title(titles[position], fontsize=9, loc="center")
    return fig


def confusion_heatmap(
    counts: Tensor, class_names: Sequence[str], *, ax: Axes | None = None
) -> Figure:
    """Return a confusion matrix as a heat map: rows true, columns predicted.

    The colour is the share of the row (recall on the diagonal); the number is
    the count.

    Args:
        counts: ``[C, C]`` integers, for instance ``Predictions.confusion()``.
        class_names: in the order of the rows, ``dataset.classes``.
    """
    import seaborn as sns

    if ax is None:
        side = 2.4 + 0.55 * len(class_names)  # inches: labels, then a cell each
        _, ax = plt.subplots(figsize=(min(side + 0.8, FULL_WIDTH), side))
    share = counts / counts.sum(1, keepdim=True).clamp_min(1)
    sns.heatmap(
        share.numpy(),
        annot=counts.numpy(),
        fmt="d",
        cmap="Blues",
        vmin=0,
        vmax=1,
        square=True,
        xticklabels=list(class_names),
        yticklabels=list(class_names),
        cbar_kws={"label": "share of the true class"},
        ax=ax,
    )
    ax.set(xlabel="predicted class", ylabel="true class")
    ax.tick_params(axis="y", rotation=0)
    figure = ax.get_figure()
    assert isinstance(figure, Figure)
    return figure
