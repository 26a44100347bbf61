"""The network: shapes, parameters, and equality with torchvision's ResNet."""

import pytest
import torch
import torchvision
from torch import nn

from helpers import magic
from helpers.model.resnet import (
    BasicBlock,
    ResNet,
    count_parameters,
    resnet18,
    shape_trace,
)


def test_resnet18_is_torchvisions():
    theirs = torchvision.models.resnet18().eval()
    ours = resnet18().eval()
    ours.load_state_dict(theirs.state_dict())  # the same names and shapes
    images = torch.randn(2, 3, 65, 70)  # odd sizes too
    with torch.inference_mode():
        assert torch.equal(ours(images), theirs(images))
    assert count_parameters(ours) == 11_689_512  # torchvision's weights meta


@pytest.mark.parametrize("side", [32, 64, 96, 224, 33])
@pytest.mark.parametrize("stem", ["small", "imagenet"])
def test_any_image_size_gives_logits(side, stem):
    network = ResNet(6, width=4, stem=stem).eval()
    assert network(torch.zeros(2, 3, side, side)).shape == (2, 6)


def test_default_network_has_the_size_the_book_names():
    parameters = count_parameters(ResNet(6))
    assert 0.6e6 < parameters < 0.8e6


@pytest.mark.parametrize(
    ("in_channels", "stride", "projects"), [(8, 1, False), (8, 2, True), (4, 1, True)]
)
def test_block_projects_only_where_the_shape_changes(in_channels, stride, projects):
    block = BasicBlock(in_channels, 8, stride)
    assert (block.downsample is not None) == projects
    assert block(torch.zeros(2, in_channels, 9, 9)).shape == (
        2,
        8,
        *[-(-9 // stride)] * 2,
    )


def test_only_one_convolution_of_a_block_is_strided():
    block = BasicBlock(4, 8, stride=2)
    assert (block.conv1.stride, block.conv2.stride) == ((2, 2), (1, 1))


def test_a_block_does_not_change_its_input():
    block = BasicBlock(4, 4).eval()
    images = torch.randn(2, 4, 5, 5)
    before = images.clone()
    block(images)
    assert torch.equal(images, before)


def test_a_shortcut_that_would_broadcast_is_refused():
    block = BasicBlock(1, 8)
    block.downsample = None  # [N, 1, H, W] would be added to [N, 8, H, W] in silence
    with pytest.raises(AssertionError, match="torch.Size"):
        block(torch.zeros(2, 1, 5, 5))


def test_batch_norm_and_initialisation_use_the_named_numbers():
    network = ResNet(3, width=32)
    norms = [m for m in network.modules() if isinstance(m, nn.BatchNorm2d)]
    assert {m.momentum for m in norms} == {magic.BATCH_NORM_MOMENTUM}
    weight = network.layer4[0].conv2.weight
    fan_out = weight.shape[0] * 9  # a 3x3 kernel
    assert weight.std().item() == pytest.approx((2 / fan_out) ** 0.5, rel=0.02)


@pytest.mark.parametrize("arguments", [{"blocks": (1, 1)}, {"strides": (1, 2)}])
def test_four_stages_are_needed(arguments):
    with pytest.raises(ValueError, match="4 stages"):
        ResNet(3, **arguments)


def test_shape_trace_lists_every_layer_and_leaves_the_model_alone():
    network = ResNet(6)
    network.layer1.eval()
    before = {k: v.clone() for k, v in network.state_dict().items()}
    rows = shape_trace(network, (2, 3, 64, 64))
    shapes = {row.name: row.output for row in rows}
    assert shapes["conv1"] == (2, 24, 32, 32)
    assert shapes["layer4"] == (2, 192, 8, 8)
    assert shapes["fc"] == (2, 6)
    assert sum(row.parameters for row in rows) == count_parameters(network)
    assert all(torch.equal(v, before[k]) for k, v in network.state_dict().items())
    assert network.training
    assert not network.layer1.training
    assert not any(m._forward_hooks for m in network.modules())
    deeper = shape_trace(network, (2, 3, 64, 64), depth=3)
    assert "layer2.0.downsample" in {row.name for row in deeper}


def test_shape_trace_removes_its_hooks_after_an_error():
    network = ResNet(6)
    with pytest.raises(RuntimeError):
        shape_trace(network, (2, 4, 64, 64))
    assert not any(m._forward_hooks for m in network.modules())
    assert network.training


def test_annotated_shapes_are_checked_in_the_tests():
    """The suite runs with jaxtyping and beartype; a wrong rank must be caught."""
    with pytest.raises(Exception, match=r"(?i)type-check|beartype"):
        ResNet(6)(torch.zeros(3, 64, 64))
