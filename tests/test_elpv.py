"""The solar-cell photographs as an image folder."""

import json
import sys
from collections import Counter

import pytest

from helpers.data import elpv
from helpers.data.images import read_image
from helpers.data.loading import open_splits
from helpers.errors import UserError


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    return elpv.elpv_root(tmp_path_factory.mktemp("cache"))


def test_every_photograph_is_in_one_split(root):
    splits = open_splits(root)
    assert len(splits.train) + len(splits.val) == elpv.COUNT
    assert splits.train.classes == list(elpv.CLASSES)
    seen = {path.rsplit("/", 1)[1] for s in splits for path, _ in s.samples}
    assert len(seen) == elpv.COUNT
    assert read_image(splits.val.samples[0][0]).shape == (3, 300, 300)


def test_the_split_is_stratified_and_fixed():
    _, cells = elpv.read_cells()
    splits = elpv.split_cells(cells)
    assert elpv.split_cells(cells) == splits
    groups = {k: Counter((c.label, c.kind) for c in v) for k, v in splits.items()}
    for group, count in groups["val"].items():
        whole = count + groups["train"][group]
        assert count == pytest.approx(whole * elpv.VAL_SHARE, abs=1)
    majority = max(Counter(c.label for c in cells).values()) / len(cells)
    assert majority == pytest.approx(0.69, abs=0.005)  # what accuracy has to beat


def test_a_folder_with_a_missing_image_is_written_again(root):
    counts = json.loads((root / "counts.json").read_text())
    victim = next((root / "val" / "defective").iterdir())
    victim.unlink()
    assert elpv.elpv_root(root.parent) == root
    assert victim.exists()
    assert len(list((root / "val" / "defective").iterdir())) == counts["val/defective"]


def test_the_licence_lies_beside_the_images(root):
    assert "CC BY-NC-SA 4.0" in (root / "LICENCE.txt").read_text()


def test_without_the_package_the_sentence_says_how_to_get_it(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "elpv_dataset", None)
    with pytest.raises(UserError, match=r"pip install 'seventeen-notes\[real\]'"):
        elpv.elpv_root(tmp_path)


def test_a_damaged_table_is_explained(monkeypatch, tmp_path):
    import elpv_dataset

    (tmp_path / "data").mkdir()
    monkeypatch.setattr(elpv_dataset, "__file__", str(tmp_path / "__init__.py"))
    with pytest.raises(UserError, match="reinstall it"):
        elpv.read_cells()
    (tmp_path / "data" / "labels.csv").write_text("images/a.png 1.0 mono\n")
    with pytest.raises(UserError, match="lists 1 images, not 2624"):
        elpv.read_cells()
