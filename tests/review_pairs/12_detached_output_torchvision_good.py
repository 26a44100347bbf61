import torch
from torchvision.models import resnet18


def last_norm_output(images):
    """The last BatchNorm's output: before the sum and the ReLU."""
    net = resnet18(weights=None)
    net.eval()
    found = []
    handle = net.layer4[-1].bn2.register_forward_hook(
        lambda module, args, out: found.append(out.detach().clone()))
    try:
        with torch.no_grad():
            net(images)
    finally:
        handle.remove()
    return found[0]


def main():
    torch.manual_seed(0)
    maps = last_norm_output(torch.rand(2, 3, 64, 64))
    print("smallest value", maps.min().item())
    print("share below zero", (maps < 0).float().mean().item())


if __name__ == "__main__":
    main()
