"""Early stopping, the gradient monitor, the log and the checkpoint."""

import csv
import json
import math
import re

import pytest
import torch
from torch import nn
from torch.optim import SGD
from torch.optim.lr_scheduler import CosineAnnealingLR

from helpers.errors import UserError
from helpers.model.checkpoint import load_checkpoint
from helpers.training import callbacks
from helpers.training.callbacks import (
    Checkpoint,
    EarlyStopping,
    GradientMonitor,
    Log,
    Report,
)
from helpers.training.epochs import Epoch
from helpers.training.fit import Callback
from helpers.training.fit import fit as program_fit
from toys import LOSS, convolutional, fit, linear, same_weights, separable


class Losses(Callback):
    """Puts given numbers in the place of the validation loss."""

    def __init__(self, values):
        self.values = values

    def on_epoch_end(self, run):
        last = run.history[-1]
        numbers = vars(last) | {"val_loss": self.values[run.epoch - 1]}
        run.history[-1] = Epoch(**numbers)


def stopped_after(values, **rule):
    """Return the epoch after which a run with these validation losses ended."""
    rule = {"patience": 2} | rule
    stopping = EarlyStopping(**rule)
    history = fit(linear(), [Losses(values), stopping], epochs=len(values))
    return len(history), stopping.best_epoch


NAN = float("nan")


@pytest.mark.parametrize(
    ("values", "rule", "stop", "best"),
    [
        ([3, 2, 1, 0.5, 0.25], {}, 5, 5),
        ([3, 2, 4, 4, 1], {}, 4, 2),
        ([3, 2, 4, 1, 4, 4], {}, 6, 4),  # the wait starts anew
        ([3, 2, 4, 4, 1], {"patience": 3}, 5, 5),
        ([3, 2, 4, 4], {"patience": 1}, 3, 2),
        ([1.0, 1.0, 1.0, 1.0], {}, 3, 1),  # as good is not better
        ([1.0, 0.95, 0.88, 0.87], {"min_delta": 0.1}, 4, 3),  # gains add up
        ([1.0, 0.95, 0.94, 0.93], {"min_delta": 0.1}, 3, 1),
        ([1, 2, 3, 3, 3], {"mode": "max"}, 5, 3),
        ([1, 0.5, NAN, NAN, 0.1], {}, 4, 2),  # NaN is no improvement
        ([NAN, 1, 0.5, 0.25], {}, 4, 4),  # nor does it become the best
        ([NAN, NAN, NAN], {}, 2, 0),
        ([-math.inf, 1.0, 0.5, 0.25], {}, 4, 4),  # nor does an infinity
    ],
)
def test_the_rule(values, rule, stop, best):
    assert stopped_after([float(v) for v in values], **rule) == (stop, best)


def test_the_best_weights_come_back_as_they_were():
    """A real copy: the network trains on after it is made."""
    kept = {}

    class Keep(Callback):
        def on_epoch_end(self, run):
            kept[run.epoch] = {
                k: v.clone() for k, v in run.network.state_dict().items()
            }

    model = nn.Sequential(nn.BatchNorm2d(3), linear())
    values = [3.0, 1.0, 2.0, 2.0]
    fit(model, [Losses(values), EarlyStopping(patience=2), Keep()], epochs=9)
    state = model.state_dict()
    assert all(torch.equal(state[key], kept[2][key]) for key in state)
    assert not all(torch.equal(state[key], kept[4][key]) for key in state)
    assert state["0.num_batches_tracked"] == 10  # the buffers too: 2 epochs of 5

    model = nn.Sequential(nn.BatchNorm2d(3), linear())
    keep_last = EarlyStopping(patience=2, restore_best=False)
    fit(model, [Losses(values), keep_last, Keep()], epochs=9)
    state = model.state_dict()
    assert all(torch.equal(state[key], kept[4][key]) for key in state)


