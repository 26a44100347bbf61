"""Real photographs: 2,624 solar cells, some of them defective.

Electroluminescence images of 300x300 grey pixels from the PyPI package
``elpv-dataset`` (Buerhop-Lutz et al. 2018; Deitsch et al. 2019 and 2021),
licensed CC BY-NC-SA 4.0: attribution, no commercial use, share alike. The
images are read from the installed package; of this project only the few are part
that are seen in the figures of the capstone, under the same licence.
"""

import json
import shutil
from collections import Counter
from pathlib import Path
from typing import NamedTuple

from helpers.data.cache import cache_folder, make_folder
from helpers.errors import UserError

LICENCE = (
    "elpv-dataset: electroluminescence images of solar cells by Buerhop-Lutz, "
    "Deitsch and others, licensed CC BY-NC-SA 4.0 "
    "(https://creativecommons.org/licenses/by-nc-sa/4.0/)."
)
CLASSES = ("defective", "functional")
DEFECT_FROM = 0.5  # four experts' grades 0, 1/3, 2/3, 1: the upper two count
VAL_SHARE = 0.2
SPLIT_SEED = 0
COUNT = 2624  # images in the published set


class Cell(NamedTuple):
    """One photograph of a solar cell."""

    file: str  # relative to the package's data folder
    grade: float  # probability of a defect: 0, 1/3, 2/3 or 1
    kind: str  # "mono" or "poly" crystalline

    @property
    def label(self) -> str:
        """The class: ``defective`` or ``functional``."""
        return CLASSES[0] if self.grade > DEFECT_FROM else CLASSES[1]


def read_cells() -> tuple[Path, list[Cell]]:
    """Return the installed package's data folder and its table of images.

    Raises:
        UserError: if the package is missing or its table is not the known one.
    """
    try:
        import elpv_dataset
    except ImportError as error:
        raise UserError(
            "The solar-cell photographs need the package elpv-dataset: "
            "pip install 'seventeen-notes[real]'"
        ) from error
    folder = Path(elpv_dataset.__file__).parent / "data"
    try:
        with open(folder / "labels.csv") as file:
            rows = [line.split() for line in file if line.strip()]
        cells = [Cell(name, float(grade), kind) for name, grade, kind in rows]
    except (OSError, ValueError) as error:
        raise UserError(
            "The table of the installed elpv-dataset cannot be read: reinstall it."
        ) from error
    if len(cells) != COUNT:
        raise UserError(
            f"The installed elpv-dataset lists {len(cells)} images, not {COUNT}: "
            "install version 1.0."
        )
    return folder, cells


def split_cells(cells: list[Cell]) -> dict[str, list[Cell]]:
    """Return ``train`` and ``val``, stratified by class and kind of cell."""
    from sklearn.model_selection import train_test_split

    train, val = train_test_split(
        cells,
        test_size=VAL_SHARE,
        stratify=[(cell.label + cell.kind) for cell in cells],
        random_state=SPLIT_SEED,
    )
    return {"train": train, "val": val}


def elpv_root(cache: Path | None = None) -> Path:
    """Return the photographs as an image folder, written on first use.

    ``train/`` and ``val/`` hold a folder each for ``defective`` and
    ``functional``; ``counts.json`` says how many images each must have.

    Args:
        cache: where the folder is made; see :mod:`helpers.data.cache`.

    Raises:
        UserError: if ``elpv-dataset`` is not installed or the cache cannot be
            written.
    """
    target = cache_folder(cache) / "elpv"
    if _is_complete(target):
        return target
    source, cells = read_cells()

    def fill(part: Path) -> None:
        counts: Counter[str] = Counter()
        for split, chosen in split_cells(cells).items():
            for cell in chosen:
                folder = part / split / cell.label
                folder.mkdir(parents=True, exist_ok=True)
                name = f"{cell.kind}_{Path(cell.file).name}"
                shutil.copyfile(source / cell.file, folder / name)
                counts[f"{split}/{cell.label}"] += 1
        (part / "LICENCE.txt").write_text(LICENCE + "\n")
        (part / "counts.json").write_text(json.dumps(counts))

    return make_folder(target, fill)


def _is_complete(target: Path) -> bool:
    """Whether every image that was written is still there."""
    try:
        counts = json.loads((target / "counts.json").read_text())
        return sum(counts.values()) == COUNT and all(
            sum(1 for _ in (target / name).iterdir()) == count
            for name, count in counts.items()
        )
    except (OSError, ValueError):
        return False
