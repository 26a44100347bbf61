"""The shipped set: complete, honest, unpacked safely; and its renderer."""

import os
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

import render_solids
from helpers import magic
from helpers.data import solids
from helpers.data.audit import audit
from helpers.data.images import eval_transform
from helpers.data.loading import make_loader, open_splits
from helpers.errors import UserError
from helpers.evaluation.predictions import collect
from helpers.model import reference as reference_module
from helpers.model.reference import REFERENCE, _load_reference, reference_network
from helpers.model.resnet import count_parameters
from solids import report
from solids.faults import FAULTS, make_plan


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    return solids.solids_root(tmp_path_factory.mktemp("cache"))


# --- what it holds -----------------------------------------------------------


def test_it_is_an_image_folder_without_faults(root):
    splits = open_splits(root)
    assert tuple(splits.train.classes) == solids.SOLIDS_CLASSES
    assert [splits.train.targets.count(k) for k in range(6)] == [250] * 6
    assert [splits.val.targets.count(k) for k in range(6)] == [50] * 6
    audit_root = root.parent / "view"  # the two splits, without the masks
    audit_root.mkdir()
    for name in ("train", "val"):
        (audit_root / name).symlink_to(root / name)
    assert [f.code for f in audit(audit_root).findings] == []


def test_metadata_knows_every_image(root):
    rows = solids.metadata(root)
    files = {p.relative_to(root).as_posix() for p in root.glob("[tv]*/*/*.jpg")}
    assert {row["file"] for row in rows} == files
    for row in rows:
        assert row["file"].startswith(f"{row['split']}/{row['class']}/")
    by_split = {
        key: [{r[key] for r in rows if r["split"] == s} for s in ("train", "val")]
        for key in ("ground", "texture", "palette", "backdrop")
    }
    for train, val in by_split.values():
        assert train
        assert val
        assert not train & val  # nothing of val's surfaces was seen in training
    assert 0.02 < np.mean([row["occluded"] > 0.05 for row in rows]) < 0.5
    assert any(row["props"] for row in rows)


def test_masks_fit_their_images(root):
    for row in solids.metadata(root)[::60]:
        path = root / row["file"]
        mask = np.asarray(Image.open(solids.mask_path(path)))
        assert mask.shape == (96, 96)
        seen = np.argwhere(mask > 0)
        top, left = seen.min(0)
        bottom, right = seen.max(0) + 1
        assert [left, top, right, bottom] == row["bbox"]
        # The object differs from what is around it: the mask lies where it is.
        assert 0.02 < (mask > 0).mean() < 0.6


def test_colour_and_ground_alone_stay_near_chance(root):
    """Class and look are drawn independently; a shortcut finds little."""
    for title, score in report.shortcuts(root).items():
        assert score < 2 * report.CHANCE, title


def test_reference_network_is_right_on_at_least_95_per_cent(root):
    reference = reference_network()
    val = open_splits(root).val
    val.transform = eval_transform(reference.size, reference.mean, reference.std)
    answers = collect(reference.network, make_loader(val, train=False))
    assert answers.accuracy >= 0.95
    assert reference.classes == val.classes
    assert REFERENCE.stat().st_size <= 3e6
    assert count_parameters(reference.network) < 0.75e6
    assert reference.size == magic.IMAGE_SIZE


def test_reference_network_is_a_fresh_copy(root):
    first, second = reference_network(), reference_network()
    first.network.fc.weight.data.zero_()
    assert second.network.fc.weight.abs().sum() > 0
    assert not second.network.training


# --- unpacking ---------------------------------------------------------------


def test_a_damaged_folder_is_unpacked_again(tmp_path):
    root = solids.solids_root(tmp_path)
    (root / "train" / "cone" / "cone_0003.jpg").unlink()
    (root / "val" / "ball" / "ball_0003.jpg").write_bytes(b"half")
    assert solids.solids_root(tmp_path) == root
    assert (root / "train" / "cone" / "cone_0003.jpg").exists()
    assert (root / "val" / "ball" / "ball_0003.jpg").stat().st_size > 4
    assert os.listdir(tmp_path) == [root.name]


def test_a_changed_byte_in_the_folder_is_repaired(tmp_path):
    """The size is the same, the picture is another."""
    path = solids.solids_root(tmp_path) / "val" / "ball" / "ball_0003.jpg"
    content = path.read_bytes()
    path.write_bytes(content[:900] + bytes([content[900] ^ 1]) + content[901:])
    solids.solids_root(tmp_path)
    assert path.read_bytes() == content


@pytest.mark.parametrize("damage", ["missing", "shortened", "changed"])
def test_a_damaged_reference_network_is_refused(tmp_path, monkeypatch, damage):
    reference = tmp_path / "reference.pt"
    if damage != "missing":
        content = bytearray(REFERENCE.read_bytes())
        content[100_000] ^= 1
        reference.write_bytes(content[:-1000] if damage == "shortened" else content)
    monkeypatch.setattr(reference_module, "REFERENCE", reference)
    monkeypatch.setattr(
        reference_module, "_load_reference", _load_reference.__wrapped__
    )
    with pytest.raises(UserError, match="reference.pt cannot be read: install"):
        reference_network()


