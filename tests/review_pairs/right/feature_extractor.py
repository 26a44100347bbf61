from contextlib import contextmanager

import numpy as np
import torch
from torchvision.models import VGG16_Weights, vgg16

LAYERS = {"conv1_2": 2, "conv2_2": 7, "conv3_3": 14, "conv4_3": 21}


@contextmanager
def record(model, layers):
    """Outputs of several layers; VGG's ReLUs are in place, hence the copies."""
    store, handles = {}, []

    def make(name):
        def hook(module, inputs, output):
            store[name] = output.detach().clone()
        return hook

    for name, i in layers.items():
        handles.append(model.features[i].register_forward_hook(make(name)))
    try:
        yield store
    finally:
        for h in handles:
            h.remove()


def extract(loader, device="cpu"):
    weights = VGG16_Weights.IMAGENET1K_V1
    net = vgg16(weights=weights).to(device).eval()
    rows = {name: [] for name in LAYERS}
    with torch.inference_mode(), record(net, LAYERS) as store:
        for images, _ in loader:
            net(images.to(device))
            for name, value in store.items():
                rows[name].append(value.mean(dim=(2, 3)).cpu().numpy())
    return {name: np.concatenate(r) for name, r in rows.items()}


def main():
    from stimuli import stimulus_loader
    feats = extract(stimulus_loader(VGG16_Weights.IMAGENET1K_V1.transforms()))
    np.savez("vgg_features.npz", **feats)


if __name__ == "__main__":
    main()
