"""From a checkpoint back to a network that can be used."""

import pytest
import torch

from helpers.errors import UserError
from helpers.model.checkpoint import load_checkpoint, save_checkpoint
from helpers.model.reference import reference_network
from helpers.model.resnet import ResNet
from helpers.model.trained import open_trained


def checkpoint(**changes):
    network = ResNet(2, width=4)
    return {
        "model": network.state_dict(),
        "model_args": {"num_classes": 2, "width": 4},
        "class_to_idx": {"b": 1, "a": 0},
        "size": 16,
        "mean": (0.5, 0.5, 0.5),
        "std": (0.2, 0.2, 0.2),
        "data": "photos",
        "optimizer": {},
    } | changes


def test_a_network_comes_back_with_its_classes_in_order(tmp_path):
    saved = checkpoint()
    save_checkpoint(tmp_path / "m.pt", saved)
    trained = open_trained(tmp_path / "m.pt")
    assert trained.classes == ["a", "b"]
    assert not trained.network.training
    assert torch.equal(trained.network.fc.weight, saved["model"]["fc.weight"])
    assert trained.about.keys() == {"data", "versions"}


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"model_args": {"num_classes": 2, "width": 8}}, "weights of another network"),
        ({"model_args": {"num_classes": 3, "width": 4}}, "weights of another network"),
        ({"model_args": {"depth": 18}}, "weights of another network"),
        ({"model": {}}, "weights of another network"),
        ({"model": 7}, "weights of another network"),
    ],
)
def test_weights_of_another_width_get_one_sentence(tmp_path, changes, sentence):
    save_checkpoint(tmp_path / "m.pt", checkpoint(**changes))
    with pytest.raises(UserError, match=sentence) as caught:
        open_trained(tmp_path / "m.pt")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("key", ["model", "model_args", "class_to_idx", "size", "mean"])
def test_a_missing_entry_is_named(tmp_path, key):
    saved = checkpoint()
    del saved[key]
    save_checkpoint(tmp_path / "m.pt", saved)
    with pytest.raises(UserError, match=f"lacks '{key}'"):
        open_trained(tmp_path / "m.pt")


def test_the_shipped_network_is_one_of_them(tmp_path):
    trained = reference_network()
    assert trained.about["data"] == "solids"
    assert len(trained.classes) == 6
    save_checkpoint(tmp_path / "m.pt", checkpoint())
    assert load_checkpoint(tmp_path / "m.pt").keys() >= {"optimizer", "format"}
