"""Milliseconds for one batch on the GPU."""
import time

import torch
from torchvision import models


@torch.inference_mode()
def milliseconds(net, batch, repeats=50):
    for _ in range(5):
        net(batch)
    torch.cuda.synchronize()
    start = time.perf_counter()
    for _ in range(repeats):
        net(batch)
    torch.cuda.synchronize()
    seconds = time.perf_counter() - start
    return 1000 * seconds / repeats


def main():
    net = models.resnet50(weights=None).cuda().eval()
    for size in (1, 8, 32):
        batch = torch.randn(size, 3, 224, 224, device="cuda")
        print(size, round(milliseconds(net, batch), 2))


if __name__ == "__main__":
    main()
