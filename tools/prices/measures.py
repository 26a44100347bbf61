"""Slips whose price is not accuracy: seconds, memory, changes that nobody notices.

Each class measures with the slip and without, side by side in one process.
"""

import hashlib
import random
import statistics
import tempfile
import time
from abc import abstractmethod
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

import psutil
import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset

from helpers.data import fingerprint
from helpers.devices import usable_cores
from helpers.model.resnet import resnet18
from prices.training import Described

FILES = 100  # pictures of the folder that is changed
CHANGES = 100  # changes that are tried


class Measure(Described):
    """A price with a unit of its own.

    Attributes:
        unit: of both numbers.
        more_is_better: whether a larger number is the better one.
        task: what is measured, in a few words.
    """

    tasks = ("measured",)
    unit: ClassVar[str]
    more_is_better: ClassVar[bool] = False
    task: ClassVar[str]

    @abstractmethod
    def measure(self, seed: int, small: bool) -> tuple[float, float]:
        """Return the number with the slip and that without it.

        Args:
            seed: of what is drawn at random.
            small: whether this is a rehearsal, and the numbers mean nothing.
        """


# --- note 2 ------------------------------------------------------------------------


class Pictures(Dataset):
    """Pictures that cost time to compute, time to wait for, or both.

    Args:
        count: how many.
        work: 48x48 convolutions for each.
        waiting: seconds for each, as if a network drive delivered it.
    """

    def __init__(self, count: int, work: int, waiting: float) -> None:
        self.count, self.work, self.waiting = count, work, waiting
        self.weight = torch.ones(8, 8, 3, 3)

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, index: int) -> Tensor:
        time.sleep(self.waiting)
        x = torch.ones(1, 8, 48, 48)
        for _ in range(self.work):
            x = nn.functional.conv2d(x, self.weight, padding=1) / 72
        return x[0]


def images_per_second(pictures: Pictures, workers: int) -> float:
    """Return how fast a loader delivers from the first request on, start included."""
    loader = DataLoader(pictures, batch_size=4, num_workers=workers)
    start = time.perf_counter()
    for _ in loader:
        pass
    return len(pictures) / (time.perf_counter() - start)


class Workers(Measure):
    """An epoch of a loader with two numbers of workers, start included."""

    page = "notebooks/02_dataloader_workers"
    unit = "images/s"
    more_is_better = True
    per_core: ClassVar[tuple[int, int]]  # workers, with the slip and without it

    @abstractmethod
    def pictures(self, cores: int, small: bool) -> Pictures:
        """Return what is loaded."""

    def measure(self, seed: int, small: bool) -> tuple[float, float]:
        cores = min(usable_cores(), 16)
        pictures = self.pictures(cores, small)
        slip, right = (images_per_second(pictures, n * cores) for n in self.per_core)
        return slip, right


class TooManyWorkers(Workers):
    """Four workers for each core, where loading computes."""

    says = "Four workers per core, where loading computes"
    right = "one worker per core"
    task = "an epoch from a loader that computes, start included"
    per_core = (4, 1)

    def pictures(self, cores: int, small: bool) -> Pictures:
        return Pictures(8 if small else 1200, 1 if small else 30, 0.0)


class TooFewWorkers(Workers):
    """One worker for each core, where loading waits."""

    says = "One worker per core, where loading waits"
    right = "four workers per core"
    task = "an epoch from a loader that waits 20 ms for each image, start included"
    per_core = (1, 4)

    def pictures(self, cores: int, small: bool) -> Pictures:
        return Pictures(8 if small else 400 * cores, 0, 0.0 if small else 0.02)


# --- note 13 -----------------------------------------------------------------------


class KeptGraphs(Measure):
    """Every output that is kept holds its graph, because the graph was retained."""

    says = "retain_graph=True for a class map, outputs kept"
    right = "torch.autograd.grad, outputs detached"
    page = "notebooks/13_retain_graph"
    unit = "MB per image"
    task = "ResNet-18 at 224 pixels"

    def measure(self, seed: int, small: bool) -> tuple[float, float]:
        torch.manual_seed(seed)
        side = 32 if small else 224
        network = resnet18().eval()
        return self.held(network, side, retain=True), self.held(network, side, False)

    def held(self, network: nn.Module, side: int, retain: bool) -> float:
        """Return the memory that the kept output of one image holds, in MB."""
        kept: list[Tensor] = []
        process, count = psutil.Process(), 10
        for position in range(count + 2):
            if position == 2:  # by then the allocator has what one image needs
                kept.clear()
                before = process.memory_info().rss
            logits = network(torch.randn(1, 3, side, side))  # -> [1, 1000]
            score = logits.max()
            if retain:
                score.backward(retain_graph=True)  # noqa: NOTE131
                kept.append(logits)
            else:
                torch.autograd.grad(score, list(network.parameters()))
                kept.append(logits.detach())
        return (process.memory_info().rss - before) / count / 1e6


# --- note 14 -----------------------------------------------------------------------


def content_md5(root: Path) -> str:
    """Return the MD5 of all files, one behind the other."""
    md5 = hashlib.md5()
    for path in sorted(root.glob("*/*")):
        md5.update(path.read_bytes())  # noqa: NOTE142
    return md5.hexdigest()


def named_sha256(root: Path) -> str:
    """Return the book's fingerprint: class, name, size and content of each file."""
    return fingerprint.fingerprint(root).digest


