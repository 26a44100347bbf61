"""Where a network looks: Grad-CAM in a few lines, as chapter 12 derives it.

Source: Selvaraju et al. 2017, *Grad-CAM*, arXiv:1610.02391.
"""

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn import functional as F


@torch.inference_mode(False)  # works inside no_grad and inference_mode as well
@torch.enable_grad()
def grad_cam(
    network: nn.Module,
    layer: nn.Module,
    images: Float[Tensor, "n c h w"],
    classes: Int[Tensor, " n"] | None = None,
) -> Float[Tensor, "n h2 w2"]:
    """Return one map per image: how much each place speaks for the class.

    The map has the resolution of the layer's output and the scale of the logit.
    It is never negative. The parameters' ``.grad`` stay as they were, and so do
    the modules: no hook is left behind.

    Args:
        network: maps images to logits ``[N, K]``; in evaluation mode, because in
            training mode BatchNorm mixes the images.
        layer: the module whose output is weighted: the last block, not its last
            convolution (note 12).
        images: as the network takes them, on its device.
        classes: the class to explain, one per image; ``None`` for the predicted.

    Raises:
        ValueError: if the network is in training mode, or the layer does not give
            a map ``[N, C, h, w]``.
    """
    if network.training:
        raise ValueError("Grad-CAM needs the network in evaluation mode: call eval()")
    kept: list[Tensor] = []

    def record_from_here(_: nn.Module, __: object, output: Tensor) -> Tensor:
        torch.set_grad_enabled(True)  # what lies before the layer is not needed
        kept.append(output.detach().requires_grad_())
        return kept[-1].clone()  # the next module may work in place (note 12)

    hook = layer.register_forward_hook(record_from_here)
    try:
        with torch.no_grad():
            logits = network(images)  # [N, C, H, W] -> [N, K]
    finally:
        hook.remove()
    if len(kept) != 1 or kept[0].ndim != 4:  # [N, C, h, w]
        raise ValueError("the layer must run once and give a map [N, C, h, w]")
    (activation,) = kept  # [N, C, h, w]
    if classes is None:
        classes = logits.argmax(1)  # [N, K] -> [N]
    # Images do not mix in evaluation mode, so the sum's gradient holds each
    # image's own; and no graph needs to be retained (note 13).
    score = logits.gather(1, classes.to(logits.device)[:, None]).sum()
    (gradient,) = torch.autograd.grad(score, activation)  # [N, C, h, w]
    weights = gradient.mean((2, 3), keepdim=True)  # [N, C, h, w] -> [N, C, 1, 1]
    return (weights * activation).sum(1).relu().detach()  # [N, C, h, w] -> [N, h, w]


def enlarge(maps: Float[Tensor, "n h w"], size: int) -> Float[Tensor, "n size size"]:
    """Scale each map to [0, 1] and enlarge it to the picture, bilinearly.

    A map that is zero everywhere stays zero.
    """
    peak = maps.amax((1, 2), keepdim=True)  # [N, h, w] -> [N, 1, 1]
    scaled = maps / peak.clamp_min(torch.finfo(maps.dtype).tiny)
    return F.interpolate(
        scaled[:, None], size=(size, size), mode="bilinear", align_corners=False
    )[:, 0]  # [N, 1, size, size] -> [N, size, size]
