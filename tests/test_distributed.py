"""Two processes train as one does with the joint batch: Gloo, on the CPU."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from torch.multiprocessing import start_processes

import two_processes
from helpers import distributed
from helpers.distributed import ALONE, World
from helpers.model.checkpoint import load_checkpoint
from patience import HANGS
from toys import call, forks, free_port, run_command, train_options

ROOT = Path(__file__).parent.parent
CLOSE = {"rtol": 1e-5, "atol": 1e-7}  # sums of float32 in another order


def together(folder, function, *arguments, machines=1):
    """Call a function in two processes, each with its arguments, as ``torchrun`` does.

    Returns:
        What each of them printed.
    """
    port = free_port()
    environments = [
        two_processes.variables(rank, rank // machines, port) for rank in (0, 1)
    ]
    started = start_processes(
        two_processes.start, (folder, environments, function, arguments), nprocs=2,
        join=False, daemon=True, start_method=forks().get_start_method(),
    )  # fmt: skip
    assert any(started.join(HANGS) for _ in (0, 1)), "they wait for ever"
    return [(folder / f"{rank}.txt").read_text() for rank in (0, 1)]


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """What each of the two processes found, and its folder."""
    folder = tmp_path_factory.mktemp("two")
    together(folder, two_processes.find, (folder,), (folder,))
    return [torch.load(folder / f"{rank}.pt") for rank in (0, 1)]


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    """The same in one process."""
    folder = tmp_path_factory.mktemp("one")
    return {
        name: two_processes.train(folder, ALONE, accumulate)
        for name, accumulate in (("one", 1), ("two", 2))
    }


def test_the_processes_know_their_places(found):
    assert [part["world"] for part in found] == [(0, 2, 0), (1, 2, 1)]


@pytest.mark.parametrize("kind", ["one", "two"])
def test_gradients_are_those_of_the_joint_batch(found, alone, kind):
    """In every step, with one batch a step or two, clipped by the same norm."""
    expected = alone[kind]
    for part in found:
        assert len(part[kind]["gradients"]) == len(expected["gradients"]) > 2
        for step, joint in zip(
            part[kind]["gradients"], expected["gradients"], strict=True
        ):
            for gradient, wanted in zip(step, joint, strict=True):
                torch.testing.assert_close(gradient, wanted, **CLOSE)
        for weight, wanted in zip(
            part[kind]["weights"], expected["weights"], strict=True
        ):
            torch.testing.assert_close(weight, wanted, **CLOSE)
    for one, other in zip(*(part[kind]["weights"] for part in found), strict=True):
        assert torch.equal(one, other)


def test_half_a_batch_has_other_gradients(alone):
    """Else the comparison above would hold for a process that trains alone."""
    train_set, _ = two_processes.make_data()
    half = World(0, 2)
    from helpers.data.loading import make_loader
    from toys import LOSS

    loader = make_loader(train_set, two_processes.BATCH, train=True, world=half)
    loader.sampler.set_epoch(1)
    network = two_processes.make_network()
    images, targets = next(iter(loader))
    LOSS(network(images), targets).backward()
    gradient = next(network.parameters()).grad
    assert not torch.allclose(gradient, alone["one"]["gradients"][0][0], rtol=0.01)


def test_validation_counts_every_image_once(found, alone):
    """13 images on 2 processes: a sampler that pads would count 14."""
    expected = alone["one"]
    for part in found:
        answers = part["one"]
        assert answers["logits"].shape == (two_processes.VAL, 3)
        assert torch.equal(answers["targets"], expected["targets"])  # in order
        torch.testing.assert_close(answers["logits"], expected["logits"], **CLOSE)
        for got, wanted in zip(answers["history"], expected["history"], strict=True):
            assert got["val_accuracy"] == wanted["val_accuracy"]
            assert got["val_loss"] == pytest.approx(wanted["val_loss"], rel=1e-5)
            assert got["train_loss"] == pytest.approx(wanted["train_loss"], rel=1e-5)
    accuracy = expected["history"][-1]["val_accuracy"]
    assert accuracy == pytest.approx(round(accuracy * 13) / 13)


def test_the_processes_evaluate_one_network(found):
    """BatchNorm's statistics differ between processes until they agree on them."""
    zero, one = (part["statistics"] for part in found)
    assert torch.equal(zero["mean"], one["mean"])
    assert zero["val_loss"] == one["val_loss"]


