"""The training loop against a bare one, and checkpoints."""

import errno
import os
import pickle
import re

import pytest
import torch
from torch import nn
from torch.optim import SGD, AdamW
from torch.optim.lr_scheduler import CosineAnnealingLR, OneCycleLR

from helpers import training
from helpers.errors import UserError

LOSS = nn.functional.cross_entropy


def separable(batches=5, n=8, last=3):
    """Return batches of points that a linear model can tell apart; a short last."""
    generator = torch.Generator().manual_seed(0)
    sizes = [n] * (batches - 1) + [last]
    made = []
    for size in sizes:
        targets = torch.randint(0, 2, (size,), generator=generator)
        images = torch.randn(size, 3, 4, 4, generator=generator)
        images[:, 0] += 2.0 * targets.view(-1, 1, 1) - 1
        made.append((images, targets))
    return made


def linear():
    torch.manual_seed(0)
    return nn.Sequential(nn.Flatten(), nn.Linear(48, 2))


def test_the_loop_is_the_bare_loop():
    """The same weights, bit for bit, as the six lines that everybody writes."""
    batches, bare, ours = separable(), linear(), linear()
    optimizer = SGD(bare.parameters(), 0.1, momentum=0.9)
    scheduler = OneCycleLR(optimizer, 0.1, total_steps=15)
    for _ in range(3):
        for images, targets in batches:
            optimizer.zero_grad()
            LOSS(bare(images), targets).backward()
            optimizer.step()
            scheduler.step()
    optimizer = SGD(ours.parameters(), 0.1, momentum=0.9)
    scheduler = OneCycleLR(optimizer, 0.1, total_steps=15)
    training.fit(
        ours, batches, batches, epochs=3, optimizer=optimizer, scheduler=scheduler,
        loss_fn=LOSS, progress=False,
    )  # fmt: skip
    assert all(
        torch.equal(a, b)
        for a, b in zip(bare.parameters(), ours.parameters(), strict=True)
    )


def test_it_learns_and_reports_every_epoch():
    batches, seen = separable(), []
    model = linear()
    history = training.fit(
        model, batches, batches, epochs=8, optimizer=AdamW(model.parameters(), 0.05),
        loss_fn=LOSS, progress=False, on_epoch=seen.append,
    )  # fmt: skip
    assert seen == history
    assert [epoch.number for epoch in history] == list(range(1, 9))
    assert history[-1].val_accuracy >= 0.95
    assert history[-1].val_loss < history[0].val_loss
    assert re.match(r"epoch +8 +train loss 0\.\d{4} +val loss", str(history[-1]))


def test_train_loss_is_the_mean_over_images_not_batches():
    batches, model = separable(last=1), linear()
    frozen = SGD(model.parameters(), 0.0)  # weights stand still: the loss is known
    history = training.fit(
        model, batches, batches, epochs=1, optimizer=frozen, loss_fn=LOSS,
        progress=False,
    )  # fmt: skip
    assert history[0].train_loss == pytest.approx(history[0].val_loss, rel=1e-5)


@pytest.mark.parametrize(("unit", "steps"), [("step", 15), ("epoch", 3)])
def test_the_scheduler_is_stepped_in_its_unit(unit, steps):
    model = linear()
    optimizer = SGD(model.parameters(), 0.1)
    scheduler = CosineAnnealingLR(optimizer, T_max=steps)
    history = training.fit(
        model, separable(), separable(), epochs=3, optimizer=optimizer,
        scheduler=scheduler, schedule_per=unit, loss_fn=LOSS, progress=False,
    )  # fmt: skip
    assert scheduler.last_epoch == steps
    assert optimizer.param_groups[0]["lr"] == pytest.approx(0, abs=1e-9)
    if unit == "epoch":  # the first epoch is trained at the first rate
        assert history[0].lr == 0.1


@pytest.mark.parametrize("wrong", ["batch", "", None])
def test_an_unknown_unit_is_refused(wrong):
    with pytest.raises(Exception, match="schedule_per"):
        training.fit(
            linear(), separable(), separable(), epochs=1, loss_fn=LOSS,
            optimizer=SGD(linear().parameters()), schedule_per=wrong,
        )  # fmt: skip


def test_an_empty_training_loader_is_refused():
    model = linear()
    with pytest.raises(ValueError, match="gave no batch"):
        training.fit(
            model, [], separable(), epochs=1, optimizer=SGD(model.parameters()),
            loss_fn=LOSS, progress=False,
        )  # fmt: skip


def test_a_loss_that_is_not_finite_stops_the_run():
    model, batches = linear(), separable()
    batches[1][0][0] = float("nan")
    with pytest.raises(FloatingPointError, match="epoch 1 is nan"):
        training.fit(
            model, batches, batches, epochs=3, optimizer=SGD(model.parameters(), 0.1),
            loss_fn=LOSS, progress=False,
        )  # fmt: skip


def test_seeding_reaches_python_numpy_and_torch():
    import random

    import numpy as np

    def draw():
        return random.random(), np.random.rand(), torch.rand(1).item()

    training.seed_everything(3)
    first = draw()
    training.seed_everything(3)
    assert draw() == first
    assert draw() != first


# --- checkpoints -------------------------------------------------------------


def test_a_checkpoint_comes_back(tmp_path):
    model, path = linear(), tmp_path / "new" / "model.pt"
    training.save_checkpoint(path, {"model": model.state_dict(), "classes": ["a", "b"]})
    loaded = training.load_checkpoint(path)
    assert loaded["classes"] == ["a", "b"]
    assert loaded["versions"]["torch"] == torch.__version__
    assert torch.equal(loaded["model"]["1.weight"], model[1].weight)
    assert os.listdir(path.parent) == ["model.pt"]


def test_a_failed_write_keeps_the_old_checkpoint(tmp_path, monkeypatch):
    path = tmp_path / "model.pt"
    training.save_checkpoint(path, {"epoch": 1})

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(torch, "save", full)
    with pytest.raises(UserError, match="No space left"):
        training.save_checkpoint(path, {"epoch": 2})
    monkeypatch.undo()
    assert training.load_checkpoint(path)["epoch"] == 1
    assert os.listdir(tmp_path) == ["model.pt"]


def test_an_unwritable_place_is_found_before_training(tmp_path):
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(UserError, match="cannot be written"):
        training.require_writable(file / "model.pt")
    with pytest.raises(UserError, match="is a folder"):
        training.require_writable(tmp_path)
    good = tmp_path / "model.pt"
    good.write_text("precious")
    training.require_writable(good)
    assert good.read_text() == "precious"
    assert sorted(os.listdir(tmp_path)) == ["file", "model.pt"]


class Bomb:
    """Would run code when it is unpickled without care."""

    def __reduce__(self):
        return os.mkdir, ("exploded",)


@pytest.mark.parametrize("kind", ["missing", "text", "pickle", "tensor", "truncated"])
def test_what_is_not_a_checkpoint_gets_one_sentence(tmp_path, monkeypatch, kind):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "x.pt"
    if kind == "text":
        path.write_text("hello")
    elif kind == "pickle":
        path.write_bytes(pickle.dumps(Bomb()))
    elif kind == "tensor":
        torch.save(torch.zeros(3), path)
    elif kind == "truncated":
        training.save_checkpoint(path, {"model": linear().state_dict()})
        path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(UserError) as caught:
        training.load_checkpoint(path)
    assert "x.pt" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "exploded").exists()
