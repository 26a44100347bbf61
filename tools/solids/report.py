"""How hard is the set, and does a shortcut solve it?"""

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image
from scipy.ndimage import maximum_filter
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from solids.faults import NAMES

CHANCE = 1 / len(NAMES)
GROW = 11  # width of the filter that grows the mask: 5 pixels to each side
SEED = 0


def mean_colour(image: Path, mask: Path) -> np.ndarray:
    """The image's mean red, green and blue, [3]."""
    return np.asarray(Image.open(image).convert("RGB"), float).mean((0, 1))


def background(image: Path, mask: Path) -> np.ndarray:
    """Statistics of the pixels outside the grown mask, [27].

    Per channel: mean, standard deviation, five quantiles, and the mean size of the
    steps to the right and down, which tells the patterns of the ground apart.
    """
    pixels = np.asarray(Image.open(image).convert("RGB"), float)
    outside = maximum_filter(Image.open(mask).convert("L"), GROW) == 0
    seen = pixels[outside]
    quantiles = np.quantile(seen, [0.05, 0.25, 0.5, 0.75, 0.95], axis=0)
    steps = [
        np.abs(np.diff(pixels, axis=0))[outside[1:] & outside[:-1]].mean(0),
        np.abs(np.diff(pixels, axis=1))[outside[:, 1:] & outside[:, :-1]].mean(0),
    ]
    return np.concatenate([seen.mean(0), seen.std(0), *quantiles, *steps])


def features(
    root: Path, split: str, look: Callable[[Path, Path], np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    """Features [n, d] and class indices [n] of a split."""
    files = sorted((root / split).rglob("*.jpg"))
    masks = [(root / "masks" / f.relative_to(root)).with_suffix(".png") for f in files]
    rows = [look(f, m) for f, m in zip(files, masks, strict=True)]
    return np.stack(rows), np.array([NAMES.index(f.parent.name) for f in files])


def shortcuts(root: Path) -> dict[str, float]:
    """Validation accuracy of classifiers that cannot see the shape."""
    linear, neighbours = LogisticRegression(max_iter=1000), KNeighborsClassifier(15)
    scores = {}
    for look, models in (
        (mean_colour, {
            "mean colour, logistic regression": make_pipeline(StandardScaler(), linear),
            "mean colour, 15 nearest neighbours":
                make_pipeline(StandardScaler(), neighbours),
        }),
        (background, {
            "background statistics, random forest":
                RandomForestClassifier(300, random_state=SEED),
        }),
    ):  # fmt: skip
        train, val = (features(root, split, look) for split in ("train", "val"))
        for title, model in models.items():
            scores[title] = float(model.fit(*train).score(*val))
    return scores


def network(root: Path) -> tuple[float, float]:
    """Validation accuracy and seconds of the book's ResNet, trained from scratch."""
    import torch  # heavy, and rendering does not need it

    from helpers.command.settings import Settings
    from helpers.command.train import train

    # The renderer holds numpy to one thread by a setting that torch obeys as well.
    torch.set_num_threads(os.cpu_count() or 1)
    with tempfile.TemporaryDirectory() as folder:
        history = train(
            root,
            "solids",
            Path(folder) / "network.pt",
            Settings(seed=SEED),
            device="cpu",
        )
    return history[-1].val_accuracy, sum(epoch.seconds for epoch in history)


def report(root: Path, empty: Callable[[Path], None] | None = None) -> list[str]:
    """Lines of the report on a rendered folder.

    Args:
        root: folder with train, val and masks.
        empty: renders the same scenes without their objects into a folder; the
            network is then trained on these as well.
    """
    lines = [f"chance{'':38}{CHANCE:.3f}"]
    lines += [f"{title:<44}{score:.3f}" for title, score in shortcuts(root).items()]
    score, seconds = network(root)
    title = "the ResNet of `helpers train`, its defaults"
    lines.append(f"{title:<44}{score:.3f}  {seconds:.0f} s")
    if empty is not None:
        with tempfile.TemporaryDirectory() as folder:
            empty(Path(folder))
            score, seconds = network(Path(folder))
        title = "the same on the scenes without the objects"
        lines.append(f"{title:<44}{score:.3f}  {seconds:.0f} s")
    return lines