def make_folder(root: Path, draw: random.Random) -> None:
    """Write a folder of four classes; what is in the files does not matter."""
    for number in range(FILES):
        path = root / f"class{number % 4}" / f"{number:03}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(draw.randbytes(64))


def move(root: Path, draw: random.Random) -> None:
    """Move one picture into another class."""
    path = draw.choice(sorted(root.glob("*/*")))
    others = [folder for folder in sorted(root.iterdir()) if folder != path.parent]
    path.rename(draw.choice(others) / path.name)


def rename_class(root: Path, draw: random.Random) -> None:
    """Give a class another name, which may move it in the order."""
    folder = draw.choice(sorted(root.iterdir()))
    folder.rename(root / f"{draw.choice('abxyz')}{folder.name}")


def edit(root: Path, draw: random.Random) -> None:
    """Change one byte of one picture."""
    path = draw.choice(sorted(root.glob("*/*")))
    content = bytearray(path.read_bytes())
    content[draw.randrange(len(content))] ^= 1
    path.write_bytes(content)


def remove(root: Path, draw: random.Random) -> None:
    """Delete one picture."""
    draw.choice(sorted(root.glob("*/*"))).unlink()


def rename(root: Path, draw: random.Random) -> None:
    """Give a picture another name in its class; training sees the same."""
    path = draw.choice(sorted(root.glob("*/*")))
    path.rename(path.with_stem(f"{path.stem}-{draw.randrange(10)}"))


class Unnoticed(Measure):
    """Changes of a folder of which a digest says nothing, or says something."""

    page = "notebooks/14_dataset_fingerprint"
    unit = "of 100"
    changes: ClassVar[tuple[Callable[[Path, random.Random], None], ...]]
    counted: ClassVar[bool]  # the answer that is wrong: that the digest has changed

    def measure(self, seed: int, small: bool) -> tuple[float, float]:
        wrong = [0, 0]
        for number in range(5 if small else CHANGES):
            draw = random.Random(f"{seed} {number}")
            with tempfile.TemporaryDirectory() as name:
                root = Path(name, "data")
                make_folder(root, draw)
                digests = content_md5, named_sha256
                before = [digest(root) for digest in digests]
                self.changes[number % len(self.changes)](root, draw)
                for position, digest in enumerate(digests):
                    changed = digest(root) != before[position]
                    wrong[position] += changed == self.counted
        return float(wrong[0]), float(wrong[1])


class ContentOnly(Unnoticed):
    """The MD5 of all files, when training would see something else."""

    says = "An MD5 over the content of all files: changes unnoticed"
    right = "class, name, size and content of each file"
    task = "moved, edited and removed pictures, and renamed classes"
    changes = (move, rename_class, edit, remove)
    counted = False


class FalseAlarms(Unnoticed):
    """The same two, when training would see the same: here the fix is worse."""

    says = "An MD5 over the content of all files: false alarms"
    right = "class, name, size and content of each file"
    task = "pictures renamed within their class, in the same order"
    changes = (rename,)
    counted = True


# --- notes 16 and 17 ---------------------------------------------------------------


class Compiled(Measure):
    """A small network, compiled anew for each measurement."""

    unit = "ms"

    def timed(self, model: Callable[[Tensor], Tensor], batch: Tensor) -> float:
        """Return how long one call takes, in ms."""
        start = time.perf_counter()
        with torch.inference_mode():
            model(batch)
        return 1000 * (time.perf_counter() - start)

    def fresh(self, small: bool) -> Callable[[Tensor], Tensor]:
        """Return a compiled network that nothing has been compiled for yet."""
        torch.compiler.reset()
        network = nn.Sequential(
            nn.Conv2d(3, 16, 3, padding=1), nn.ReLU(), nn.Conv2d(16, 16, 3, padding=1),
            nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(16, 6),
        )  # fmt: skip
        return torch.compile(network.eval(), backend="eager" if small else "inductor")

    def measure(self, seed: int, small: bool) -> tuple[float, float]:
        import torch._inductor.config as inductor

        torch.manual_seed(seed)
        with inductor.patch(force_disable_caches=True):
            return self.compare(small)

    @abstractmethod
    def compare(self, small: bool) -> tuple[float, float]:
        """Return the number with the slip and that without it."""


class TimedWithCompiling(Compiled):
    """A benchmark of a hundred calls starts with the first one."""

    says = "A benchmark counts the first call"
    right = "three calls before the clock runs"
    page = "notebooks/16_compile_first_call"
    unit = "ms per call"
    task = "mean of 100 calls of three layers"

    def compare(self, small: bool) -> tuple[float, float]:
        model, batch = self.fresh(small), torch.randn(16, 3, 48, 48)
        times = [self.timed(model, batch) for _ in range(5 if small else 100)]
        return statistics.mean(times), statistics.mean(times[3:])


class WarmedForOthers(Compiled):
    """A compiled network is warmed up with one image and then gets sixteen."""

    says = "Warmed up with one image, asked for sixteen"
    right = "warmed up with batches like the requests"
    page = "notebooks/17_compile_warmup"
    unit = "ms for the first request"
    task = "three layers"

    def compare(self, small: bool) -> tuple[float, float]:
        one, sixteen = torch.randn(1, 3, 48, 48), torch.randn(16, 3, 48, 48)
        found = []
        for example in (one, sixteen):
            model = self.fresh(small)
            for _ in range(3):
                self.timed(model, example)
            found.append(self.timed(model, sixteen))
        return found[0], found[1]
