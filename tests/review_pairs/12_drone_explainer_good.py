import csv
from pathlib import Path

import torch
import torch.nn.functional as F
from PIL import Image
from torchvision.models import ResNet50_Weights, resnet50
from torchvision.utils import save_image


class Explainer:
  """Grad-CAM over a folder of drone photographs."""

  def __init__(self, model, layer, device):
    self.model = model.to(device).eval()
    self.layer = layer
    self.device = device

  def heatmap(self, x):
    store = {}

    def keep(module, inputs, output):
      store["act"] = output

    handle = self.layer.register_forward_hook(keep)
    logits = self.model(x.to(self.device))
    handle.remove()
    k = logits.argmax(1).item()
    grad, = torch.autograd.grad(logits[0, k], store["act"])
    weight = grad.mean(dim=(2, 3), keepdim=True)
    cam = F.relu((weight * store["act"]).sum(1, keepdim=True)).detach()
    cam = F.interpolate(cam, x.shape[-2:], mode="bilinear", align_corners=False)
    return cam / cam.max().clamp_min(1e-8), k

  def folder(self, src, dst, transform, names):
    dst.mkdir(parents=True, exist_ok=True)
    rows = []
    for path in sorted(src.glob("*.jpg")):
      x = transform(Image.open(path).convert("RGB")).unsqueeze(0)
      cam, k = self.heatmap(x)
      save_image(cam.cpu(), dst / f"{path.stem}_cam.png")
      rows.append((path.name, names[k]))
    return rows


def main():
  weights = ResNet50_Weights.IMAGENET1K_V2
  net = resnet50(weights=weights)
  device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
  ex = Explainer(net, net.layer4[-1], device)
  rows = ex.folder(Path("drone"), Path("drone_cam"), weights.transforms(),
                   weights.meta["categories"])
  with open("drone_cam/classes.csv", "w", newline="") as f:
    csv.writer(f).writerows(rows)


if __name__ == "__main__":
  main()
