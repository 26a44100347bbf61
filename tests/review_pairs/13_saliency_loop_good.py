import argparse
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torchvision import models

ap = argparse.ArgumentParser(description="vanilla gradient saliency")
ap.add_argument("images", type=Path)
ap.add_argument("--out", type=Path, default=Path("saliency"))
args = ap.parse_args()
args.out.mkdir(exist_ok=True)

device = "cuda" if torch.cuda.is_available() else "cpu"
weights = models.DenseNet121_Weights.IMAGENET1K_V1
net = models.densenet121(weights=weights).to(device).eval()
for p in net.parameters():
    p.requires_grad_(False)
preprocess = weights.transforms()

kept_scores = []
for path in sorted(args.images.glob("*.png")):
    x = preprocess(Image.open(path).convert("RGB"))[None].to(device)
    x.requires_grad_(True)

    output = net(x)
    score = output[0, output.argmax()]
    score.backward()

    sal = x.grad.abs().amax(dim=1)[0]
    sal = (sal / sal.max()).cpu().numpy()
    Image.fromarray((sal * 255).astype(np.uint8)).save(args.out / path.name)
    kept_scores.append((path.name, score.item()))

with open(args.out / "scores.tsv", "w") as f:
    for name, s in kept_scores:
        f.write(f"{name}\t{s:.4f}\n")
