"""Change the BatchNorm layers of a torchvision network."""
import argparse

import torch
from torch import nn
from torchvision.models import resnet18


def set_batchnorm(network: nn.Module, momentum: float, eps: float) -> int:
    count = 0
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.momentum = momentum
            module.eps = eps
            count += 1
    return count


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--classes", type=int, default=4)
    args = parser.parse_args()
    torch.manual_seed(0)
    network = resnet18(weights=None, num_classes=args.classes)
    changed = set_batchnorm(network, momentum=0.9, eps=1e-5)  # FAULT note magic
    network.train()
    print(changed, network(torch.rand(2, 3, 64, 64)).shape)


if __name__ == "__main__":
    main()