@pytest.mark.parametrize("what", ["nan skipped", "nan stops", "skip", "stop", "metric"])
def test_what_one_process_sees_or_wants_counts_in_all(found, what):
    """Else scales and weights drift apart, or one process waits for ever."""
    zero, one = (part["decisions"][what] for part in found)
    for weight, other in zip(zero.pop("weights"), one.pop("weights"), strict=True):
        assert torch.equal(weight, other)
        assert weight.isfinite().all()
    assert zero == one
    skipped = [record["skipped"] for record in zero["history"]]
    if what == "nan skipped":  # once an epoch, and the scale is not to blame
        assert skipped == [1, 1]
        assert len(set(zero["scales"])) == 1
    elif what == "nan stops":
        assert "gradients of 2 of 2 parameters are not finite" in zero["error"]
    elif what == "skip":
        assert skipped == [1, 0]
    else:  # the first process's number improves
        assert len(skipped) == {"stop": 1, "metric": 4}[what]


def test_a_checkpoint_knows_that_another_process_stopped_the_run(found):
    for part in found:
        assert part["stop in the checkpoint"] == "enough"


def test_one_process_speaks(found):
    assert len(found[0]["one"]["said"]) == two_processes.EPOCHS
    assert found[1]["one"]["said"] == []


def test_a_mean_is_weighted(found):
    for part in found:  # 0 once and 1 twice
        assert part["weighted mean"] == pytest.approx(2 / 3)


def test_the_first_process_decides(found):
    assert [part["from the first"] for part in found] == ["of rank 0"] * 2


def test_two_machines_resume_where_one_has_the_checkpoint(make_images, tmp_path):
    """Two processes meet at an address, as on two machines with disks of their own.

    Only the first machine has the checkpoint: the second gets it from there.
    """
    root = make_images("photos", ["cat", "dog"], count=20)
    disks = [tmp_path / name for name in ("one", "two")]

    def both(*more):
        """Let both machines train and return what they printed."""
        options = [train_options(root, disk / "m.pt", *more) for disk in disks]
        return together(tmp_path, run_command, *options, machines=2)

    first, second = both()
    assert "epoch   2" in first
    assert second == ""
    assert not disks[1].exists()
    first, _ = both("--resume")
    assert "2 of 2 epochs are done" in first
    assert "epoch   1" not in first


def test_the_command_under_torchrun(make_images, tmp_path, monkeypatch):
    """Trains, validates, saves; resumes with one process; refuses an odd batch."""
    root, out = make_images("photos", ["cat", "dog"], count=20), tmp_path / "m.pt"
    done = subprocess.run(
        [sys.executable, "-m", "torch.distributed.run", "--standalone",
         "--nproc-per-node", "2", "-m", "helpers", *train_options(root, out)],
        env=os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"},
        capture_output=True, text=True, timeout=HANGS,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    lines = done.stdout.splitlines()
    assert "2 processes" in lines[0]
    assert [line.split()[1] for line in lines if line.startswith("epoch")] == ["1", "2"]
    saved = load_checkpoint(out)
    assert saved["epoch"] == 2
    assert len(saved["rng"]) == 2  # each has its own random numbers
    assert not any(key.startswith("module.") for key in saved["model"])
    alone = call(*train_options(root, out, "--resume"))
    assert "2 of 2 epochs are done" in alone.stdout
    table = done.stdout[done.stdout.index("Validation accuracy") :]
    assert table.strip() in alone.stdout  # the same answers from one process
    for rank in (0, 1):
        for name, value in two_processes.variables(rank, rank, port=0).items():
            monkeypatch.setenv(name, value)
        odd = call(*train_options(root, out, "--overwrite", batch=9))
        assert odd.exit_code == 1
        assert "cannot be split evenly among 2 processes" in odd.stderr


# --- in one process ----------------------------------------------------------------


def test_without_torchrun_there_is_one_process(monkeypatch):
    monkeypatch.delenv("TORCHELASTIC_RUN_ID", raising=False)
    monkeypatch.setenv("RANK", "3")  # of some other program
    assert distributed.world() == ALONE
    with distributed.session(torch.device("cpu")) as here:
        assert here == ALONE
        assert distributed.processes() == 1
    assert distributed.gather("x") == ["x"]
    network = two_processes.make_network()
    assert distributed.wrap(network, torch.device("cpu")) is network
    assert distributed.unwrap(network) is network


def test_torchrun_is_recognised(monkeypatch):
    for name, value in {
        "TORCHELASTIC_RUN_ID": "none", "RANK": "5", "WORLD_SIZE": "8",
        "LOCAL_RANK": "1",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    assert distributed.world() == World(rank=5, size=8, local_rank=1)
