"""Checkpoints: complete at every moment, safe to load, and all of the randomness."""

import errno
import os
import pickle
import random

import numpy as np
import pytest
import torch

from helpers import checkpoint, randomness
from helpers.errors import UserError
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
