import torch
import torch.nn.functional as F


def grad_cam(net, feats_fn, head_fn, x, cls):
    with torch.enable_grad():
        a = feats_fn(x).detach().requires_grad_(True)
        score = head_fn(a).gather(1, cls[:, None]).sum()
        g = torch.autograd.grad(score, a)[0]
    w = g.mean((2, 3), keepdim=True)
    cam = F.relu((w * a.detach()).sum(1, keepdim=True))
    return F.interpolate(cam, size=x.shape[2:], mode="bilinear", align_corners=False)


@torch.no_grad()
def validate(net, loader, device, writer=None, step=0):
    net.eval()
    ok = n = 0

    def feats(x):
        return net.forward_features(x)

    def head(a):
        return net.forward_head(a)

    for i, (x, y) in enumerate(loader):
        x, y = x.to(device), y.to(device)
        pred = net(x).argmax(1)
        ok += (pred == y).sum().item()
        n += y.numel()
        if i == 0 and writer is not None:
            cam = grad_cam(net, feats, head, x[:8], pred[:8])
            cam = cam / cam.amax((2, 3), keepdim=True).clamp_min(1e-8)
            writer.add_images("cam", cam, step)
    return ok / n
