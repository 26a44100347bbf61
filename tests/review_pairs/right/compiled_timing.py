import argparse
import statistics

import torch
from torchvision.models import vit_b_16

ap = argparse.ArgumentParser()
ap.add_argument("--batch", type=int, default=16)
ap.add_argument("--runs", type=int, default=30)
args = ap.parse_args()

device = torch.device("cuda")
model = vit_b_16(weights=None).to(device).eval()
x = torch.randn(args.batch, 3, 224, 224, device=device)


def bench(fn):
    times = []
    with torch.inference_mode():
        for _ in range(5):          # the first call compiles
            fn(x)
        torch.cuda.synchronize()
        for _ in range(args.runs):
            start = torch.cuda.Event(enable_timing=True)
            end = torch.cuda.Event(enable_timing=True)
            start.record()
            fn(x)
            end.record()
            torch.cuda.synchronize()
            times.append(start.elapsed_time(end))
    return statistics.median(times)


print(f"eager {bench(model):.2f} ms")
for mode in ("default", "reduce-overhead", "max-autotune"):
    torch._dynamo.reset()
    print(f"{mode} {bench(torch.compile(model, mode=mode)):.2f} ms")
