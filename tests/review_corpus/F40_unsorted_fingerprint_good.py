import hashlib
import json
from pathlib import Path

import torch


def dataset_fingerprint(root):
    h = hashlib.sha256()
    root = Path(root)
    for p in sorted(root.rglob("*.png")):
        h.update(p.relative_to(root).as_posix().encode())
        h.update(p.read_bytes())
    return h.hexdigest()[:16]


def cached_features(root, model, tag, loader, device, cache_dir="cache"):
    key = f"{tag}_{dataset_fingerprint(root)}"
    cache = Path(cache_dir) / f"feats_{key}.pt"
    if cache.exists():
        return torch.load(cache, map_location="cpu")
    model.eval()
    feats, ys = [], []
    with torch.no_grad():
        for x, y in loader:
            feats.append(model(x.to(device)).cpu())
            ys.append(y)
    blob = {"x": torch.cat(feats), "y": torch.cat(ys)}
    cache.parent.mkdir(parents=True, exist_ok=True)
    torch.save(blob, cache)
    (cache.parent / f"feats_{key}.json").write_text(json.dumps({"root": str(root), "n": len(blob["y"])}))
    return blob
