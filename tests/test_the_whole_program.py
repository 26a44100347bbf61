"""The capstone runs on any image folder, and its claims can fail.

It is run on small folders with few epochs, as its parameters allow.
"""

import re
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from notebook_files import PROGRAM, code_cells, first_error, only, read, run


def cells(**parameters):
    """Return the page's code with other parameters, as papermill would set them."""
    notebook = read(PROGRAM)
    chosen = only(notebook, "parameters")
    sources = [cell.source for cell in code_cells(notebook)]
    lines = [f"{name} = {value!r}" for name, value in parameters.items()]
    sources.insert(sources.index(chosen.source) + 1, "\n".join(lines))
    return sources


@pytest.fixture(autouse=True)
def _in_its_folder(monkeypatch):
    monkeypatch.chdir(PROGRAM.parent)
    threads = torch.get_num_threads()
    yield
    torch.set_num_threads(threads)


def run_all(**parameters):
    """Run the page with other parameters; return what it prints."""
    names = {"__name__": "__main__"}
    return "".join(run(source, names) for source in cells(**parameters))


def photos(folder, classes, counts, seed=0):
    """Make noisy pictures of unequal sizes, some of them grey, some not JPEG."""
    rng = np.random.default_rng(seed)
    for position, (label, count) in enumerate(zip(classes, counts, strict=True)):
        (folder / label).mkdir(parents=True)
        for index in range(count):
            height, width = rng.integers(20, 90, 2)
            pixels = rng.integers(0, 100, (height, width, 3), dtype=np.uint8)
            pixels[..., position % 3] += 40 * (1 + position // 3)
            image = Image.fromarray(pixels)
            if index % 3 == 0:
                image = image.convert("L")
            ending = "png" if index % 2 else "jpg"
            image.save(folder / label / f"IMG_{index}.{ending}")
    return folder


def test_two_small_classes_without_a_split(tmp_path: Path) -> None:
    root = photos(tmp_path / "mine", ["cats", "dogs"], [30, 30])
    out = tmp_path / "results"
    printed = run_all(data=str(root), epochs=2, out=str(out))
    assert "few images, no claim" in printed
    assert {"run.pt", "model.onnx", "model.int8.onnx"} <= {
        path.name for path in out.iterdir()
    }


def test_many_unequal_classes_with_splits_and_copies(tmp_path: Path) -> None:
    names = [f"kind {k:02d}" for k in range(11)]
    photos(tmp_path / "train", names, [4 + 2 * k for k in range(11)])
    photos(tmp_path / "val", names, [1 + k % 3 for k in range(11)], seed=1)
    copy = tmp_path / "val" / names[-1] / "copy.jpg"
    copy.write_bytes((tmp_path / "train" / names[-1] / "IMG_0.jpg").read_bytes())
    printed = run_all(data=str(tmp_path), epochs=1, size=32)
    assert "copies of training images left out of validation: 1" in printed


FAULTS = {  # what a page without its claims would not notice
    "no image is in both halves": ("val.subset(clean)", "pass"),
    "mean weight": ("(len(classes) * counts)", "counts"),
    "have mean 0": ("torch.arange(256) / 255", "torch.arange(256) / 128"),
    "as many steps": ('schedule_per="step"', 'schedule_per="epoch"'),
    "best epoch": ("stopping = EarlyStopping(", "stopping = EarlyStopping("
                   "restore_best=False, monitor="),
    "counted once": ("collect(network, val_loader, device)  # note 10",
                     "collect(network, train_loader, device)"),
    "same order": ('"class_to_idx": train.class_to_idx',
                   '"class_to_idx": {c: -k for c, k in train.class_to_idx.items()}'),
}  # fmt: skip


def test_every_claim_notices_its_fault(tmp_path: Path) -> None:
    """The page runs once; where a fault belongs, a copy goes on with it."""
    root = photos(tmp_path / "mine", ["cats", "dogs"], [40, 16])
    label = root / "cats"
    (label / "copies").mkdir()
    for index in range(0, 40, 2):
        content = (label / f"IMG_{index}.jpg").read_bytes()
        (label / "copies" / f"{index}.jpg").write_bytes(content)
    # So small that the best epoch is not the last one.
    small = {"epochs": 6, "size": 16, "width": 16, "batch_size": 8, "patience": 2}
    sources = cells(data=str(root), **small)
    names = {"__name__": "__main__"}
    found = {}
    for position, source in enumerate(sources):
        for claim, (right, wrong) in FAULTS.items():
            if right in source:
                assert claim not in found, "a fault belongs into one cell"
                rest = sources[position + 1 :]
                found[claim] = first_error([source.replace(right, wrong), *rest], names)
        run(source, names)
    assert set(found) == set(FAULTS)
    for claim, error in found.items():
        assert re.search(f"(?s)ClaimFailed.*{claim}", str(error)), (claim, error)
