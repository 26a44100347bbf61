"""Fixtures that several test files share."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from built_book import pages, site  # noqa: F401  (fixtures)

MakeImages = Callable[..., Path]


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
