import time
import numpy as np
import torch
from torchvision import models


def benchmark(name, batch_size=32, n_warmup=20, n_iter=100):
    net = getattr(models, name)(weights=None).cuda().eval()
    x = torch.randn(batch_size, 3, 224, 224, device="cuda")
    times = []
    with torch.inference_mode():
        for _ in range(n_warmup):
            net(x)
        torch.cuda.synchronize()
        for _ in range(n_iter):
            tic = time.perf_counter()
            net(x)
            torch.cuda.synchronize()
            times.append(time.perf_counter() - tic)
    times = np.array(times) * 1e3
    return dict(mean=times.mean(), std=times.std(), p95=np.percentile(times, 95),
                ips=batch_size * 1e3 / times.mean())


if __name__ == "__main__":
    for arch in ["resnet18", "resnet50", "mobilenet_v3_large", "efficientnet_b0", "vit_b_16"]:
        r = benchmark(arch)
        print(f"{arch:22s} {r['mean']:7.2f} ms  +-{r['std']:.2f}  p95 {r['p95']:.2f}  {r['ips']:.0f} img/s")
