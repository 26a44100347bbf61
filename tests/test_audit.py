"""One tree with one fault for each kind of finding, and folders from bad to worse."""

import csv
import errno
import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Callable
from importlib.resources import files
from io import StringIO
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image
from torchvision.datasets import ImageFolder
from torchvision.datasets.folder import IMG_EXTENSIONS as TORCHVISION_EXTENSIONS

import helpers.data.audit.scan as module
from helpers.data.audit import audit
from helpers.data.folders import IMG_EXTENSIONS
from helpers.errors import UserError

SIZE = 48  # pixels, above the limit for "tiny"
KINDS = list(
    csv.DictReader(StringIO(files("helpers").joinpath("assets/audit.csv").read_text()))
)
SEVERITY = {kind["code"]: kind["severity"] for kind in KINDS}

_seed = iter(range(10**9))


def picture(
    path: Path, size: tuple[int, int] = (SIZE, SIZE), mode: str = "RGB", **save: Any
) -> Path:
    """Write an image of noise that no other call repeats."""
    noise = np.random.default_rng(next(_seed)).integers(0, 256, (size[1], size[0], 3))
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(noise.astype(np.uint8)).convert(mode).save(path, **save)
    return path


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A clean folder with splits."""
    for split in ("train", "val"):
        for label in ("cat", "dog"):
            for i in range(2):
                picture(tmp_path / split / label / f"{i}.jpg")
    return tmp_path


def codes(root: Path) -> dict[str, list[str]]:
    """code -> all paths found, with the form of every finding checked."""
    report = audit(root)
    found: dict[str, list[str]] = {}
    for finding in report.findings:
        assert finding.severity == SEVERITY[finding.code]
        assert finding.paths
        assert finding.where
        assert finding.message
        assert finding.action
        found.setdefault(finding.code, []).extend(finding.paths)
    levels = [finding.severity for finding in report.findings]
    assert levels == sorted(levels, key=["error", "warning", "hint"].index)
    assert report.ok == ("error" not in levels)
    assert json.loads(json.dumps(report.to_dict()))["ok"] == report.ok
    str(report).encode()
    report._repr_html_().encode()
    assert max(map(len, str(report).splitlines())) <= 100
    return found


def test_clean_folder_with_splits(root: Path) -> None:
    (root / "metadata.json").write_text("{}")
    picture(root / "masks" / "0.png")
    report = audit(str(root))
    assert report.findings == ()
    assert report.ok
    assert report.splits == {s: {"cat": 2, "dog": 2} for s in ("train", "val")}
    assert "Nothing to report" in str(report)
    assert "Nothing to report" in report._repr_html_()


def test_clean_folder_of_classes(root: Path) -> None:
    report = audit(root / "train")
    assert report.findings == ()
    assert report.splits == {".": {"cat": 2, "dog": 2}}


@pytest.mark.parametrize("names", [("Training", "Valid", "Test"), ("train", "testing")])
def test_other_names_of_splits_in_the_usual_order(
    tmp_path: Path, names: tuple[str, ...]
) -> None:
    for name in reversed(names):
        for label in "ab":
            picture(tmp_path / name / label / "0.png")
    assert list(audit(tmp_path).splits) == list(names)
    assert codes(tmp_path) == {}


def test_a_class_may_be_called_train(tmp_path: Path) -> None:
    for label in ("car", "plane", "train"):
        picture(tmp_path / label / "0.jpg")
    (tmp_path / "train" / ".cache").mkdir()
    assert audit(tmp_path).splits == {".": {"car": 1, "plane": 1, "train": 1}}


def test_extensions_are_those_of_torchvision() -> None:
    assert IMG_EXTENSIONS == TORCHVISION_EXTENSIONS


# --- one fault each ----------------------------------------------------------


def text(path: Path, content: str = "x") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    return path


def make_folders(*paths: Path) -> None:
    for path in paths:
        path.mkdir()


def cut_short(path: Path) -> None:
    """Drop the second half of an image file."""
    content = picture(path).read_bytes()
    path.write_bytes(content[: len(content) // 2])


def flip_a_byte(path: Path) -> None:
    """Damage the pixel data of a PNG, which only its checksum betrays."""
    content = bytearray(picture(path).read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(source, target)


def rename(path: Path, name: str) -> None:
    path.rename(path.with_name(name))


def both(root: Path, change: Callable[[Path], object]) -> None:
    for split in ("train", "val"):
        change(root / split)


def deep(path: Path, dtype: Any = np.uint16) -> None:
    values = np.random.default_rng(0).integers(0, 60_000, (SIZE, SIZE))
    Image.fromarray(values.astype(dtype)).save(path)


def see_through(path: Path) -> None:
    image = Image.new("RGBA", (SIZE, SIZE), (200, 30, 60, 255))
    image.putpixel((3, 3), (200, 30, 60, 254))
    image.save(path)


def see_through_palette(path: Path) -> None:
    Image.new("P", (SIZE, SIZE)).save(path, transparency=0)


def rotated(path: Path, orientation: int = 6, **save: Any) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation  # the tag of EXIF's orientation
    picture(path, exif=exif, **save)


def animated(path: Path) -> None:
    frames = [Image.new("RGB", (SIZE, SIZE), colour) for colour in ("red", "blue")]
    frames[0].save(path, save_all=True, append_images=frames[1:])


FAULTS: list[tuple[str, list[str], Callable[[Path], object]]] = [
    ("hidden-class", ["train/.ipynb_checkpoints"],
        lambda r: picture(r / "train/.ipynb_checkpoints/0-checkpoint.jpg")),
    ("hidden-class", ["train/.ipynb_checkpoints"],
        lambda r: (r / "train/.ipynb_checkpoints").mkdir()),
    ("hidden-class", ["val/__MACOSX", "val/lost+found"],
        lambda r: make_folders(r / "val/__MACOSX", r / "val/lost+found")),
    ("hidden-folder", ["train/cat/@eaDir"],
        lambda r: picture(r / "train/cat/@eaDir/thumbnail.jpg")),
    ("empty-class", ["train/emu", "val/emu"],
        lambda r: both(r, lambda split: (split / "emu").mkdir())),
    ("classes-differ", ["val/fox"], lambda r: picture(r / "train/fox/0.jpg")),
    ("classes-differ", ["val/fox"], lambda r: picture(r / "val/fox/0.jpg")),
    ("duplicate-splits", ["train/cat/0.jpg", "val/cat/copy.jpg"],
        lambda r: copy(r / "train/cat/0.jpg", r / "val/cat/copy.jpg")),
    ("duplicate-labels", ["train/cat/0.jpg", "train/dog/copy.jpg"],
        lambda r: copy(r / "train/cat/0.jpg", r / "train/dog/copy.jpg")),
    ("duplicate", ["train/cat/0.jpg", "train/cat/copy.jpg"],
        lambda r: copy(r / "train/cat/0.jpg", r / "train/cat/copy.jpg")),
    ("link-loop", ["train/cat/again"],
        lambda r: (r / "train/cat/again").symlink_to(r / "train/cat")),
    ("link-loop", ["train/cat/up"],
        lambda r: (r / "train/cat/up").symlink_to(r)),
    ("broken-link", ["train/cat/gone.jpg"],
        lambda r: (r / "train/cat/gone.jpg").symlink_to("nowhere.jpg")),
    ("broken-link", ["train/cat/self.jpg"],
        lambda r: (r / "train/cat/self.jpg").symlink_to("self.jpg")),
    ("broken-link", ["val/gone"],
        lambda r: (r / "val/gone").symlink_to("nowhere")),
    ("unreadable", ["train/cat/pipe.jpg"],
        lambda r: os.mkfifo(r / "train/cat/pipe.jpg")),
    ("unreadable", ["train/cat/pipe"], lambda r: os.mkfifo(r / "train/cat/pipe")),
    ("empty-file", ["train/cat/zero.jpg"],
        lambda r: (r / "train/cat/zero.jpg").touch()),
    ("broken-image", ["train/cat/text.png"], lambda r: text(r / "train/cat/text.png")),
    *[("broken-image", [f"train/cat/cut{suffix}"],
        lambda r, suffix=suffix: cut_short(r / f"train/cat/cut{suffix}"))
        for suffix in IMG_EXTENSIONS if suffix != ".pgm"],
    ("broken-image", ["train/cat/flip.png"],
        lambda r: flip_a_byte(r / "train/cat/flip.png")),
    ("16-bit", ["train/cat/deep.png"], lambda r: deep(r / "train/cat/deep.png")),
    ("16-bit", ["train/cat/deep.tif"], lambda r: deep(r / "train/cat/deep.tif")),
    ("no-range", ["train/cat/float.tif"],
        lambda r: deep(r / "train/cat/float.tif", np.float32)),
    ("skipped-image", ["train/cat/a.gif"], lambda r: picture(r / "train/cat/a.gif")),
    ("skipped-image", ["train/cat/a.avif"], lambda r: text(r / "train/cat/a.avif")),
    ("skipped-image", ["train/cat/a.HEIC"], lambda r: text(r / "train/cat/a.HEIC")),
    ("skipped-image", ["train/cat/noend"],
        lambda r: picture(r / "train/cat/noend", format="JPEG")),
    ("skipped-file", ["train/cat/.DS_Store", "train/cat/notes.txt"],
        lambda r: [text(r / "train/cat" / n) for n in (".DS_Store", "notes.txt")]),
    ("stray-image", ["lost.jpg"], lambda r: picture(r / "lost.jpg")),
    ("stray-image", ["val/lost.heic"], lambda r: text(r / "val/lost.heic")),
    ("nested-folder", ["train/cat/more", "train/cat/more/yet"],
        lambda r: picture(r / "train/cat/more/yet/0.jpg")),
    ("wrong-extension", ["train/cat/png.jpg"],
        lambda r: picture(r / "train/cat/png.jpg", format="PNG")),
    ("cmyk", ["train/cat/print.jpg"],
        lambda r: picture(r / "train/cat/print.jpg", mode="CMYK")),
    ("alpha", ["train/cat/glass.png"],
        lambda r: see_through(r / "train/cat/glass.png")),
    ("rotated", ["train/cat/turned.jpg"],
        lambda r: rotated(r / "train/cat/turned.jpg")),
    ("rotated", ["train/cat/turned.png"],
        lambda r: rotated(r / "train/cat/turned.png", 3)),
    *[("animated", [f"train/cat/film{suffix}"],
        lambda r, suffix=suffix: animated(r / f"train/cat/film{suffix}"))
        for suffix in (".webp", ".png", ".tif")],
    ("sort-order", ["train/10", "train/2"],
        lambda r: both(r, lambda s: [picture(s / n / "0.jpg") for n in ("2", "10")])),
    ("sort-order", ["train/Zebra", "train/cat", "train/dog"],
        lambda r: both(r, lambda s: picture(s / "Zebra/0.jpg"))),
    ("name-collision", ["train/Cat", "train/cat"],
        lambda r: both(r, lambda s: picture(s / "Cat/0.jpg"))),
    ("name-collision", ["train/e\u0301mu", "train/\xe9mu"],
        lambda r: both(
            r, lambda s: [picture(s / n / "0.jpg") for n in ("e\u0301mu", "\xe9mu")])),
    ("bad-name", [os.fsdecode(b"train/cat/caf\xe9.jpg")],
        lambda r: rename(r / "train/cat/0.jpg", os.fsdecode(b"caf\xe9.jpg"))),
    ("palette", ["train/cat/few.png"],
        lambda r: picture(r / "train/cat/few.png", mode="P")),
    ("greyscale", ["train/cat/grey.jpg"],
        lambda r: picture(r / "train/cat/grey.jpg", mode="L")),
    ("tiny", ["train/cat/tiny.png"],
        lambda r: picture(r / "train/cat/tiny.png", (31, 64))),
    ("aspect", ["train/cat/long.png"],
        lambda r: picture(r / "train/cat/long.png", (32, 129))),
    ("imbalance", ["val/cat", "val/dog"],
        lambda r: [picture(r / f"val/cat/more{i}.jpg") for i in range(19)]),  # 21 : 2
]  # fmt: skip


@pytest.mark.parametrize(
    ("code", "paths", "plant"), FAULTS, ids=[f"{f[0]}-{f[1][0]!a}" for f in FAULTS]
)
def test_one_fault(
    root: Path, code: str, paths: list[str], plant: Callable[[Path], object]
) -> None:
    try:
        plant(root)
    except (OSError, AttributeError) as error:
        pytest.skip(f"this file system cannot hold the fault: {error}")
    found = codes(root)
    assert sorted(found.pop(code)) == sorted(paths)
    # Names alike but for the case never sort as people expect either.
    assert set(found) <= ({"sort-order"} if code == "name-collision" else set())


def test_palette_with_transparency(root: Path) -> None:
    see_through_palette(root / "train/cat/p.png")
    assert set(codes(root)) == {"alpha", "palette"}


def test_skipped_class(root: Path) -> None:
    both(root, lambda split: text(split / "emu/readme.txt"))
    found = codes(root)
    assert found["skipped-class"] == ["train/emu", "val/emu"]
    assert set(found) == {"skipped-class", "skipped-file"}
    with pytest.raises(FileNotFoundError, match="emu"):
        ImageFolder(root / "train")


def test_one_class(root: Path) -> None:
    both(root, lambda split: shutil.rmtree(split / "dog"))
    assert codes(root) == {"one-class": ["train/cat", "val/cat"]}


def test_no_class(tmp_path: Path) -> None:
    picture(tmp_path / "0.jpg")
    assert codes(tmp_path) == {"no-class": ["."], "stray-image": ["0.jpg"]}
    for name in ("train", "val"):
        (tmp_path / name).mkdir()
    assert codes(tmp_path)["no-class"] == ["train", "val"]


def test_pixel_bombs(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", SIZE * SIZE)
    picture(root / "train/cat/huge.jpg", (SIZE, SIZE + 1))
    picture(root / "train/cat/bomb.jpg", (SIZE, 2 * SIZE + 1))
    assert codes(root) == {
        "bomb-image": ["train/cat/bomb.jpg"],
        "huge-image": ["train/cat/huge.jpg"],
    }
    assert audit(root).splits["train"]["cat"] == 3  # huge counts, the bomb does not
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", None)
    assert codes(root) == {}


def test_every_kind_has_a_test() -> None:
    elsewhere = {
        "skipped-class", "one-class", "no-class", "bomb-image", "huge-image", "vanished"
    }  # fmt: skip
    assert {fault[0] for fault in FAULTS} | elsewhere == set(SEVERITY)


# --- no false alarms ---------------------------------------------------------


def test_all_grey_is_no_finding(tmp_path: Path) -> None:
    for label in "ab":
        picture(tmp_path / label / "0.png", mode="L")
    assert codes(tmp_path) == {}


def test_opaque_alpha_is_no_finding(root: Path) -> None:
    picture(root / "train/cat/opaque.png", mode="RGBA")
    assert codes(root) == {}


@pytest.mark.parametrize("orientation", [0, 1, 9])
def test_upright_or_senseless_orientation(root: Path, orientation: int) -> None:
    rotated(root / "train/cat/up.jpg", orientation)
    assert codes(root) == {}


def test_imbalance_at_the_limit(root: Path) -> None:
    for i in range(18):
        picture(root / f"val/cat/more{i}.jpg")  # 20 : 2
    assert codes(root) == {}


def test_mpo_of_a_phone_is_a_jpeg(root: Path) -> None:
    frames = [Image.new("RGB", (SIZE, SIZE), colour) for colour in ("red", "blue")]
    path = root / "train/cat/phone.jpg"
    frames[0].save(path, format="MPO", save_all=True, append_images=frames[1:])
    assert codes(root) == {}


def test_extension_in_capitals(root: Path) -> None:
    picture(root / "train/cat/BIG.JPG")
    assert codes(root) == {}


def test_padded_numbers_sort_as_expected(tmp_path: Path) -> None:
    for label in ("01", "02", "10", "a1", "a2"):
        picture(tmp_path / label / "0.png")
    assert codes(tmp_path) == {}


# --- agreement with torchvision ----------------------------------------------


def test_counts_are_those_of_image_folder(root: Path) -> None:
    picture(root / "train/.hidden/0.jpg")
    picture(root / "train/cat/nested/0.webp")
    text(root / "train/cat/notes.txt")
    dataset = ImageFolder(root / "train")
    counts = audit(root).splits["train"]
    assert list(counts) == dataset.classes
    assert list(counts.values()) == np.bincount(dataset.targets).tolist()


def test_linked_folders_are_followed(
    root: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    outside = tmp_path_factory.mktemp("outside")
    picture(outside / "0.jpg")
    both(root, lambda split: (split / "emu").symlink_to(outside))
    found = codes(root)
    assert found == {"duplicate-splits": ["train/emu/0.jpg", "val/emu/0.jpg"]}
    assert audit(root).splits["val"]["emu"] == 1


def test_links_that_multiply_paths_take_no_time(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Twenty levels with two links each: ImageFolder would walk 2 ** 20 folders.
    levels = [root / "levels" / str(i) for i in range(20)]
    for here in levels:
        here.mkdir(parents=True)
    for here, below in zip(levels, levels[1:], strict=False):
        (here / "a").symlink_to(below)
        (here / "b").symlink_to(below)
    (root / "train/cat/levels").symlink_to(levels[0])
    listed = []
    scandir = os.scandir

    def count(folder: str | Path) -> Any:
        listed.append(folder)
        assert len(listed) < 1000, "every path is walked, not every folder"
        return scandir(folder)

    monkeypatch.setattr(os, "scandir", count)
    assert len(codes(root)["link-loop"]) == len(levels) - 1
    assert len(listed) > len(levels)


# --- files that cannot be read -----------------------------------------------


def deny(monkeypatch: pytest.MonkeyPatch, function: str, name: str) -> None:
    """Make `os.scandir` or the audit's `open` refuse paths that end in `name`.

    Root may read everything, so a test with chmod would not work for it.
    """
    owner, attribute = (os, "scandir") if function == "scandir" else (module, "open")
    original = os.scandir if function == "scandir" else open

    def refuse(path, *args, **kwargs):
        if str(path).endswith(name):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        return original(path, *args, **kwargs)

    monkeypatch.setattr(owner, attribute, refuse, raising=False)


def test_file_without_permission(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deny(monkeypatch, "open", "0.jpg")
    assert len(codes(root)["unreadable"]) == 4
    assert audit(root).splits["train"] == {"cat": 1, "dog": 1}


def test_folder_without_permission(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deny(monkeypatch, "scandir", "train/cat")
    assert codes(root) == {"unreadable": ["train/cat"]}


def test_real_permissions(root: Path) -> None:
    (root / "train/cat/0.jpg").chmod(0)
    (root / "train/dog").chmod(0)
    try:
        if os.access(root / "train/cat/0.jpg", os.R_OK):
            pytest.skip("this user may read everything")
        assert codes(root) == {"unreadable": ["train/dog", "train/cat/0.jpg"]}
    finally:
        (root / "train/dog").chmod(0o755)


def test_file_that_vanishes(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    walk = module._Scan.walk_class

    def walk_then_delete(self, split, label):
        yield from walk(self, split, label)
        if (split, label) == ("val", "dog"):
            (root / "train/cat/0.jpg").unlink()

    monkeypatch.setattr(module._Scan, "walk_class", walk_then_delete)
    report = audit(root)
    assert [(f.code, f.paths) for f in report.findings] == [
        ("vanished", ("train/cat/0.jpg",))
    ]
    assert report.ok
    assert report.splits["train"]["cat"] == 1


def test_file_that_vanishes_before_it_is_hashed(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy(root / "train/cat/0.jpg", root / "train/cat/copy.jpg")
    compare = module._Scan.check_duplicates

    def delete_then_compare(self):
        (root / "train/cat/copy.jpg").unlink()
        compare(self)

    monkeypatch.setattr(module._Scan, "check_duplicates", delete_then_compare)
    assert audit(root).findings == ()


def test_folder_that_vanishes(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    walk = module._Scan.walk_class

    def delete_then_walk(self, split, label):
        shutil.rmtree(root / "train/cat", ignore_errors=True)
        yield from walk(self, split, label)

    monkeypatch.setattr(module._Scan, "walk_class", delete_then_walk)
    assert [f.code for f in audit(root).findings] == ["vanished"]


HEADS = (
    b"", b"\xff\xd8\xff\xe0\x00\x10JFIF\x00", b"\x89PNG\r\n\x1a\n", b"II*\x00",
    b"MM\x00*", b"BM", b"P6 9 9 255 ", b"P5\n64 64\n65535\n",
    b"RIFF\xff\x00\x00\x00WEBP",
    b"GIF89a", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 64 64\n%%EndComments\n",
)  # fmt: skip


def test_random_bytes_never_crash_it(root: Path) -> None:
    rng = random.Random(0)
    originals = [
        picture(root / f"whole{suffix}", mode="L" if suffix == ".pgm" else "RGB")
        for suffix in IMG_EXTENSIONS
    ]
    for i, suffix in enumerate(IMG_EXTENSIONS * 30):
        name = root / "train/cat" / f"fuzz{i}{suffix}"
        content = bytearray(rng.choice(originals).read_bytes())
        for _ in range(rng.randrange(1, 40)):
            content[rng.randrange(len(content))] = rng.randrange(256)
        noise = rng.choice(HEADS) + rng.randbytes(rng.randrange(300))
        cut = content[: rng.randrange(500)]
        name.write_bytes(rng.choice([noise, bytes(content), bytes(cut)]))
    assert "broken-image" in codes(root)


def test_an_error_inside_a_decoder_is_a_finding(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError(errno.EIO, "the disk is failing")

    monkeypatch.setattr("PIL.JpegImagePlugin.JpegImageFile.draft", fail)
    assert len(codes(root)["broken-image"]) == 8


# --- the folder itself -------------------------------------------------------


def test_missing_folder(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="There is no folder .*nowhere; give"):
        audit(tmp_path / "nowhere")


def test_file_instead_of_folder(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"x.jpg is a file, not a folder; give"):
        audit(picture(tmp_path / "x.jpg"))


def test_empty_folder(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="is empty; put one folder per class in it"):
        audit(tmp_path)


def test_folder_that_cannot_be_listed(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(os, "listdir", refuse)
    with pytest.raises(UserError, match="Cannot read the folder .*: Permission denied"):
        audit(root)


# --- what a person sees ------------------------------------------------------


def test_message_names_what_differs(root: Path) -> None:
    shutil.rmtree(root / "val/cat")
    picture(root / "val/emu/0.jpg")
    picture(root / "test/cat/0.jpg")
    picture(root / "test/dog/0.jpg")
    (finding,) = audit(root).findings
    assert finding.where == "val"
    assert "beside train, val lacks cat and adds emu" in finding.message


def test_each_message_carries_its_numbers(root: Path) -> None:
    for split in ("train", "val"):
        for label in ("1", "2", "10", "B", "a"):
            picture(root / split / label / "0.png")
    (finding,) = audit(root).findings
    assert "10, 2, B instead of 2, 10, a" in finding.message
    for i in range(20):
        picture(root / "val/cat" / f"more{i}.jpg")
    assert "22 in cat, 1 in 1" in audit(root).findings[-1].message


def test_many_files_make_one_finding(root: Path) -> None:
    for i in range(9):
        text(root / "val/dog" / f"note{i}.txt")
    (finding,) = audit(root).findings
    assert len(finding.paths) == 9
    assert finding.where == "val/dog"
    assert finding.examples.endswith("val/dog/note2.txt and 6 more")
    lines = str(audit(root)).splitlines()
    assert any(line.startswith("hint          9  val/dog  ") for line in lines)


def test_where_names_a_few_folders(root: Path) -> None:
    text(root / "train/dog/a.txt")
    text(root / "val/dog/a.txt")
    assert audit(root).findings[0].where == "train, val"
    tops = [root / label for label in ("a", "b", "c", "d")]
    shutil.rmtree(root / "train")
    shutil.rmtree(root / "val")
    for top in tops:
        picture(top / "0.jpg")
        text(top / "a.txt")
    assert audit(root).findings[0].where == "4 folders"


def test_odd_names_cannot_break_the_table(root: Path) -> None:
    label = "line\nbreak <b>&\x1b[31m" + "x" * 120
    for split in ("train", "val"):
        picture(root / split / label / "0.jpg")
        picture(root / split / "猫科动物" / "0.jpg")
        (root / split / label / "<i>.jpg").touch()
        (root / split / "猫科动物" / "空.jpg").touch()
    codes(root)
    shown = str(audit(root))
    assert "\x1b" not in shown
    assert r"line\nbreak" in shown
    table = ElementTree.fromstring(audit(root)._repr_html_().replace("<br>", "<br/>"))
    assert table.find(".//b") is None
    assert table.find(".//i") is None


def test_html_table_is_accessible(root: Path) -> None:
    text(root / "val/dog/a.txt")
    source = audit(root)._repr_html_().replace("<br>", "<br/>")
    table = ElementTree.fromstring(source)
    assert table.find("caption") is not None
    assert [th.get("scope") for th in table.iter("th")] == ["col"] * 6 + ["row"]
    assert "color" not in source
    assert "style" not in source


def test_data_form(root: Path) -> None:
    text(root / "val/dog/a.txt")
    data = audit(root).to_dict()
    assert data["ok"]
    assert data["splits"]["val"] == {"cat": 2, "dog": 2}
    (row,) = data["findings"]
    assert (row["code"], row["severity"], row["count"]) == ("skipped-file", "hint", 1)
    assert row["paths"] == ["val/dog/a.txt"]


def test_progress_bar(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    audit(root)
    assert capsys.readouterr().err == ""
    audit(root, progress=True)
    assert "8/8" in capsys.readouterr().err


def test_importing_it_does_not_import_torch() -> None:
    check = "import sys, helpers.data.audit.scan; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", check]).returncode == 0
