"""A run that was interrupted and resumed is the run that was not, bit for bit."""

import csv
import os
import signal

import pytest
import torch
from torch import nn
from torch.optim import SGD, AdamW
from torch.optim.lr_scheduler import CosineAnnealingLR, OneCycleLR, ReduceLROnPlateau
from torch.utils.data import DataLoader, TensorDataset

from helpers.command import train as train_module
from helpers.data.loading import make_loader
from helpers.data.sampling import Seeded
from helpers.errors import UserError
from helpers.model.checkpoint import load_checkpoint
from helpers.randomness import seed_everything
from helpers.training.callbacks import (
    Checkpoint,
    EarlyStopping,
    GradientMonitor,
    Report,
)
from helpers.training.fit import fit
from patience import HANGS
from toys import (
    LOSS,
    call,
    convolutional,
    forks,
    run_command,
    same_weights,
    separable,
    train_options,
)

images, targets = (torch.cat(part) for part in zip(*separable(), strict=True))


class Noisy(TensorDataset):
    """Images with random noise, as a random crop would give."""

    def __getitem__(self, index):
        image, target = super().__getitem__(index)
        return image + torch.randn(image.shape), target


def network():
    """Return a network with everything that has a state: statistics, dropout."""
    return convolutional(nn.Dropout(0.3))


KINDS = {
    "one cycle, AdamW": lambda p: (
        o := AdamW(p, 0.01, fused=True),
        OneCycleLR(o, 0.01, total_steps=16),
        {},
    ),
    "cosine per epoch, SGD": lambda p: (
        o := SGD(p, 0.1, momentum=0.9),
        CosineAnnealingLR(o, 4),
        {"schedule_per": "epoch"},
    ),
    "plateau": lambda p: (
        o := SGD(p, 0.1),
        ReduceLROnPlateau(o, patience=0, factor=0.5),
        {"schedule_per": "epoch"},
    ),
    "no schedule, accumulating": lambda p: (
        SGD(p, 0.1),
        None,
        {"accumulate": 3, "max_norm": 1.0},
    ),
    "float16": lambda p: (SGD(p, 0.1), None, {"precision": "float16"}),
    "bfloat16": lambda p: (SGD(p, 0.1), None, {"precision": "bfloat16"}),
}


def loaders(kind):
    """Return training batches: ours, or PyTorch's own with a generator or without."""
    dataset = Noisy(images, targets)
    if kind == "make_loader":
        return make_loader(dataset, 8, train=True, seed=7)
    generator = torch.Generator().manual_seed(7) if kind == "generator" else None
    return DataLoader(dataset, 8, shuffle=True, generator=generator, drop_last=True)


def train(path, kind, loader, epochs, resume=None):
    """Train up to an epoch and return the network and the records."""
    seed_everything(5)
    model = network()
    optimizer, scheduler, changes = KINDS[kind](model.parameters())
    history = fit(
        model, loaders(loader), [(images, targets)], epochs=epochs,
        optimizer=optimizer, loss_fn=LOSS, scheduler=scheduler, progress=False,
        callbacks=[GradientMonitor(), EarlyStopping(patience=9, restore_best=False),
                   Checkpoint(path)],
        resume=resume, **changes,
    )  # fmt: skip
    return model, history


@pytest.mark.parametrize("loader", ["make_loader", "generator", "global"])
@pytest.mark.parametrize("kind", KINDS)
def test_four_epochs_are_two_and_two(tmp_path, kind, loader):
    whole, expected = train(tmp_path / "whole.pt", kind, loader, 4)
    train(tmp_path / "part.pt", kind, loader, 2)
    saved = load_checkpoint(tmp_path / "part.pt")
    torch.rand(3)  # whatever happened meanwhile
    resumed, history = train(tmp_path / "part.pt", kind, loader, 4, resume=saved)
    assert same_weights(whole, resumed)
    numbers = [r.flat() | {"seconds": 0} for r in history]
    assert numbers == [r.flat() | {"seconds": 0} for r in expected]
    one, two = (load_checkpoint(tmp_path / f"{n}.pt") for n in ("whole", "part"))
    assert one.keys() == two.keys()
    assert one["optimizer"]["param_groups"] == two["optimizer"]["param_groups"]
    assert one.get("scheduler") == two.get("scheduler")
    assert str(one["callbacks"]) == str(two["callbacks"])
    assert one["rng"][0]["python"] == two["rng"][0]["python"]
    assert torch.equal(one["rng"][0]["torch"], two["rng"][0]["torch"])


