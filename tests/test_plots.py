"""Figures: what stands in them, whatever the number of classes."""

import numpy as np
import pytest
import torch
from matplotlib import pyplot as plt

from helpers import plots


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def names(count):
    return [f"class {k}" for k in range(count)]


def counts(count, seed=0):
    return torch.from_numpy(np.random.default_rng(seed).integers(0, 60, (count, count)))


@pytest.mark.parametrize("count", [2, 6, 12])
def test_a_small_confusion_matrix_shows_counts_and_row_percentages(count):
    matrix = counts(count)
    (axis,) = plots.confusion_heatmap(matrix, names(count)).axes
    texts = [text.get_text() for text in axis.texts]
    assert len(texts) == count**2
    share = matrix / matrix.sum(1, keepdim=True)
    assert texts[0] == f"{matrix[0, 0]}\n{share[0, 0]:.0%}"
    assert [t.get_text() for t in axis.get_yticklabels()] == names(count)
    assert (axis.get_xlabel(), axis.get_ylabel()) == ("predicted class", "true class")


@pytest.mark.parametrize("count", [13, 100, 1000])
def test_a_large_one_names_some_classes_and_explains_its_colours(count):
    axis, bar = plots.confusion_heatmap(counts(count), names(count)).axes
    assert not axis.texts
    assert 2 <= len(axis.get_yticklabels()) <= plots.CLASSES_WITH_TEXT
    assert axis.get_yticklabels()[1].get_text() in names(count)
    assert bar.get_xlabel() == "share of the true class"


def test_a_class_without_images_has_no_share():
    matrix = torch.tensor([[3, 1], [0, 0]])
    (axis,) = plots.confusion_heatmap(matrix, ["a", "b"]).axes
    drawn = axis.collections[0].get_array()
    assert np.ma.count_masked(drawn) == 2  # the grey row
    assert [text.get_text() for text in axis.texts] == ["3\n75%", "1\n25%"]


def test_a_share_below_one_per_cent_is_not_nothing():
    matrix = torch.tensor([[999, 1], [0, 5]])
    (axis,) = plots.confusion_heatmap(matrix, ["a", "b"]).axes
    assert [t.get_text() for t in axis.texts] == [
        "999\n100%",
        "1\n<1%",
        "0\n0%",
        "5\n100%",
    ]


def test_names_and_matrix_must_fit():
    with pytest.raises(ValueError, match="3 class names for a matrix of shape"):
        plots.confusion_heatmap(counts(2), names(3))


def test_titles_have_room_and_empty_places_stay_empty():
    images = [torch.zeros(3, 8, 8, dtype=torch.uint8)] * 5
    one, two = (
        plots.image_grid(images, [text] * 5, columns=4) for text in ("a", "a\nb")
    )
    assert len(one.axes) == 8
    assert [a.get_title() for a in one.axes] == ["a"] * 5 + [""] * 3
    assert two.get_figheight() > one.get_figheight()


def test_a_class_map_is_outlined_at_half_its_peak():
    images = [torch.zeros(3, 16, 16, dtype=torch.uint8)] * 2
    heat = torch.zeros(16, 16)
    heat[4:8, 4:8] = 1.0
    figure = plots.cam_grid(images, [heat, torch.zeros(16, 16)], columns=2)
    with_map, without = figure.axes
    assert len(with_map.collections) == 1
    assert not without.collections  # nothing to outline, and no warning


def test_the_best_epoch_is_marked():
    history = [
        {"number": k, "train_loss": 1 / k, "val_loss": loss, "val_accuracy": 0.5}
        for k, loss in ((1, 0.9), (2, 0.4), (3, 0.6))
    ]
    left, right = plots.learning_curves(history).axes
    assert [
        line.get_xdata()[0] for line in left.lines if line.get_label() == "best"
    ] == [2]
    assert right.lines[0].get_ydata().tolist() == [50, 50, 50]


def test_a_picture_is_the_same_every_time():
    first, second = (
        plots.to_png(
            plots.learning_curves(
                [{"number": 1, "train_loss": 1.0, "val_loss": 1.0, "val_accuracy": 0.5}]
            )
        )
        for _ in range(2)
    )
    assert first == second
    assert first.startswith(b"\x89PNG")
