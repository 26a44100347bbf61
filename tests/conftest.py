"""Fixtures that several test files share."""

import contextlib
import math
import signal
from collections.abc import Callable
from pathlib import Path

import numpy as np
import psutil
import pytest
import torch
from PIL import Image

from built_book import class_folder, pages, site  # noqa: F401  (fixtures)
from helpers.devices import usable_cores
from opened_book import (  # noqa: F401  (fixtures)
    address,
    browser,
    common_page,
    new_page,
    open_page,
    page,
)
from patience import HANGS, HANGS_MS

MakeImages = Callable[..., Path]

with contextlib.suppress(ImportError):  # without Playwright no test has a browser
    from playwright.sync_api import expect

    expect.set_options(timeout=HANGS_MS)


# The first backward pass starts autograd's threads, one for each GPU. A fake GPU counts
# as one, and then no copy of the process could go backward: so it is done before any.
torch.ones(1, requires_grad=True).sum().backward()

# A shell that starts the tests in the background lets them, and the programs that they
# start, ignore Ctrl-C. Tests that send it need what a terminal gives.
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

MEMORY = 4e9  # bytes that one process of the tests may need, its notebook included


def quota(name: str) -> float:
    """Return what the container allows, if this runs in one: cores, or bytes."""
    try:
        value, *per = Path("/sys/fs/cgroup", name).read_text().split()
    except OSError:
        return math.inf
    return math.inf if value == "max" else int(value) / int(*per or "1")


def pytest_xdist_auto_num_workers() -> int:
    """Start a process for each core, but no more than the memory can hold."""
    cores = min(usable_cores(), quota("cpu.max"))
    memory = min(psutil.virtual_memory().total, quota("memory.max"))
    return max(1, int(min(cores, memory / MEMORY)))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let nbval wait for what a finished cell has printed, on a busy machine, too."""
    for item in items:
        if hasattr(item, "output_timeout"):
            item.output_timeout = HANGS


@pytest.fixture
def make_images(tmp_path: Path) -> MakeImages:
    """Return a function that makes a folder of small images, one colour a class."""

    def make(name: str, classes: list[str], count: int = 6, size: int = 24) -> Path:
        rng = np.random.default_rng(0)
        for position, label in enumerate(classes):
            folder = tmp_path / name / label
            folder.mkdir(parents=True)
            for index in range(count):
                pixels = rng.integers(0, 60, (size, size, 3), dtype=np.uint8)
                pixels[..., position % 3] += 150
                Image.fromarray(pixels).save(folder / f"{index}.jpg")
        return tmp_path / name

    return make
