import torch
from contextlib import contextmanager
from torchvision import models


@contextmanager
def cuda_timer(store):
    a, b = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
    a.record()
    yield
    b.record()
    torch.cuda.synchronize()
    store.append(a.elapsed_time(b))


def warm_up(net, shape, n=10):
    dummy = torch.rand(shape, device="cuda")
    with torch.no_grad():
        for _ in range(n):
            net(dummy)


def test(ckpt, loader, n_classes):
    net = models.resnet34(num_classes=n_classes)
    net.load_state_dict(torch.load(ckpt, map_location="cpu"))
    net = net.cuda()
    net.eval()
    warm_up(net, (16, 3, 224, 224))
    ms, hit, n = [], 0, 0
    with torch.no_grad():
        for x, y in loader:
            x, y = x.cuda(), y.cuda()
            with cuda_timer(ms):
                out = net(x)
            hit += (out.argmax(1) == y).sum().item()
            n += y.size(0)
    print(f"acc {hit / n:.4f}, {sum(ms) / n:.3f} ms per image")
