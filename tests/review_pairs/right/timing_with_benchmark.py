import torch
import torch.utils.benchmark as benchmark
from torch import nn


def median(model, batch):
    timer = benchmark.Timer("model(batch)", globals={"model": model, "batch": batch}, num_threads=1)
    return timer.blocked_autorange(min_run_time=0.02).median


def main():
    model = nn.Sequential(nn.Linear(16, 16), nn.ReLU()).eval()
    compiled = torch.compile(model)
    batch = torch.randn(8, 16)
    with torch.inference_mode():
        compiled(batch)
        print(median(model, batch), median(compiled, batch))


if __name__ == "__main__":
    main()
