"""Grad-CAM: the identity it must satisfy, what it leaves alone, what it refuses."""

from pathlib import Path

import pytest
import torch
from pytorch_grad_cam import GradCAM
from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget
from torch import nn

from helpers.data.images import eval_transform, read_image
from helpers.data.loading import as_tensors, open_splits
from helpers.data.solids import mask_path, solids_root
from helpers.evaluation.gradcam import enlarge, grad_cam
from helpers.model.reference import reference_network
from helpers.model.resnet import ResNet


@pytest.fixture
def network():
    torch.manual_seed(0)
    return ResNet(5, width=4).eval()


IMAGES = torch.randn(3, 3, 32, 32, generator=torch.Generator().manual_seed(1))
CLASSES = torch.tensor([4, 0, 2])


def test_at_the_last_block_it_is_cam(network):
    kept = []
    hook = network.layer4.register_forward_hook(lambda *parts: kept.append(parts[2]))
    network(IMAGES)
    hook.remove()
    features = kept[0].detach()  # [3, 32, 4, 4]
    weights = network.fc.weight[CLASSES][:, :, None, None]  # [3, 32, 1, 1]
    cam = (weights * features).sum(1).relu() / features[0, 0].numel()
    maps = grad_cam(network, network.layer4[-1], IMAGES, CLASSES)
    assert torch.allclose(maps, cam, atol=1e-6)
    assert maps.max() > 0


def test_it_equals_the_package(network):
    layer = network.layer4[-1]
    with GradCAM(network, [layer]) as package:
        targets = [ClassifierOutputTarget(k) for k in CLASSES.tolist()]
        expected = torch.from_numpy(package(IMAGES.clone(), targets))  # scaled, 32x32
    ours = grad_cam(network, layer, IMAGES, CLASSES)
    # The package stretches each map to [0, 1], before it enlarges it and after.
    ours = enlarge(ours - ours.amin((1, 2), keepdim=True), 32)
    ours -= ours.amin((1, 2), keepdim=True)
    ours /= ours.amax((1, 2), keepdim=True).clamp_min(1e-7)  # zero stays zero
    assert torch.allclose(ours, expected, atol=1e-4)


def test_the_predicted_class_is_the_default(network):
    predicted = network(IMAGES).argmax(1)
    layer = network.layer4[-1]
    maps = grad_cam(network, layer, IMAGES)
    assert torch.equal(maps, grad_cam(network, layer, IMAGES, predicted))


def test_images_do_not_mix(network):
    layer = network.layer3
    together = grad_cam(network, layer, IMAGES, CLASSES)
    alone = [
        grad_cam(network, layer, IMAGES[k : k + 1], CLASSES[k : k + 1])
        for k in range(3)
    ]
    assert torch.allclose(together, torch.cat(alone), atol=1e-6)


def test_nothing_is_left_behind(network):
    images = IMAGES.clone()
    maps = grad_cam(network, network.layer4[-1], images)
    assert all(p.grad is None for p in network.parameters())
    assert not any(module._forward_hooks for module in network.modules())
    assert not maps.requires_grad
    assert torch.equal(images, IMAGES)
    assert not images.requires_grad


@pytest.mark.parametrize("mode", [torch.no_grad, torch.inference_mode, None])
def test_it_works_where_gradients_are_off(network, mode):
    layer, expected = network.layer4[-1], grad_cam(network, network.layer4[-1], IMAGES)
    if mode is None:
        network.requires_grad_(False)
        assert torch.equal(grad_cam(network, layer, IMAGES), expected)
        return
    with mode():
        maps = grad_cam(network, layer, IMAGES.clone())
    assert torch.equal(maps, expected)
    assert not maps.is_inference()


def test_a_failing_network_keeps_no_hook(network):
    with pytest.raises(RuntimeError):
        grad_cam(network, network.layer1, IMAGES[:, :2])
    assert not network.layer1._forward_hooks


def test_wrong_use_is_said(network):
    with pytest.raises(ValueError, match="evaluation mode"):
        grad_cam(network.train(), network.layer1, IMAGES)
    network.eval()
    for layer in (network.fc, nn.Identity()):  # no map; never runs
        with pytest.raises(ValueError, match="must run once and give a map"):
            grad_cam(network, layer, IMAGES)


def test_enlarged_maps_are_scaled_and_zero_stays_zero():
    maps = torch.zeros(2, 4, 4)
    maps[1, 1, 2] = 5.0
    large = enlarge(maps, 8)
    assert large.shape == (2, 8, 8)
    assert large[0].max() == 0
    assert 0.5 < large[1].max() <= 1
    row, column = divmod(int(large[1].argmax()), 8)
    assert (row // 2, column // 2) == (1, 2)


def test_a_trained_network_looks_at_the_object():
    """Chapter 12 measures it; here it is enough that the maps are no noise."""
    trained = reference_network()
    val = open_splits(solids_root()).val
    val.transform = eval_transform(trained.size, trained.mean, trained.std)
    chosen = range(0, 300, 10)
    images, targets = as_tensors(val, chosen)
    maps = grad_cam(trained.network, trained.network.layer4[-1], images, targets)
    inside = 0
    for index, heat in zip(chosen, enlarge(maps, 96), strict=True):
        mask = read_image(str(mask_path(Path(val.samples[index][0]))))[0]
        inside += int(mask.flatten()[heat.argmax()] > 0)
    assert inside / len(chosen) > 0.6
