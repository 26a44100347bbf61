"""The capstone runs on any image folder, and its claims can fail.

It is run on small folders with few epochs, as its parameters allow.
"""

import json
import re
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from helpers.notebook import claim
from helpers.notebook.claims import ClaimFailed
from helpers.program import corrected
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
    for name in ("CHANNELS", "DEVICE"):  # the page sets both
        monkeypatch.setattr(corrected, name, getattr(corrected, name))
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
    printed = run_all(data=str(root), epochs=2, size=16, find="dogs", out=str(out))
    assert "your data, no claim: pretrained less small" in printed
    assert "rule less pretraining" in printed
    assert {path.name for path in out.iterdir()} == {"model.onnx", "model.json"}
    about = json.loads((out / "model.json").read_text("utf-8"))
    assert about["classes"] == ["cats", "dogs"]
    assert (about["side"], about["alarm"]) == (48, "dogs")
    assert about["threshold"] == pytest.approx(1 / 6)


def test_many_unequal_classes_with_splits_and_copies(tmp_path: Path) -> None:
    names = [f"kind {k:02d}" for k in range(11)]
    photos(tmp_path / "train", names, [4 + 2 * k for k in range(11)])
    photos(tmp_path / "val", names, [1 + k % 3 for k in range(11)], seed=1)
    copy = tmp_path / "val" / names[-1] / "copy.jpg"
    copy.write_bytes((tmp_path / "train" / names[-1] / "IMG_0.jpg").read_bytes())
    printed = run_all(data=str(tmp_path), epochs=1, size=16)
    assert "copies of training images left out of validation: 1" in printed
    assert "11 classes: this section is about two, left out" in printed


def test_fewer_images_than_a_batch(tmp_path: Path) -> None:
    root = photos(tmp_path / "mine", ["cats", "dogs"], [9, 6])
    assert "'s probabilities and ours" in run_all(data=str(root), epochs=1, size=16)


FAULTS = {  # what a page without its claims would not notice
    "training half too": ("if sha256(path) not in seen]", "]"),
    "left of a dark rim": ("cropped = corrected.make_transform(224, train=False)",
                           "cropped = v2.functional.pil_to_tensor"),
    "counted once": ("batches(VAL[name], val_targets, False)",
                     "batches(VAL[name], val_targets, True)"),
    "one pixel": ("picture.save(changed)", "pass"),
    "the file's probabilities": ("val_pixels[:50] / 255", "val_pixels[:50] / 510"),
}  # fmt: skip


def test_every_claim_notices_its_fault(tmp_path: Path) -> None:
    """The page runs once; where a fault belongs, a copy goes on with it."""
    root = photos(tmp_path / "mine", ["cats", "dogs"], [40, 16])
    label = root / "cats"
    (label / "copies").mkdir()
    for index in range(0, 40, 2):
        content = (label / f"IMG_{index}.jpg").read_bytes()
        (label / "copies" / f"{index}.jpg").write_bytes(content)
    small = {"epochs": 1, "size": 16, "batch_size": 8}
    sources = cells(data=str(root), **small)
    names = {"__name__": "__main__"}
    found = {}
    for position, source in enumerate(sources):
        for sentence, (right, wrong) in FAULTS.items():
            if right in source:
                assert sentence not in found, "a fault belongs into one cell"
                rest = sources[position + 1 :]
                faulty = [source.replace(right, wrong), *rest]
                found[sentence] = first_error(faulty, names)
        run(source, names)
    assert set(found) == set(FAULTS)
    for sentence, error in found.items():
        pattern = f"(?s)ClaimFailed.*{sentence}"
        assert re.search(pattern, str(error)), (sentence, error)


def paid(at_half, by_rule):
    """Return what each of three seeds of a network paid at 0.5 and by the rule."""
    return torch.tensor([[at_half, by_rule]] * 3)


EQUAL = [70.0, 71.0, 72.0]  # percent, one a seed
MEASURED = {  # claims that only the solar cells make, and what must refute them
    "pretrained less small": {"recalls": {"small": EQUAL, "pretrained": EQUAL}},
    "over cost at 0.5": {"paid": {"small": paid(0.8, 0.5),
                                  "pretrained": paid(0.5, 0.5)}},
}  # fmt: skip


@pytest.mark.parametrize("sentence", MEASURED)
def test_a_claim_about_the_cells_can_fail(sentence: str) -> None:
    [source] = [source for source in cells() if sentence in source]
    names = {"torch": torch, "check": claim, "two": True, "miss_costs": 5}
    with pytest.raises(ClaimFailed, match=re.escape(sentence)):
        run(source, names | MEASURED[sentence])