def test_every_decision_can_be_read():
    lines = []
    values = [3.0, NAN, 2.95, 2.0, 2.5, 2.5]
    stopping = EarlyStopping(patience=2, min_delta=0.1)
    fit(linear(), [Losses(values), stopping, Report(lines.append)], epochs=9)
    decisions = [line.strip() for line in lines if not line.startswith("epoch")]
    assert decisions == [
        "val_loss 3.0000 is the first: the weights are kept",
        "val_loss nan is not better than 3.0000 of epoch 1 by more than 0.1: "
        "1 of 2 epochs without improvement",
        "val_loss 2.9500 is not better than 3.0000 of epoch 1 by more than 0.1: "
        "2 of 2 epochs without improvement, stop",
        "the weights of epoch 1 are back",
    ]


def test_any_number_of_the_record_can_be_monitored():
    stopping = EarlyStopping("grad_norm", "min", patience=2)
    fit(linear(), [GradientMonitor(), stopping], epochs=2)
    assert stopping.best is not None
    with pytest.raises(ValueError, match=r"no 'val_acc' to monitor.*val_accuracy"):
        fit(linear(), [EarlyStopping("val_acc", "max", patience=2)])


@pytest.mark.parametrize(
    "wrong", [{"mode": "auto"}, {"patience": 0}, {"min_delta": -0.1}]
)
def test_a_rule_without_meaning_is_refused(wrong):
    with pytest.raises(Exception, match=next(iter(wrong))):
        EarlyStopping(**{"patience": 1} | wrong)


# --- the gradient monitor --------------------------------------------------------


def test_norms_are_logged_before_clipping():
    monitor = GradientMonitor()
    history = fit(linear(), [monitor], epochs=2, max_norm=1e-3)
    assert len(monitor.norms) == 10
    assert min(monitor.norms) > 1e-2
    mean = sum(monitor.norms[5:]) / 5
    assert history[1].metrics["grad_norm"] == pytest.approx(mean)


def poisoned(number=2, value=NAN):
    """Return batches of which one holds a bad pixel."""
    batches = separable()
    batches[number][0][0, 0, 0, 0] = value
    return batches


@pytest.mark.parametrize("value", [NAN, math.inf])
def test_a_gradient_that_is_not_finite_stops_the_run_and_is_named(value):
    model = convolutional()
    with pytest.raises(FloatingPointError) as caught:
        fit(model, [GradientMonitor()], batches=poisoned(value=value))
    message = str(caught.value)
    assert re.match(r"In step 2 \(epoch 1\) the gradients of 6 of 6 param", message)
    assert "nearest to the loss that of 3.bias:" in message
    assert all(p.isfinite().all() for p in model.parameters())  # not stepped


def test_skipping_leaves_the_model_as_if_the_batch_had_not_come():
    """BatchNorm's running statistics too, which a NaN enters going forward."""
    ours, clean = convolutional(), convolutional()
    monitor = GradientMonitor("skip")
    history = fit(ours, [monitor], batches=poisoned(), epochs=2)
    fit(clean, [], batches=[b for k, b in enumerate(separable()) if k != 2], epochs=2)
    assert same_weights(ours, clean)
    assert monitor.bad_steps == [2, 7]
    assert [record.skipped for record in history] == [1, 1]
    assert "skipped 1" in str(history[0])
    assert all(math.isfinite(record.train_loss) for record in history)


@pytest.mark.parametrize("precision", ["float32", "float16"])
def test_the_schedule_stands_still_in_a_skipped_step(precision):
    model = linear()
    optimizer = SGD(model.parameters(), 0.1)
    scheduler = CosineAnnealingLR(optimizer, T_max=10)
    program_fit(
        model, poisoned(), separable(), epochs=2, optimizer=optimizer, loss_fn=LOSS,
        scheduler=scheduler, callbacks=[GradientMonitor("skip")], progress=False,
        precision=precision,
    )  # fmt: skip
    assert scheduler.last_epoch == 8  # of 2 epochs of 5 steps, one skipped in each


