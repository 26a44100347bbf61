"""Compare a network with its compiled form."""
import argparse
import time

import torch
from torch import nn


def seconds_per_call(network, batch, calls):
    network.eval()
    with torch.inference_mode():
        for _ in range(3):
            network(batch)
        start = time.perf_counter()
        for _ in range(calls):
            network(batch)
    return (time.perf_counter() - start) / calls


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--calls", type=int, default=20)
    parser.add_argument("--batch-size", type=int, default=16)
    args = parser.parse_args()
    torch.manual_seed(0)
    network = nn.Sequential(nn.Linear(64, 64), nn.GELU(), nn.Linear(64, 64))
    batch = torch.randn(args.batch_size, 64)
    print("eager   ", seconds_per_call(network, batch, args.calls))
    print("compiled", seconds_per_call(torch.compile(network), batch, args.calls))


if __name__ == "__main__":
    main()
