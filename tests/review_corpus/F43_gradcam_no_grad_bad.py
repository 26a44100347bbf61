import torch
import torch.nn.functional as F
from torchvision.models import resnet50, ResNet50_Weights


class GradCAM:
    def __init__(self, model, target_layer):
        self.model = model.eval()
        self.act = None
        self.grad = None
        target_layer.register_forward_hook(self._save)

    def _save(self, m, i, o):
        self.act = o
        if o.requires_grad:
            o.register_hook(self._save_grad)

    def _save_grad(self, g):
        self.grad = g

    def __call__(self, x, cls=None):
        self.model.zero_grad()
        with torch.no_grad():  # FAULT note 13
            logits = self.model(x)
        if cls is None:
            cls = logits.argmax(1).item()
        logits[0, cls].backward()
        w = self.grad.mean(dim=(2, 3), keepdim=True)
        cam = F.relu((w * self.act.detach()).sum(1, keepdim=True))
        cam = F.interpolate(cam, x.shape[-2:], mode="bilinear", align_corners=False)[0, 0]
        cam = cam - cam.min()
        return (cam / (cam.max() + 1e-8)).cpu(), cls


if __name__ == "__main__":
    wts = ResNet50_Weights.DEFAULT
    net = resnet50(weights=wts)
    cam = GradCAM(net, net.layer4[-1])
    heat, c = cam(torch.randn(1, 3, 224, 224))
    print(wts.meta["categories"][c], heat.shape)
