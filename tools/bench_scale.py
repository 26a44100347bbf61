"""Many files and many samples: fingerprint, audit, predictions."""

import hashlib
import importlib
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from functools import partial
from io import BytesIO
from pathlib import Path

import torch
from PIL import Image
from torch import Tensor, nn

from helpers.data.audit import audit
from helpers.data.fingerprint import Manifest, compare, fingerprint
from helpers.evaluation.predictions import collect
from sidebyside import Rival, alternate, seconds_of, show, timed

FILES, CLASSES = 20_000, 20
LEAST, MOST = 50_000, 150_000  # bytes of a file: 2 GB together
SAMPLES, LOGITS, BATCH = 100_000, 100, 100
OLD = 10**18  # nanoseconds since 1970: a modification time long ago
MEGA = 1e6


def many_images(root: Path, count: int) -> None:
    """Write JPEGs that differ, blown up to a camera's size by bytes after the end."""
    rng = random.Random(0)
    for index in range(count):
        folder = root / f"class{index % CLASSES:02d}"
        folder.mkdir(parents=True, exist_ok=True)
        picture = BytesIO()
        colour = tuple(rng.randrange(256) for _ in range(3))
        Image.new("RGB", (64, 64), colour).save(picture, "JPEG")
        padding = rng.randbytes(rng.randint(LEAST, MOST))
        path = folder / f"{index:05d}.jpg"
        path.write_bytes(picture.getvalue() + padding)
        os.utime(path, ns=(OLD, OLD))


def hash_one_by_one(root: Path) -> None:
    """The plain loop: one thread, the library's own reading in pieces."""
    for path in sorted(root.rglob("*.jpg")):
        with open(path, "rb") as file:
            hashlib.file_digest(file, "sha256").hexdigest()


def peak_memory(code: str) -> float:
    """Return the peak of a new process that runs ``code``, in megabytes (Linux).

    Not ``getrusage``: its figure begins with that of the parent.
    """
    code += "; print([x for x in open('/proc/self/status') if 'VmHWM' in x][0])"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    return int(done.stdout.split()[-2]) * 1024 / MEGA  # "VmHWM:  12345 kB"


def bench_fingerprint() -> None:
    """20,000 files beside a plain loop and what else hashes folders."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "many"
        many_images(root, FILES)
        rivals: dict[str, Rival] = {
            "one thread, hashlib.file_digest": timed(lambda: hash_one_by_one(root)),
            "helpers.data.fingerprint": timed(lambda: fingerprint(root)),
            "python -m helpers fingerprint": seconds_of(
                sys.executable, "-m", "helpers", "fingerprint", str(root)
            ),
        }
        for package, arguments in (
            ("checksumdir", {"hashfunc": "sha256"}),
            ("dirhash", {"algorithm": "sha256"}),
        ):
            try:
                module = importlib.import_module(package)
            except ImportError:
                continue  # not required: measured where it is installed
            rivals[package] = timed(partial(module.dirhash, str(root), **arguments))
        manifest = Path(folder) / "manifest.json"
        fingerprint(root).save(manifest)
        if shutil.which("sha256sum"):
            rivals["sha256sum --check, the same list"] = seconds_of(
                "env", "--chdir", str(root), "sha256sum", "--check", "--quiet",
                str(manifest.with_suffix(".sha256")),
            )  # fmt: skip
        size = sum(path.stat().st_size for path in root.rglob("*.jpg")) / 1e9
        title = f"Fingerprint of {FILES:,} files, {size:.2f} GB, warm cache"
        show(title, "seconds", alternate(rivals))

        def again() -> None:
            known = Manifest.load(manifest)
            now = fingerprint(root, known=known)
            assert now.reread == 0
            assert not any(compare(known, now))

        quick = (sys.executable, "-m", "helpers", "fingerprint", str(root))
        rivals = {
            "helpers.data.fingerprint, known manifest": timed(again),
            "fingerprint --check --quick": seconds_of(
                *quick, "--check", str(manifest), "--quick"
            ),
        }
        show(
            "The same folder, unchanged, by size and time", "seconds", alternate(rivals)
        )
        few = Path(folder) / "few"
        many_images(few, FILES // 10)
        print("\nPeak memory of the process (MB)")
        for name, where in (("2,000 files", few), ("20,000 files", root)):
            code = (
                f"from helpers.data.fingerprint import *; fingerprint({str(where)!r})"
            )
            print(f"  {name:<42} {peak_memory(code):9.1f}")


def bench_audit() -> None:
    """The audit of 20,000 files; run by hand, it shows a progress bar."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        many_images(root, FILES)
        rival = timed(lambda: audit(root, progress=sys.stderr.isatty()))
        show(f"Audit of {FILES:,} files", "seconds", alternate({"audit": rival}, 1))


class Samples:
    """Batches without end of cost: one tensor, given again and again."""

    def __init__(self, count: int, batch: int = BATCH) -> None:
        self.images = torch.zeros(batch, 1)
        self.targets = torch.zeros(batch, dtype=torch.int64)
        self.batches = count // batch

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        for _ in range(self.batches):
            yield self.images, self.targets


class Answers(nn.Module):
    """Gives every sample the same logits: what is measured is the collecting."""

    def forward(self, images: Tensor) -> Tensor:
        """``[N, 1] -> [N, LOGITS]``"""
        return torch.ones(len(images), LOGITS)


def collect_in_lists(samples: Samples) -> None:
    """What is often written: every number becomes an object of Python."""
    model, logits, targets = Answers().eval(), [], []
    with torch.inference_mode():
        for images, labels in samples:
            logits.extend(model(images).tolist())
            targets.extend(labels.tolist())
    torch.tensor(logits), torch.tensor(targets)


def bench_predictions() -> None:
    """100,000 samples collected as tensors, and as lists."""
    model, samples = Answers(), Samples(SAMPLES)
    rivals = {
        "helpers.evaluation.predictions.collect": timed(
            lambda: collect(model, samples)
        ),
        "lists, converted at the end": timed(lambda: collect_in_lists(samples)),
    }
    title = f"Collecting {SAMPLES:,} x {LOGITS} logits in {SAMPLES // BATCH:,} batches"
    show(title, "seconds", alternate(rivals))
    print(
        "\nPeak memory beyond that of one batch (MB); the result has "
        f"{SAMPLES * (4 * LOGITS + 8) / MEGA:.1f}"
    )  # float32 logits, int64 targets
    start = (
        "import bench_scale as b; from helpers.evaluation.predictions import collect; "
    )
    one = peak_memory(start + "collect(b.Answers(), b.Samples(b.BATCH))")
    for batches in (100, 1000, 10_000):
        code = f"b.Samples({SAMPLES}, {SAMPLES // batches})"
        used = peak_memory(start + f"collect(b.Answers(), {code})") - one
        print(f"  {f'collect, {batches:,} batches':<42} {used:9.1f}")
    used = peak_memory(start + f"b.collect_in_lists(b.Samples({SAMPLES}))") - one
    print(f"  {'lists, 1,000 batches':<42} {used:9.1f}")
