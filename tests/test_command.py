"""The command: what it prints, its exit status, and its answers to bad input."""

import json
import os
import sys

import pytest
import torch
from click.testing import CliRunner
from PIL import Image

import keep_weights
from helpers.errors import UserError
from helpers.model.checkpoint import load_checkpoint
from helpers.model.reference import REFERENCE
from helpers.model.resnet import ResNet
from toys import call, stop_in_epoch, train_command, train_options


def small(root, out, *more):
    """Train a very small network on ``root``."""
    return call(*train_options(root, out, *more))


def test_training_on_a_folder_prints_epochs_and_leaves_a_checkpoint(
    make_images, tmp_path
):
    root, out = make_images("photos", ["cat", "dog"], count=20), tmp_path / "m.pt"
    done = small(root, out)
    assert done.exit_code == 0
    lines = done.stdout.splitlines()
    assert "photos: 32 training and 8 validation images of 2 classes" in lines[0]
    assert [line.split()[1] for line in lines if line.startswith("epoch")] == ["1", "2"]
    assert "always answering the most frequent class gives 0.500" in done.stdout
    assert any(line.startswith("cat") for line in lines)
    assert str(out) in lines[-1]
    checkpoint = load_checkpoint(out)
    assert checkpoint["class_to_idx"] == {"cat": 0, "dog": 1}
    assert checkpoint["data"] == "photos"
    assert set(checkpoint["versions"]) == {"helpers", "torch", "torchvision"}
    assert checkpoint["epoch"] == 2
    network = ResNet(**checkpoint["model_args"])
    network.load_state_dict(checkpoint["model"])  # complete, and of this network


def test_the_weights_can_be_kept_without_the_run(make_images, tmp_path):
    """The shipped reference network was made so: it has to stay small."""
    root, out = make_images("photos", ["cat", "dog"], count=20), tmp_path / "m.pt"
    small(root, out)
    kept = tmp_path / "weights.pt"
    done = CliRunner().invoke(keep_weights.main, [str(out), str(kept)])
    assert done.exit_code == 0
    assert kept.stat().st_size < out.stat().st_size / 2
    checkpoint = load_checkpoint(kept)
    assert checkpoint.keys() >= torch.load(REFERENCE).keys() - {"seed", "val_accuracy"}
    assert "optimizer" not in checkpoint
    network = ResNet(**checkpoint["model_args"])
    network.load_state_dict(checkpoint["model"])


def test_the_same_seed_gives_the_same_weights(make_images, tmp_path):
    root = make_images("photos", ["cat", "dog"], count=20)
    weights = []
    for name, seed in (("a", 5), ("b", 5), ("c", 6)):
        small(root, tmp_path / name, "--seed", seed)
        weights.append(load_checkpoint(tmp_path / name)["model"]["fc.weight"])
    assert torch.equal(weights[0], weights[1])
    assert not torch.equal(weights[0], weights[2])


@pytest.mark.parametrize(
    "arguments",
    [
        ["train"],
        ["train", "x", "--data", "solids"],
        ["train", "--data", "imagenet"],
        ["train", "x", "--epochs", "0"],
        ["train", "x", "--lr", "-1"],
        ["train", "x", "--unknown"],
        ["audit"],
        ["unknown"],
    ],
)
def test_wrong_usage_exits_with_2(arguments):
    done = call(*arguments)
    assert done.exit_code == 2
    assert "Error: " in done.stderr


def bad_folder(kind, make_images, tmp_path):
    """Return a folder with one fault and a part of the sentence it must get."""
    if kind == "missing":
        return tmp_path / "nowhere", "There is no folder"
    if kind == "file":
        path = tmp_path / "photo.jpg"
        path.write_bytes(b"x")
        return path, "is a file"
    if kind == "empty":
        (tmp_path / "bare").mkdir()
        return tmp_path / "bare", "no class folders"
    if kind == "one class":
        return make_images("single", ["cat"]), "one class only"
    if kind == "unreadable image":
        root = make_images("photos", ["cat", "dog"], count=20)
        for path in (root / "dog").iterdir():
            path.write_bytes(b"no image")
        return root, "cannot be read as an image"
    raise AssertionError(kind)


@pytest.mark.parametrize("workers", [0, 1])
@pytest.mark.parametrize(
    "kind", ["missing", "file", "empty", "one class", "unreadable image"]
)
def test_bad_folders_get_one_sentence_and_status_1(
    kind, workers, make_images, tmp_path
):
    root, sentence = bad_folder(kind, make_images, tmp_path)
    out = tmp_path / "out" / "m.pt"
    done = small(root, out, "--workers", workers)
    assert done.exit_code == 1
    assert sentence in done.stderr
    assert "Traceback" not in done.output
    assert len(done.stderr.strip().splitlines()) == 1
    assert not out.exists()