@pytest.mark.parametrize("damage", ["missing", "shortened", "changed"])
def test_a_damaged_archive_is_refused(tmp_path, monkeypatch, damage):
    archive = tmp_path / "solids.zip"
    if damage != "missing":
        content = bytearray(solids.ARCHIVE.read_bytes())
        if damage == "shortened":
            content = content[:-1000]
        else:
            content[5000] ^= 1
        archive.write_bytes(content)
    monkeypatch.setattr(solids, "ARCHIVE", archive)
    with pytest.raises(UserError, match="make setup"):
        solids.solids_root(tmp_path / "cache")
    assert not (tmp_path / "cache").exists()


def test_a_full_disk_leaves_nothing(tmp_path, monkeypatch):
    import errno

    def full(self, path):
        Path(path, "train").mkdir()
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(zipfile.ZipFile, "extractall", full)
    with pytest.raises(UserError, match="is full: make room"):
        solids.solids_root(tmp_path)
    assert os.listdir(tmp_path) == []
    monkeypatch.undo()
    assert solids.solids_root(tmp_path).is_dir()


def test_an_interrupted_first_use_does_no_harm(tmp_path):
    code = "import sys; from pathlib import Path; from helpers.data import solids\n"
    code += "solids.solids_root(Path(sys.argv[1]))"
    with subprocess.Popen([sys.executable, "-c", code, tmp_path]) as process:
        while process.poll() is None and not os.listdir(tmp_path):
            time.sleep(0.002)  # seconds; until the first file is being written
        process.send_signal(signal.SIGKILL)
    root = solids.solids_root(tmp_path)
    assert len(list(root.glob("[tv]*/*/*.jpg"))) == 1800


def test_a_damaged_reference_is_refused(tmp_path, monkeypatch):
    _load_reference.cache_clear()
    monkeypatch.setattr(reference_module, "REFERENCE", tmp_path / "none.pt")
    with pytest.raises(UserError, match="cannot be read"):
        reference_network()


# --- the renderer ------------------------------------------------------------


def render(out, *options, train=12, val=12):
    arguments = [
        "--out", str(out), "--train", str(train), "--val", str(val),
        "--processes", "1", *options,
    ]  # fmt: skip
    done = CliRunner().invoke(render_solids.main, arguments, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return solids.metadata(out)


def test_the_renderer_makes_the_shipped_images(root, tmp_path):
    """The first images of each class again, within the rounding of another CPU."""
    for row in render(tmp_path / "new"):
        again = np.asarray(Image.open(tmp_path / "new" / row["file"]), float)
        shipped = np.asarray(Image.open(root / row["file"]), float)
        assert np.abs(again - shipped).mean() < 1


def test_a_used_folder_is_not_written_to(tmp_path):
    (tmp_path / "mine").touch()
    done = CliRunner().invoke(render_solids.main, ["--out", str(tmp_path)])
    assert done.exit_code == 2
    assert "not empty" in done.output
    assert CliRunner().invoke(render_solids.main, []).exit_code == 2


def test_every_fault_does_what_it_says(tmp_path):
    plan = make_plan(0, 120, 60)
    changed = {
        name: fault(plan, np.random.default_rng(0)) for name, fault in FAULTS.items()
    }

    def of(name, split):
        return [shot for shot in changed[name] if shot.split == split]

    counts = [
        sum(s.folder == k for s in of("class-ratio", "train"))
        for k in solids.SOLIDS_CLASSES
    ]
    assert counts == [20, 12, 7, 4, 3, 2]
    wrong = [s.folder != s.kind for s in of("wrong-labels", "train")]
    assert sum(wrong) == len(wrong) / 5
    grounds = {(s.kind, s.ground) for s in of("ground-betrays-class", "train")}
    assert len(grounds) == len({ground for _, ground in grounds}) == 6
    assert all(s.ground is None for s in of("ground-betrays-class", "val"))
    marks = {(s.kind == "ball", s.watermark) for s in of("watermark", "train")}
    assert marks == {(True, True), (False, False)}
    assert {s.watermark for s in of("watermark", "val")} == {True, False}
    assert all(s.dark for s in of("dark-camera", "val"))
    assert sum(s.copy_of is not None for s in of("near-duplicates", "val")) == 12


def test_faults_can_be_seen_in_the_pictures(root, tmp_path):
    faulty = tmp_path / "faulty"
    render(faulty, "--fault", "dark-camera", "--fault", "watermark", train=6, val=6)

    def picture(root, name):
        return np.asarray(Image.open(root / name), float)

    name = "val/cube/cube_0000.jpg"
    assert picture(faulty, name).mean() < 0.5 * picture(root, name).mean()
    name = "train/ball/ball_0000.jpg"
    difference = np.abs(picture(faulty, name) - picture(root, name)).mean(2)
    corner = difference[-16:, -16:]
    assert corner.max() > 50
    assert corner.mean() > 5 * difference[:64, :64].mean()


def test_the_archive_has_no_stray_member():
    with zipfile.ZipFile(solids.ARCHIVE) as archive:
        names = archive.namelist()
    assert len(names) == len(set(names)) == 2 * 1800 + 2  # images, masks, two texts
    tops = {name.split("/")[0] for name in names}
    assert tops == {"train", "val", "masks", "metadata.json", "LICENCE.txt"}
