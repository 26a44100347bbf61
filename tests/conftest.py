"""Fixtures that several test files share."""

import contextlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from built_book import pages, site  # noqa: F401  (fixtures)
from patience import HANGS, HANGS_MS

MakeImages = Callable[..., Path]

with contextlib.suppress(ImportError):  # without Playwright no test has a browser
    from playwright.sync_api import expect

    expect.set_options(timeout=HANGS_MS)


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
