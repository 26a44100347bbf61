"""The training loop against a bare one, and when it calls whom."""

import re

import pytest
import torch
from torch.optim import SGD, AdamW
from torch.optim.lr_scheduler import CosineAnnealingLR, OneCycleLR, ReduceLROnPlateau

from helpers.randomness import seed_everything
from helpers.training.callbacks import Report
from helpers.training.fit import MOMENTS, Callback
from helpers.training.fit import fit as program_fit
from toys import LOSS, fit, linear, separable


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
    program_fit(
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
    history = program_fit(
        model, batches, batches, epochs=8, optimizer=AdamW(model.parameters(), 0.05),
        loss_fn=LOSS, progress=False, callbacks=[Report(seen.append)],
    )  # fmt: skip
    assert seen == [str(epoch) for epoch in history]
    assert [epoch.number for epoch in history] == list(range(1, 9))
    assert history[-1].val_accuracy >= 0.95
    assert history[-1].val_loss < history[0].val_loss
    assert re.match(r"epoch +8 +train loss 0\.\d{4} +val loss", str(history[-1]))


def test_train_loss_is_the_mean_over_images_not_batches():
    batches, model = separable(last=1), linear()
    frozen = SGD(model.parameters(), 0.0)  # weights stand still: the loss is known
    history = program_fit(
        model, batches, batches, epochs=1, optimizer=frozen, loss_fn=LOSS,
        progress=False,
    )  # fmt: skip
    assert history[0].train_loss == pytest.approx(history[0].val_loss, rel=1e-5)


@pytest.mark.parametrize(("unit", "steps"), [("step", 15), ("epoch", 3)])
def test_the_scheduler_is_stepped_in_its_unit(unit, steps):
    model = linear()
    optimizer = SGD(model.parameters(), 0.1)
    scheduler = CosineAnnealingLR(optimizer, T_max=steps)
    history = program_fit(
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
        program_fit(
            linear(), separable(), separable(), epochs=1, loss_fn=LOSS,
            optimizer=SGD(linear().parameters()), schedule_per=wrong,
        )  # fmt: skip


def test_an_empty_training_loader_is_refused():
    model = linear()
    with pytest.raises(ValueError, match="gave no batch"):
        program_fit(
            model, [], separable(), epochs=1, optimizer=SGD(model.parameters()),
            loss_fn=LOSS, progress=False,
        )  # fmt: skip


def test_a_loss_that_is_not_finite_stops_the_run():
    model, batches = linear(), separable()
    batches[1][0][0] = float("nan")
    with pytest.raises(FloatingPointError, match="epoch 1 is nan"):
        program_fit(
            model, batches, batches, epochs=3, optimizer=SGD(model.parameters(), 0.1),
            loss_fn=LOSS, progress=False,
        )  # fmt: skip


def test_seeding_reaches_python_numpy_and_torch():
    import random

    import numpy as np

    def draw():
        return random.random(), np.random.rand(), torch.rand(1).item()

    seed_everything(3)
    first = draw()
    seed_everything(3)
    assert draw() == first
    assert draw() != first


def test_the_recorded_rate_is_the_one_of_the_last_step():
    """Not the one that the schedule has set for the step to come."""
    model = linear()
    optimizer = SGD(model.parameters(), 0.1)
    scheduler = CosineAnnealingLR(optimizer, T_max=5)
    expected = [0.1 * (1 + torch.cos(torch.tensor(torch.pi * k / 5))) / 2 for k in (4,)]
    history = fit(model, epochs=1, optimizer=optimizer, scheduler=scheduler)
    assert history[0].lr == pytest.approx(expected[0].item())


def test_a_plateau_is_judged_by_the_validation_loss():
    model = linear()
    optimizer = SGD(model.parameters(), 0.0)  # the loss stands still
    scheduler = ReduceLROnPlateau(optimizer, patience=0, factor=0.5, eps=0)
    optimizer.param_groups[0]["lr"] = 1e-30
    fit(model, optimizer=optimizer, scheduler=scheduler, schedule_per="epoch")
    assert optimizer.param_groups[0]["lr"] == pytest.approx(0.25e-30)
    with pytest.raises(ValueError, match="counts epochs"):
        fit(model, optimizer=optimizer, scheduler=scheduler)


class Witness(Callback):
    """Writes down every call, and whether weights and gradients were there."""

    def __init__(self):
        self.calls = []


def _witness(moment):
    def method(self, run):
        self.calls.append((moment, run.epoch, run.step, len(run.history)))

    return method


for _moment in MOMENTS:
    setattr(Witness, _moment, _witness(_moment))


def test_the_moments_come_in_the_documented_order():
    from helpers.training.fit import __doc__

    witness = Witness()
    fit(callbacks=[witness], batches=separable(batches=2), epochs=2)
    names = [name for name, *_ in witness.calls]
    step = ["on_step_start", "on_gradients", "on_step_end"]
    epoch = ["on_epoch_start", *step, *step, "on_train_end", "on_epoch_end"]
    assert names == ["on_fit_start", *epoch, *epoch, "on_fit_end"]
    documented = re.findall(r"^``(on_\w+)``", __doc__, re.MULTILINE)
    assert tuple(documented) == MOMENTS
    assert list(dict.fromkeys(names)) == documented
    ends = [call[1:] for call in witness.calls if call[0] == "on_epoch_end"]
    assert ends == [(1, 2, 1), (2, 4, 2)]  # epoch, steps, records


def test_callbacks_are_called_in_the_order_given():
    order = []

    class Named(Callback):
        def __init__(self, name):
            self.name = name

        def on_epoch_end(self, run):
            order.append(self.name)

    fit(callbacks=[Named("a"), Named("b")], epochs=2)
    assert order == ["a", "b", "a", "b"]


def test_a_callback_may_change_what_its_line_says():
    """Gradients before the step, the stop after the epoch, numbers in between."""

    class Meddler(Callback):
        def on_gradients(self, run):
            for gradient in run.stepper.gradients():
                gradient.zero_()

        def on_train_end(self, run):
            run.metrics["answer"] = 42.0

        def on_epoch_end(self, run):
            run.stop = "enough"

    model = linear()
    before = [p.clone() for p in model.parameters()]
    history = fit(model, callbacks=[Meddler()], epochs=5)
    assert len(history) == 1
    assert history[0].metrics == {"answer": 42.0}
    assert "answer 42" in str(history[0])
    assert all(
        torch.equal(a, b) for a, b in zip(before, model.parameters(), strict=True)
    )


def test_an_error_leaves_out_the_end():
    """What a callback does at the end is for runs that ended by themselves."""

    class Breaks(Witness):
        def on_epoch_start(self, run):
            raise RuntimeError("broken")

    witness = Breaks()
    with pytest.raises(RuntimeError, match="broken"):
        fit(callbacks=[witness])
    assert [name for name, *_ in witness.calls] == ["on_fit_start"]


def test_batches_without_a_length_will_do():
    class Endless:
        def __iter__(self):
            return iter(separable())

    assert len(fit(batches=Endless(), epochs=2)) == 2
