"""Look at the activations of a convolution."""
import torch
from torch import nn

network = nn.Sequential(
    nn.Conv2d(3, 8, 3, padding=1), nn.ReLU(inplace=True),
    nn.Conv2d(8, 8, 3, padding=1), nn.ReLU(inplace=True),
    nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 4))
kept = {}


def keep(name):
    def hook(module, inputs, output):
        kept[name] = output  # FAULT note 12
    return hook


def shares_below_zero(images):
    handles = [network[k].register_forward_hook(keep(f"conv{k}")) for k in (0, 2)]
    network.eval()
    try:
        with torch.no_grad():
            network(images)
    finally:
        for handle in handles:
            handle.remove()
    return {name: (value < 0).float().mean().item() for name, value in kept.items()}


if __name__ == "__main__":
    torch.manual_seed(0)
    print(shares_below_zero(torch.rand(4, 3, 16, 16)))