def test_an_image_that_only_training_meets_is_named_through_a_worker(
    make_images, tmp_path
):
    """Statistics look at every image of a small set; a worker may meet it first."""
    root = make_images("photos", ["train/a", "train/b", "val/a", "val/b"], count=10)
    (root / "val" / "a" / "3.jpg").write_bytes(b"no image")
    done = small(root, tmp_path / "m.pt", "--workers", 1)
    assert done.exit_code == 1
    assert done.stderr.strip().count("\n") == 0
    assert "3.jpg cannot be read as an image" in done.stderr


def test_an_unwritable_place_is_said_before_training(make_images, tmp_path):
    root = make_images("photos", ["cat", "dog"], count=20)
    (tmp_path / "file").touch()
    done = small(root, tmp_path / "file" / "m.pt")
    assert done.exit_code == 1
    assert "cannot be written" in done.stderr
    assert "epoch" not in done.stdout


@pytest.mark.parametrize("name", ["m.csv", "link.csv"])
def test_a_checkpoint_in_the_place_of_its_log_is_refused(make_images, tmp_path, name):
    root = make_images("photos", ["cat", "dog"], count=20)
    (tmp_path / "link.csv").symlink_to("link.pt")
    out = tmp_path / ("link.pt" if name == "link.csv" else name)
    done = small(root, out)
    assert done.exit_code == 1
    assert "written to the same place" in done.stderr
    assert not done.stdout
    assert not out.exists()


def test_a_table_that_is_no_log_is_not_replaced(make_images, tmp_path):
    """runs/photos.csv may hold the labels of photos."""
    root, out = make_images("photos", ["cat", "dog"], count=20), tmp_path / "photos.pt"
    table = tmp_path / "photos.csv"
    table.write_text("file,label")
    for more in ([], ["--resume"]):
        done = small(root, out, *more)
        assert done.exit_code == 1
        assert f"{table} exists without {out}" in done.stderr
        assert table.read_text() == "file,label"
    assert small(root, out, "--overwrite").exit_code == 0
    assert table.read_text().startswith("number,train_loss")


def test_weights_are_not_kept_in_the_place_of_the_run(make_images, tmp_path):
    root, out = make_images("photos", ["cat", "dog"], count=20), tmp_path / "m.pt"
    small(root, out)
    content = out.read_bytes()
    done = CliRunner().invoke(keep_weights.main, [str(out), str(out)])
    assert isinstance(done.exception, UserError)
    assert out.read_bytes() == content


def test_a_device_that_is_not_there(make_images, tmp_path):
    root = make_images("photos", ["cat", "dog"])
    for name in ("warp", "cuda:77"):
        done = call("train", root, "--device", name, "--out", tmp_path / "m.pt")
        assert done.exit_code == 1
        assert "leave --device out" in done.stderr


def test_elpv_without_the_package(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "elpv_dataset", None)
    monkeypatch.setenv("SEVENTEEN_NOTES_CACHE", str(tmp_path))
    done = call("train", "--data", "elpv")
    assert done.exit_code == 1
    assert "seventeen-notes[real]" in done.stderr


def test_a_cache_that_cannot_be_written(monkeypatch, tmp_path):
    (tmp_path / "file").touch()
    monkeypatch.setenv("SEVENTEEN_NOTES_CACHE", str(tmp_path / "file"))
    for name in ("solids", "elpv"):
        done = call("train", "--data", name)
        assert done.exit_code == 1
        assert "SEVENTEEN_NOTES_CACHE" in done.stderr


def test_audit_reports_and_says_so_in_its_status(make_images, tmp_path):
    root = make_images("photos", ["train/a", "train/b", "val/a", "val/b"], size=40)
    for number, path in enumerate(sorted(root.rglob("*.jpg"))):
        image = Image.new("RGB", (40, 40), (number * 7, 0, 0))
        image.save(path)  # all different: no duplicates
    assert call("audit", root).exit_code == 0
    (root / "train" / "a" / "1.jpg").write_bytes(b"no image")
    done = call("audit", root)
    assert done.exit_code == 1
    assert "1.jpg" in done.stdout
    report = json.loads(call("audit", root, "--json").stdout)
    assert any("1.jpg" in str(finding) for finding in report["findings"])


def test_help_names_every_option_in_words():
    text = call("train", "--help").stdout
    for word in ("DIR", "--data", "--epochs", "--seed", "--workers", "--out"):
        assert word in text


def test_ctrl_c_keeps_what_was_saved(make_images, tmp_path):
    """A real process, stopped after its second epoch; by itself it would go on."""
    import signal

    root, out = make_images("photos", ["cat", "dog"], count=20), tmp_path / "m.pt"
    command = train_command(root, out, "--patience", "1000000", epochs=1000000)
    status, err = stop_in_epoch(2, command, signal.SIGINT)
    assert status == 130
    assert "Traceback" not in err
    assert load_checkpoint(out)["epoch"] >= 1
    assert [name for name in os.listdir(tmp_path) if name.endswith(".part")] == []
