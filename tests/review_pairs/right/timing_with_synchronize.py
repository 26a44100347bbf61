import time

import torch
from torch import nn


def wait(device):
    if device.type == "cuda":
        torch.cuda.synchronize(device)


@torch.inference_mode()
def throughput(model, batch, rounds=10):
    model.eval()
    for _ in range(3):
        model(batch)
    wait(batch.device)
    start = time.perf_counter()
    for _ in range(rounds):
        model(batch)
    wait(batch.device)
    return rounds * len(batch) / (time.perf_counter() - start)


if __name__ == "__main__":
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    net = nn.Sequential(nn.Linear(32, 64), nn.ReLU(), nn.Linear(64, 4)).to(device)
    print(throughput(net, torch.randn(16, 32, device=device)))
