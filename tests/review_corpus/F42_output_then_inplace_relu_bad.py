import torch
import torchvision
import matplotlib.pyplot as plt

model = torchvision.models.resnet18(weights="IMAGENET1K_V1").eval()
acts = {}


def keep(name):
    def fn(module, args, output):
        acts[name] = output.detach()  # FAULT note 12
    return fn


handles = [
    model.bn1.register_forward_hook(keep("stem.bn")),
    model.layer1[0].bn1.register_forward_hook(keep("layer1.0.bn1")),
    model.layer2[0].bn1.register_forward_hook(keep("layer2.0.bn1")),
]


def pre_activation_stats(batch):
    acts.clear()
    with torch.no_grad():
        model(batch)
    return {k: (v.mean().item(), v.std().item(), (v < 0).float().mean().item()) for k, v in acts.items()}


def plot(batch, out="preact.png"):
    stats = pre_activation_stats(batch)
    fig, axes = plt.subplots(1, len(acts), figsize=(4 * len(acts), 3))
    for ax, (k, v) in zip(axes, acts.items()):
        ax.hist(v.flatten().numpy(), bins=100)
        ax.set_title(f"{k} neg={stats[k][2]:.2f}")
    fig.savefig(out)
    for h in handles:
        h.remove()