def test_two_and_two_without_the_state_is_another_run(tmp_path):
    """Else the test above would compare what nothing can change."""
    kind, loader = "cosine per epoch, SGD", "make_loader"
    whole, _ = train(tmp_path / "whole.pt", kind, loader, 4)
    train(tmp_path / "part.pt", kind, loader, 2)
    saved = load_checkpoint(tmp_path / "part.pt")
    for key in ("optimizer", "rng", "epoch"):
        changed = dict(saved)
        if key == "optimizer":
            fresh, _, _ = KINDS[kind](network().parameters())
            changed[key] = fresh.state_dict()
        elif key == "rng":
            changed[key] = []
        else:
            changed[key] = 1
        resumed, _ = train(tmp_path / "x.pt", kind, loader, 4, resume=changed)
        assert not same_weights(whole, resumed), key


@pytest.mark.parametrize("fault", ["network", "schedule", "precision", "nothing"])
def test_a_checkpoint_of_another_run_is_refused(tmp_path, fault):
    path = tmp_path / "x.pt"
    train(path, "cosine per epoch, SGD", "make_loader", 1)
    saved = load_checkpoint(path)
    kind = {"precision": "float16"}.get(fault, "cosine per epoch, SGD")
    if fault == "network":
        saved["model"]["4.weight"] = torch.zeros(3, 16)
    elif fault == "schedule":
        del saved["scheduler"]
    elif fault == "nothing":
        saved = {"format": 1}
    with pytest.raises(UserError, match="does not fit this run") as caught:
        train(path, kind, "make_loader", 4, resume=saved)
    assert "\n" not in str(caught.value)


def test_seeded_images_do_not_depend_on_the_workers_past():
    """A worker that lives on has drawn before; a resumed run has new workers."""
    dataset = Seeded(Noisy(images, targets))
    first, _ = dataset[3, 11]
    dataset[5, 12]
    assert torch.equal(dataset[3, 11][0], first)


# --- the command, killed for real ------------------------------------------------


def options(root, out, *more):
    return train_options(root, out, *more, epochs=4)


@pytest.fixture
def photos(make_images):
    return make_images("photos", ["cat", "dog"], count=40)


def run_until(moment, how, words):
    """Run the command, and send this process a signal when it has come to a moment."""

    class Until(Report):
        def on_gradients(self, run):
            if f"step {run.step}" == moment:
                os.kill(os.getpid(), how)

        def on_epoch_end(self, run):
            super().on_epoch_end(run)
            if f"epoch {run.epoch}" == moment:
                os.kill(os.getpid(), how)

    train_module.Report = Until
    run_command(*words)


def status_of_run(*arguments):
    """Let :func:`run_until` run in a process of its own; return the exit status."""
    process = forks().Process(target=run_until, args=arguments, daemon=True)
    process.start()
    process.join(HANGS)
    return process.exitcode


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
def test_a_killed_run_loses_the_running_epoch_at_most(photos, tmp_path, how):
    """The signal comes with the line of an epoch, and again amid another."""
    whole, killed = tmp_path / "whole.pt", tmp_path / "killed.pt"
    assert call(*options(photos, whole)).exit_code == 0
    status = 130 if how == signal.SIGINT else -how
    assert status_of_run("epoch 2", how, options(photos, killed)) == status
    assert load_checkpoint(killed)["epoch"] == 2  # what was reported was saved
    again = options(photos, killed, "--resume")
    assert status_of_run("step 28", how, again) == status  # the fifth of epoch 4
    assert load_checkpoint(killed)["epoch"] == 3
    done = call(*again, "--workers", "1")
    assert done.exit_code == 0
    assert "3 of 4 epochs are done" in done.stdout
    one, two = load_checkpoint(whole), load_checkpoint(killed)
    assert all(torch.equal(one["model"][k], two["model"][k]) for k in one["model"])
    logs = []
    for path in (whole, killed):
        with open(path.with_suffix(".csv"), newline="") as file:
            rows = list(csv.DictReader(file))
        logs.append([{k: v for k, v in r.items() if k != "seconds"} for r in rows])
    assert logs[0] == logs[1]
    assert len(logs[0]) == 4
    left = {path.name for path in tmp_path.iterdir()} - {"photos"}
    assert left == {"whole.pt", "whole.csv", "killed.pt", "killed.csv"}


def test_an_existing_run_is_not_overwritten_by_accident(make_images, tmp_path):
    root, out = make_images("photos", ["cat", "dog"], count=20), tmp_path / "m.pt"

    def train_with(*more):
        return call(*options(root, out, *more))

    assert train_with().exit_code == 0
    content = out.read_bytes()
    again = train_with()
    assert again.exit_code == 1
    assert "--resume" in again.stderr
    assert "--overwrite" in again.stderr
    other = train_with("--resume", "--seed", "1")
    assert other.exit_code == 1
    assert "is of a run with seed 0, not 1" in other.stderr
    assert out.read_bytes() == content
    done = train_with("--resume")
    assert done.exit_code == 0
    assert "4 of 4 epochs are done" in done.stdout
    assert "epoch   1" not in done.stdout
    assert train_with("--resume", "--overwrite").exit_code == 2
    assert "epoch   1" in train_with("--overwrite").stdout
    assert os.path.exists(out)