def test_nan_in_the_data_is_told_from_overflow_under_float16():
    """A loss that is NaN has nothing to do with the loss scale."""
    monitor = GradientMonitor()
    with pytest.raises(FloatingPointError, match=r"In step 2 \(epoch 1\)"):
        fit(linear(), [monitor], batches=poisoned(), precision="float16")


def test_overflow_is_excused_until_the_scale_is_below_1():
    """The scaler halves its scale; if that does not help, it was no overflow."""

    def steep(logits, _):  # finite at 0, its gradient is not
        return (logits * 0).sum().sqrt()

    monitor = GradientMonitor()
    model = linear()
    with pytest.raises(FloatingPointError, match="In step 17"):
        program_fit(
            model, separable(batches=20), separable(), epochs=1, loss_fn=steep,
            optimizer=SGD(model.parameters(), 0.1), precision="float16",
            callbacks=[monitor], progress=False,
        )  # fmt: skip
    assert monitor.bad_steps == list(range(18))  # 65536 / 2^17 is below 1


def test_skipping_under_float16_keeps_model_and_scale():
    scales = []

    class Scales(Callback):
        def on_epoch_end(self, run):
            scales.append(run.stepper.scaler.get_scale())

    ours, clean = (nn.Sequential(nn.BatchNorm2d(3), linear()) for _ in range(2))
    chain = [GradientMonitor("skip"), Scales()]
    fit(ours, chain, batches=poisoned(), epochs=2, precision="float16")
    rest = [b for k, b in enumerate(separable()) if k != 2]
    fit(clean, [], batches=rest, epochs=2, precision="float16")
    assert same_weights(ours, clean)
    assert scales == [65536, 65536]


def test_finite_gradients_with_an_infinite_norm_are_named_too():
    class Scaled(Callback):
        def on_step_start(self, run):
            run.stepper.loss_fn = lambda logits, _: (logits * 3e37).sum()

    with pytest.raises(FloatingPointError, match="of 1 of 2 parameters"):
        fit(linear(), [Scaled(), GradientMonitor()])


def test_an_unknown_answer_is_refused():
    with pytest.raises(Exception, match="on_nonfinite"):
        GradientMonitor("ignore")


# --- the log ----------------------------------------------------------------------


def test_the_log_has_every_epoch_once(tmp_path):
    table, lines = tmp_path / "log.csv", tmp_path / "log.jsonl"
    history = fit(linear(), [GradientMonitor(), Log(table), Log(lines)])
    with open(table, newline="") as file:
        rows = list(csv.DictReader(file))
    assert [int(row["number"]) for row in rows] == [1, 2, 3]
    assert float(rows[1]["grad_norm"]) == history[1].metrics["grad_norm"]
    objects = [json.loads(line) for line in lines.read_text().splitlines()]
    assert objects == [record.flat() for record in history]


def test_json_without_nan(tmp_path):
    path = tmp_path / "log.jsonl"
    fit(linear(), [Losses([NAN, 1.0]), Log(path)], epochs=2)
    first, second = map(json.loads, path.read_text().splitlines())
    assert first["val_loss"] is None
    assert second["val_loss"] == 1.0
    assert "NaN" not in path.read_text()


def test_another_ending_is_refused():
    with pytest.raises(UserError, match=r"\.csv or \.jsonl"):
        Log("log.txt")


# --- the checkpoint -----------------------------------------------------------------


