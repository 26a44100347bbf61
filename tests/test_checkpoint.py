"""Checkpoints: complete at every moment, safe to load, and all of the randomness."""

import contextlib
import errno
import os
import pickle
import random
import zipfile

import numpy as np
import pytest
import torch

from helpers import randomness
from helpers.errors import UserError
from helpers.model import checkpoint
from toys import Bomb, linear


def test_a_checkpoint_comes_back(tmp_path):
    model, path = linear(), tmp_path / "new" / "model.pt"
    checkpoint.save_checkpoint(
        path, {"model": model.state_dict(), "classes": ["a", "b"]}
    )
    loaded = checkpoint.load_checkpoint(path)
    assert loaded["classes"] == ["a", "b"]
    assert loaded["versions"]["torch"] == torch.__version__
    assert torch.equal(loaded["model"]["1.weight"], model[1].weight)
    assert os.listdir(path.parent) == ["model.pt"]


def test_a_failed_write_keeps_the_old_checkpoint(tmp_path, monkeypatch):
    path = tmp_path / "model.pt"
    checkpoint.save_checkpoint(path, {"epoch": 1})

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(torch, "save", full)
    with pytest.raises(UserError, match="No space left"):
        checkpoint.save_checkpoint(path, {"epoch": 2})
    monkeypatch.undo()
    assert checkpoint.load_checkpoint(path)["epoch"] == 1
    assert os.listdir(tmp_path) == ["model.pt"]


def test_a_changed_bit_is_refused_or_changes_nothing(tmp_path):
    """torch.load takes damaged numbers for numbers; the file keeps a checksum."""
    path, model = tmp_path / "x.pt", {"w": torch.randn(3, 4), "b": torch.randn(3)}
    checkpoint.save_checkpoint(path, {"model": model, "epoch": 3})
    content, loaded = path.read_bytes(), []
    positions = range(0, len(content), 3)
    for position in positions:
        changed = bytearray(content)
        changed[position] ^= 0x40
        path.write_bytes(changed)
        with contextlib.suppress(UserError):
            loaded.append(checkpoint.load_checkpoint(path))
    assert len(loaded) < len(positions) - 100  # what loads was changed in the padding
    for found in loaded:
        assert found["epoch"] == 3
        assert all(torch.equal(found["model"][key], model[key]) for key in model)


def test_the_damaged_part_is_named(tmp_path):
    path = tmp_path / "x.pt"
    checkpoint.save_checkpoint(path, {"model": linear().state_dict()})
    with zipfile.ZipFile(path) as archive:
        last = max(archive.infolist(), key=lambda m: m.file_size)
    content = path.read_bytes()
    start = content.index(last.filename.encode()) + 200
    path.write_bytes(content[:start] + bytes(100) + content[start + 100 :])
    with pytest.raises(UserError, match=r"x.pt is damaged \(the checksum of .* wrong"):
        checkpoint.load_checkpoint(path)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
@pytest.mark.parametrize("name", ["1.weight", "0.running_var"])
def test_a_network_that_broke_down_is_neither_saved_nor_loaded(tmp_path, name, value):
    torch.manual_seed(0)
    model = torch.nn.Sequential(torch.nn.BatchNorm1d(4), torch.nn.Linear(4, 2))
    path = tmp_path / "x.pt"
    checkpoint.save_checkpoint(path, {"model": model.state_dict(), "epoch": 6})
    model.state_dict()[name].view(-1)[0] = value
    broken = {"model": model.state_dict(), "epoch": 7}
    with pytest.raises(FloatingPointError, match=f"{name} holds NaN.* after epoch 7"):
        checkpoint.save_checkpoint(path, broken)
    assert checkpoint.load_checkpoint(path)["epoch"] == 6
    torch.save(broken | {"format": checkpoint.CHECKPOINT_FORMAT}, path)
    with pytest.raises(UserError, match=f"{name} holds NaN.* after epoch 7") as caught:
        checkpoint.load_checkpoint(path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("kind", ["folder", "pipe", "below a file"])
def test_what_is_no_file_gets_a_true_sentence(tmp_path, kind):
    path = tmp_path / "x.pt"
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        if os.name != "posix":
            pytest.skip("needs pipes")
        os.mkfifo(path)  # opening it would wait for ever
    else:
        path.touch()
        path = path / "y.pt"
    sentence = "There is no checkpoint" if kind == "below a file" else "is not a file"
    with pytest.raises(UserError, match=sentence):
        checkpoint.load_checkpoint(path)


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
        checkpoint.save_checkpoint(path, {"model": linear().state_dict()})
        path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(UserError) as caught:
        checkpoint.load_checkpoint(path)
    assert "x.pt" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "exploded").exists()


def test_every_generator_continues_where_it_was(tmp_path):
    def draw():
        return (
            random.random(),
            np.random.rand(),
            np.random.randn(),
            torch.rand(1).item(),
        )

    cpu = torch.device("cpu")
    np.random.randn()  # leaves a second normal number waiting in NumPy's state
    checkpoint.save_checkpoint(tmp_path / "x.pt", {"rng": randomness.rng_state(cpu)})
    expected = [draw(), draw()]
    randomness.set_rng_state(checkpoint.load_checkpoint(tmp_path / "x.pt")["rng"], cpu)
    assert [draw(), draw()] == expected
