import time

import torch
from torchvision import models

BATCH = 32
REPEATS = 50
NAMES = ["resnet18", "resnet50", "mobilenet_v3_large", "efficientnet_b0", "convnext_tiny"]

torch.backends.cudnn.benchmark = True
device = torch.device("cuda:0")
x = torch.randn(BATCH, 3, 224, 224, device=device)

results = {}
for name in NAMES:
    model = getattr(models, name)(weights=None).to(device)
    model.eval()

    with torch.inference_mode():
        for _ in range(10):
            model(x)
        torch.cuda.synchronize()

        start = time.perf_counter()
        for _ in range(REPEATS):
            model(x)
        elapsed = time.perf_counter() - start  # FAULT note 17

    results[name] = {
        "ms_per_batch": 1000 * elapsed / REPEATS,
        "images_per_s": BATCH * REPEATS / elapsed,
        "params_m": sum(p.numel() for p in model.parameters()) / 1e6,
    }
    del model
    torch.cuda.empty_cache()

print(f"{'model':22s} {'ms':>8s} {'img/s':>9s} {'M par':>7s}")
for name, r in sorted(results.items(), key=lambda kv: kv[1]["ms_per_batch"]):
    print(f"{name:22s} {r['ms_per_batch']:8.2f} {r['images_per_s']:9.0f} {r['params_m']:7.1f}")
