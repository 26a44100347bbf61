"""The capstone runs on any image folder, and its claims can fail.

It is run on small folders with few epochs: what its parameters allow.
"""

from pathlib import Path

import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from PIL import Image

from notebook_files import PROGRAM, only, read

SECONDS_PER_CELL = 120


def run(notebook, **parameters):
    """Run the page with other parameters, as papermill would; return its texts."""
    lines = [f"{name} = {value!r}" for name, value in parameters.items()]
    position = notebook.cells.index(only(notebook, "parameters")) + 1
    notebook.cells.insert(position, nbformat.v4.new_code_cell("\n".join(lines)))
    client = NotebookClient(
        notebook,
        timeout=SECONDS_PER_CELL,
        kernel_name="python3",
        resources={"metadata": {"path": str(PROGRAM.parent)}},
    )
    client.execute()
    return "".join(
        output.get("text", "")
        for cell in notebook.cells
        for output in cell.get("outputs", [])
    )


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
    printed = run(read(PROGRAM), data=str(root), epochs=2, out=str(out))
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
    printed = run(read(PROGRAM), data=str(tmp_path), epochs=1, size=32)
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


@pytest.mark.parametrize(("claim", "change"), FAULTS.items(), ids=list(FAULTS))
def test_a_claim_notices(claim, change, tmp_path: Path) -> None:
    root = photos(tmp_path / "mine", ["cats", "dogs"], [40, 16])
    label = root / "cats"
    (label / "copies").mkdir()
    for index in range(0, 40, 2):
        content = (label / f"IMG_{index}.jpg").read_bytes()
        (label / "copies" / f"{index}.jpg").write_bytes(content)
    notebook = read(PROGRAM)
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    (cell,) = (cell for cell in cells if change[0] in cell.source)
    cell.source = cell.source.replace(*change)
    with pytest.raises(CellExecutionError, match=f"(?s)ClaimFailed.*{claim}"):
        run(notebook, data=str(root), epochs=6, size=16, batch_size=8, patience=2)