def test_the_checkpoint_ends_with_the_best_weights(tmp_path):
    path, model = tmp_path / "x.pt", linear()
    stopping = EarlyStopping(patience=2)
    chain = [Losses([3.0, 1.0, 2.0, 2.0]), stopping, Checkpoint(path, {"data": "toys"})]
    fit(model, chain, epochs=9)
    saved = load_checkpoint(path)
    assert saved["data"] == "toys"
    assert saved["stop"] == "val_loss has not improved for 2 epochs"
    assert saved["finished"] is True
    assert torch.equal(saved["model"]["1.weight"], model[1].weight)
    # The run is over: continuing would train on from other weights.
    history = fit(linear(), [EarlyStopping(patience=2)], epochs=9, resume=saved)
    assert len(history) == 4


def test_a_run_that_gave_its_best_weights_back_is_not_continued(tmp_path):
    """Its last weights are gone: more epochs would start from others."""
    path, values = tmp_path / "x.pt", [3.0, 1.0, 2.0]
    chain = [Losses(values), EarlyStopping(patience=9), Checkpoint(path)]
    fit(linear(), chain, epochs=3)
    saved = load_checkpoint(path)
    again = {"callbacks": [EarlyStopping(patience=9)], "resume": saved}
    assert len(fit(linear(), epochs=3, **again)) == 3
    with pytest.raises(UserError, match="after 3 epochs: it cannot be continued to 6"):
        fit(linear(), epochs=6, **again)


def test_a_resumed_run_waits_no_longer_than_the_whole_one(tmp_path):
    """The best number, its weights and the epochs waited are in the checkpoint."""
    path, values = tmp_path / "x.pt", [3.0, 1.0, 2.0, 2.0, 2.0]
    saved = {}

    class Keep(Callback):
        def on_epoch_end(self, run):
            saved[run.epoch] = load_checkpoint(path)

    def train(model, resume=None):
        stopping = EarlyStopping(patience=2)
        chain = [Losses(values), stopping, Checkpoint(path), Keep()]
        return len(fit(model, chain, epochs=9, resume=resume))

    whole, resumed = linear(), linear()
    assert train(whole) == 4
    assert train(resumed, saved[3]) == 4  # one epoch of waiting was behind it
    assert same_weights(whole, resumed)


def test_what_is_reported_is_saved_already(tmp_path):
    path, epochs = tmp_path / "x.pt", []

    def say(_):
        epochs.append(load_checkpoint(path)["epoch"])

    fit(linear(), [Checkpoint(path), Report(say)])
    assert epochs == [1, 2, 3]


def test_only_the_first_process_prints_and_writes(tmp_path, monkeypatch):
    monkeypatch.setattr(callbacks, "is_main", lambda: False)
    path, lines = tmp_path / "x.pt", []
    chain = [Log(tmp_path / "x.csv"), Checkpoint(path), Report(lines.append)]
    fit(linear(), chain)
    assert not lines
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("finished", [True, False])
@pytest.mark.parametrize("old", [None, b"\xff\x00 damaged"])
def test_a_resumed_run_writes_the_log_again(tmp_path, finished, old):
    """Even one that has no epoch to go: the checkpoint knows all of them."""
    path, log = tmp_path / "x.pt", tmp_path / "x.csv"
    stopping = [EarlyStopping(patience=2)] if finished else []
    fit(linear(), [Losses([3.0, 1.0, 2.0]), *stopping, Checkpoint(path), Log(log)])
    content, saved = log.read_bytes(), load_checkpoint(path)
    assert saved["finished"] is finished
    log.unlink()
    if old is not None:
        log.write_bytes(old)
    fit(linear(), [*stopping, Checkpoint(path), Log(log)], resume=saved)
    assert log.read_bytes() == content


def test_a_network_that_breaks_down_leaves_the_last_good_checkpoint(tmp_path):
    class Breaks(Callback):
        def on_train_end(self, run):
            if run.epoch == 2:
                run.network[1].weight.data[0, 0] = NAN

    path = tmp_path / "x.pt"
    with pytest.raises(FloatingPointError, match="1.weight holds NaN .* epoch 2"):
        fit(linear(), [Breaks(), Checkpoint(path)])
    assert load_checkpoint(path)["epoch"] == 1
