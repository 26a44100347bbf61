"""One optimiser step: order, accumulation, precision."""

import pytest
import torch
from torch import nn
from torch.optim import SGD, AdamW

from helpers.training.steps import Stepper
from toys import LOSS, linear, same_weights, separable


def stepper(model, lr=0.1, **changes):
    return Stepper(model, SGD(model.parameters(), lr), LOSS, **changes)


def take(stepper, batches):
    """Take one step over these batches."""
    return stepper.step(iter(batches), len(batches))


@pytest.mark.parametrize("sizes", [(8, 8, 8), (8, 8, 3), (8,), (5, 7)])
def test_accumulated_gradients_are_those_of_the_joint_batch(sizes):
    """Also where the epoch's last step has fewer batches, or a short one."""
    images, targets = (
        torch.cat(part) for part in zip(*separable(batches=4, last=8), strict=True)
    )
    images, targets = images[: sum(sizes)], targets[: sum(sizes)]
    model = linear()
    LOSS(model(images), targets).backward()
    expected = [p.grad.clone() for p in model.parameters()]
    ours = stepper(linear(), lr=0.0, accumulate=3)
    parts = zip(images.split(sizes), targets.split(sizes), strict=True)
    take(ours, list(parts))
    for got, wanted in zip(ours.gradients(), expected, strict=True):
        torch.testing.assert_close(got, wanted, rtol=1e-6, atol=1e-7)
    joint = sum(loss * n for loss, n in zip(ours.losses, ours.sizes, strict=True))
    torch.testing.assert_close(
        joint / sum(sizes), LOSS(model(images), targets).detach()
    )


def test_the_norm_is_clipped_and_the_one_before_is_known():
    batch = separable(batches=1, last=8)
    free, clipped = stepper(linear()), stepper(linear(), max_norm=0.01)
    take(free, batch)
    take(clipped, batch)
    raw = torch.cat([g.flatten() for g in free.gradients()]).norm().item()
    after = torch.cat([g.flatten() for g in clipped.gradients()]).norm().item()
    assert free.grad_norm is None  # nobody asked
    assert clipped.grad_norm.item() == pytest.approx(raw)
    assert after == pytest.approx(0.01, rel=1e-3)


def test_a_look_sees_gradients_before_they_are_clipped_and_can_skip():
    model, seen = linear(), []
    before = linear()
    ours = stepper(model, max_norm=1e-3)

    def look():
        seen.append(torch.cat([g.flatten() for g in ours.gradients()]).norm().item())
        ours.skip()

    assert ours.step(separable()[:1], look=look) is False
    assert seen[0] > 0.1
    assert seen[0] == pytest.approx(ours.grad_norm.item())
    assert same_weights(model, before)
    assert take(ours, separable()[:1]) is True  # skipping is for one step
    assert not same_weights(model, before)


# --- float16 and bfloat16 ------------------------------------------------------


def test_float16_gradients_are_unscaled_before_anybody_looks():
    batch = separable(batches=1, last=8)
    exact, half = (
        stepper(linear(), max_norm=1e9),
        stepper(linear(), max_norm=1e9, precision="float16"),
    )
    take(exact, batch)
    assert take(half, batch) is True
    assert half.scaler.get_scale() == 65536  # torch.amp.GradScaler's start
    # float16 has 11 significant bits; a forgotten unscale would be 65536 times off.
    assert half.grad_norm.item() == pytest.approx(exact.grad_norm.item(), rel=0.02)
    assert all(p.dtype == torch.float32 for p in half.parameters)


@pytest.mark.parametrize("make", [SGD, lambda p, lr: AdamW(p, lr, fused=True)])
def test_an_overflow_skips_the_step_and_halves_the_scale(make):
    class Huge(nn.Module):
        def __init__(self):
            super().__init__()
            self.weight = nn.Parameter(torch.ones(1))

        def forward(self, x):
            return self.weight * x.mean()

    model = Huge()
    ours = Stepper(
        model, make(model.parameters(), 0.1), lambda out, _: out * 1e36,
        precision="float16",
    )  # fmt: skip
    assert take(ours, [(torch.ones(2, 1), torch.zeros(2))]) is False
    assert model.weight.item() == 1
    assert ours.scaler.get_scale() == 32768


def test_bfloat16_needs_no_scaler():
    model = linear()
    ours = stepper(model, precision="bfloat16")
    assert ours.scaler is None
    assert take(ours, separable(batches=1, last=8)) is True
    assert not same_weights(model, linear())


def test_the_forward_pass_is_in_the_precision_asked_for():
    seen = {}

    class Probe(nn.Linear):
        def forward(self, x):
            out = super().forward(x.flatten(1))
            seen[precision] = out.dtype
            return out

    for precision in ("float32", "bfloat16", "float16"):
        take(stepper(Probe(48, 2), precision=precision), separable(batches=1, last=8))
    assert seen == {
        "float32": torch.float32,
        "bfloat16": torch.bfloat16,
        "float16": torch.float16,
    }


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"precision": "float8"}, "precision"),
        ({"accumulate": 0}, "accumulate"),
        ({"max_norm": 0.0}, "max_norm"),
        ({"max_norm": float("nan")}, "max_norm"),
    ],
)
def test_arguments_without_meaning_are_refused(changes, message):
    with pytest.raises(Exception, match=message):
        stepper(linear(), **changes)
