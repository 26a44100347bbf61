"""The registry of magic numbers."""

import inspect

import pytest
import torch
from torch import nn
from torchvision.models import ResNet18_Weights
from torchvision.transforms import v2

from helpers import magic


def test_every_constant_is_registered_with_its_value():
    constants = {name for name in vars(magic) if name.isupper() and name != "NUMBERS"}
    assert constants == set(magic.NUMBERS)
    for name, number in magic.NUMBERS.items():
        assert getattr(magic, name) == number.value
        assert len(number.source.split()) > 1


def test_numbers_that_claim_to_be_defaults_are():
    preset = ResNet18_Weights.IMAGENET1K_V1.transforms()
    assert tuple(preset.mean) == magic.IMAGENET_MEAN
    assert tuple(preset.std) == magic.IMAGENET_STD
    assert preset.resize_size[0] / preset.crop_size[0] == magic.EVAL_RESIZE
    crop = v2.RandomResizedCrop(8)
    assert tuple(crop.scale) == magic.CROP_AREA
    assert crop.ratio == pytest.approx(magic.CROP_RATIO)
    norm = nn.BatchNorm2d(1)
    assert (norm.momentum, norm.eps) == (
        magic.BATCH_NORM_MOMENTUM,
        magic.BATCH_NORM_EPS,
    )
    adamw = torch.optim.AdamW([torch.zeros(1)])
    assert adamw.defaults["weight_decay"] == magic.WEIGHT_DECAY
    cycle = inspect.signature(torch.optim.lr_scheduler.OneCycleLR)
    assert cycle.parameters["pct_start"].default == magic.WARM_UP_SHARE


@pytest.mark.parametrize("field", ["meaning", "source", "change_when"])
def test_a_number_without_a_text_is_refused(field, monkeypatch):
    monkeypatch.setattr(magic, "NUMBERS", {})
    texts = dict.fromkeys(("meaning", "source", "change_when"), "some text")
    magic.number("A", 1, **texts)
    with pytest.raises(ValueError, match="registered twice"):
        magic.number("A", 1, **texts)
    with pytest.raises(ValueError, match="needs a meaning"):
        magic.number("B", 1, **texts | {field: ""})
