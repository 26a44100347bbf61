import functools
import time
import timm
import torch

torch.set_float32_matmul_precision("high")


@functools.lru_cache(maxsize=None)
def get_compiled(name, mode):
    net = timm.create_model(name, pretrained=True).cuda().eval()
    return torch.compile(net, mode=mode)


@torch.inference_mode()
def score(name, mode, loader):
    net = get_compiled(name, mode)
    good = total = 0
    for x, y in loader:
        good += (net(x.cuda(non_blocking=True)).argmax(-1).cpu() == y).sum().item()
        total += len(y)
    return good / total


def main(loaders, names=("resnet50", "convnext_tiny")):
    table = {}
    for name in names:
        for corruption, loader in loaders.items():
            t = time.time()
            acc = score(name, "reduce-overhead", loader)
            table[name, corruption] = acc
            print(f"{name} {corruption}: {acc:.4f} ({time.time() - t:.0f}s)")
    compiled = {}
    for corruption in loaders:
        if "default" not in compiled:
            compiled["default"] = torch.compile(timm.create_model("resnet18").cuda().eval())
        print(corruption, type(compiled["default"]).__name__)
    return table
