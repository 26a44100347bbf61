import torch
from torch import Tensor, nn


def grad_cam(network: nn.Module, layer: nn.Module, image: Tensor) -> Tensor:
    """Map [h, w] of one image [3, H, W]."""
    activations: list[Tensor] = []
    handle = layer.register_forward_hook(lambda m, i, o: activations.append(o))
    logits = network(image[None])  # FAULT note 12
    score = logits[0, logits[0].argmax()]
    (gradient,) = torch.autograd.grad(score, activations[0])
    weights = gradient.mean((2, 3), keepdim=True)
    return (weights * activations[0]).sum(1)[0].relu().detach()


if __name__ == "__main__":
    torch.manual_seed(0)
    features = nn.Sequential(nn.Conv2d(3, 8, 3, 2), nn.ReLU(), nn.Conv2d(8, 8, 3, 2), nn.ReLU())
    model = nn.Sequential(features, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 5)).eval()
    for picture in torch.rand(3, 3, 32, 32):
        print(grad_cam(model, features, picture).shape)
