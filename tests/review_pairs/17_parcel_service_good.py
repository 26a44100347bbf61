"""Damage detector behind an HTTP service."""
from __future__ import annotations

import io

import torch
from PIL import Image
from torch import nn
from torchvision.models import resnet18
from torchvision.transforms import v2


def build_network(checkpoint: str) -> nn.Module:
    net = resnet18(num_classes=2)
    net.load_state_dict(torch.load(checkpoint, map_location="cpu", weights_only=True))
    return net


class DamageService:
    batch = 8

    def __init__(self, checkpoint: str, device: str = "cuda"):
        self.device = torch.device(device)
        self.net = build_network(checkpoint).to(self.device).eval()
        self.fast = torch.compile(self.net, mode="reduce-overhead")
        self.tf = v2.Compose([
            v2.ToImage(), v2.Resize((224, 224)), v2.ToDtype(torch.float32, scale=True),
            v2.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]),
        ])
        self.warm_up()

    def warm_up(self, times: int = 3) -> None:
        x = torch.randn(self.batch, 3, 224, 224, device=self.device)
        with torch.inference_mode():
            for _ in range(times):
                self.fast(x)

    @torch.inference_mode()
    def predict(self, blobs: list[bytes]) -> list[float]:
        images = [self.tf(Image.open(io.BytesIO(b)).convert("RGB")) for b in blobs]
        n = len(images)
        while len(images) < self.batch:
            images.append(images[-1])
        out = self.fast(torch.stack(images[: self.batch]).to(self.device))
        return out.softmax(dim=1)[:n, 1].tolist()


if __name__ == "__main__":
    service = DamageService("damage_r18.pt")
    with open("example.jpg", "rb") as f:
        print(service.predict([f.read()]))
