"""Collecting predictions, and what is counted from them."""

import math

import pytest
import torch
from torch import nn

from helpers.errors import UserError
from helpers.evaluation.predictions import (
    Predictions,
    collect,
    confusion_table,
    require_finite,
)

BATCHES = [
    (torch.randn(n, 3, 8, 8), torch.arange(n) % 3) for n in (4, 4, 3)
]  # the last one is short


def network():
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Dropout(0.5), nn.Flatten(),
        nn.Linear(144, 3),
    )  # fmt: skip


def test_every_image_is_answered_once_and_in_order():
    model = network().eval()
    answers = collect(model, BATCHES)
    expected = torch.cat([model(images) for images, _ in BATCHES])
    assert torch.allclose(answers.logits, expected)
    assert answers.targets.tolist() == [0, 1, 2, 0, 0, 1, 2, 0, 0, 1, 2]
    assert not answers.logits.requires_grad
    assert not answers.logits.is_inference()  # can be used in later training code


def test_batch_norm_stays_as_it_was_and_modes_come_back():
    model = network()
    model[1].eval()
    before = {k: v.clone() for k, v in model.state_dict().items()}
    first = collect(model, BATCHES).logits
    assert torch.equal(first, collect(model, BATCHES).logits)  # no dropout
    assert all(torch.equal(v, before[k]) for k, v in model.state_dict().items())
    assert model.training
    assert not model[1].training


def test_modes_come_back_after_an_error():
    model = network()
    with pytest.raises(RuntimeError):
        collect(model, [(torch.zeros(1, 5, 8, 8), torch.zeros(1))])
    assert model.training


def test_an_empty_loader_is_refused():
    with pytest.raises(ValueError, match="nothing to evaluate"):
        collect(network(), [])


def test_counts_agree_with_scikit_learn():
    from sklearn.metrics import accuracy_score, confusion_matrix, log_loss

    torch.manual_seed(1)
    logits, targets = torch.randn(50, 4), torch.randint(0, 3, (50,))  # class 3 absent
    answers = Predictions(logits, targets)
    classes = logits.argmax(1)
    expected = confusion_matrix(targets, classes, labels=range(4))
    assert answers.confusion().tolist() == expected.tolist()
    assert answers.accuracy == pytest.approx(accuracy_score(targets, classes))
    probabilities = logits.double().softmax(1).numpy()
    loss = log_loss(targets, probabilities, labels=range(4))
    assert answers.loss == pytest.approx(loss, rel=1e-5)


def test_confusion_table_shows_counts_and_recall():
    logits = torch.eye(2)[[0, 0, 1, 1]]
    answers = Predictions(logits, torch.tensor([0, 0, 0, 1]))
    lines = confusion_table(answers, ["cat", "a long name"]).split("\n")
    assert lines[1].split() == ["cat", "2", "1", "0.667"]
    assert lines[2].split() == ["a", "long", "name", "0", "1", "1.000"]
    assert len({len(line) for line in lines}) == 1


def test_with_many_classes_the_table_stays_narrow():
    names = [f"class {k}" for k in range(13)] + ["nobody"]
    targets = torch.arange(13).repeat(10)
    predicted = targets.clone()
    predicted[[0, 13, 26]] = torch.tensor([5, 5, 7])  # three of class 0
    answers = Predictions(torch.eye(14)[predicted], targets)
    lines = confusion_table(answers, names).split("\n")
    assert lines[1].split() == ["class", "0", "10", "0.700", "class", "5", "(2)"]
    assert lines[2].split() == ["class", "1", "10", "1.000"]
    assert lines[-1].split() == ["nobody", "0", "-"]
    assert max(map(len, lines)) < 80


def test_recall_and_precision_of_a_class_without_images_are_no_number():
    answers = Predictions(torch.eye(3)[[0, 0, 1]], torch.tensor([0, 1, 1]))
    assert answers.recall[:2].tolist() == [1, 0.5]
    assert answers.precision[:2].tolist() == [0.5, 1]
    assert answers.recall[2].isnan()
    assert answers.precision[2].isnan()


@pytest.mark.parametrize("first", [math.nan, math.inf, -math.inf, 3e38])
def test_answers_that_are_no_numbers_are_refused(first):
    """The last logits are finite, but not the loss of their difference."""
    logits = torch.tensor([[1.0, 0.0], [first, -3e38 if first == 3e38 else 0.0]])
    answers = Predictions(logits, torch.tensor([0, 1]))
    if not first < math.inf:
        assert math.isnan(answers.accuracy)  # argmax would name a class
    with pytest.raises(UserError, match="The network answers 1 of 2 images with NaN"):
        require_finite(answers, "The network")
    good = Predictions(torch.eye(2), torch.tensor([0, 1]))
    assert require_finite(good, "The network") is good
