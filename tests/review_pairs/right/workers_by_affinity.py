import argparse
import os
import platform

import torch
from torch.utils.data import DataLoader, TensorDataset


def usable_cpus():
    return len(os.sched_getaffinity(0))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--workers", type=int, default=min(1, usable_cpus()))
    args = parser.parse_args()
    print(f"{platform.machine()}: {os.cpu_count()} CPUs, {usable_cpus()} usable")
    loader = DataLoader(
        TensorDataset(torch.arange(32)), batch_size=8,
        num_workers=args.workers, persistent_workers=args.workers > 0)
    for _ in range(2):
        print(sum(int(batch.sum()) for (batch,) in loader))


if __name__ == "__main__":
    main()
