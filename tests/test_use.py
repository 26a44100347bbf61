"""The commands that use a trained network, from its checkpoint to their files."""

import base64
import json
import os
import pickle
import random
import shutil
import sys
import warnings
from io import BytesIO

import onnx
import pytest
import torch
from bs4 import BeautifulSoup
from click.testing import CliRunner
from PIL import Image

from helpers.__main__ import main
from helpers.model.checkpoint import load_checkpoint, save_checkpoint
from toys import Bomb, call, train_options

COMMANDS = ("evaluate", "explain", "report", "export")


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A folder of images and the checkpoint of a network trained on it."""
    folder = tmp_path_factory.mktemp("run")
    root, out = folder / "photos", folder / "m.pt"
    for k, label in enumerate(("cat", "dog", "<b>emu<_b>")):
        (root / label).mkdir(parents=True)
        for index in range(15):
            colour = [40 + 5 * index, 60, 90]
            colour[k] += 100
            Image.new("RGB", (24, 24), tuple(colour)).save(
                root / label / f"{index}.png"
            )
    done = call(*train_options(root, out))
    assert done.exit_code == 0, done.output
    return root, out


@pytest.fixture
def copy(run, tmp_path):
    """The same, where files may be written and spoiled."""
    root, out = run
    return root, shutil.copy(out, tmp_path / "m.pt")


def test_evaluate_prints_what_training_printed(run):
    root, out = run
    done = call("evaluate", out, root)
    assert done.exit_code == 0
    assert done.stdout.startswith(
        "9 images of photos (val, drawn with seed 0): accuracy"
    )
    numbers = json.loads(call("evaluate", out, root, "--json").stdout)
    last = load_checkpoint(out)["history"][-1]
    assert numbers["accuracy"] == pytest.approx(last["val_accuracy"])
    assert numbers["loss"] == pytest.approx(last["val_loss"], abs=1e-5)
    assert numbers["classes"] == ["<b>emu<_b>", "cat", "dog"]
    assert sum(map(sum, numbers["confusion"])) == numbers["images"] == 9
    everything = json.loads(
        call("evaluate", out, root, "--json", "--split", "all").stdout
    )
    assert everything["images"] == 45


def test_explain_draws_a_sheet(copy):
    root, checkpoint = copy
    done = call("explain", checkpoint, root, "--count", 5)
    assert done.exit_code == 0, done.output
    picture = checkpoint.with_suffix(".gradcam.png")
    assert str(picture) in done.stdout
    assert len([line for line in done.stdout.splitlines() if ", said " in line]) == 5
    with Image.open(picture) as image:
        assert image.format == "PNG"
        assert image.width > 900


def test_the_report_is_one_page_that_needs_nothing_else(copy):
    root, checkpoint = copy
    assert call("report", checkpoint, root).exit_code == 0
    text = checkpoint.with_suffix(".html").read_text("utf-8")
    page = BeautifulSoup(text, "html.parser")
    assert page.html["lang"] == "en"
    assert "<b>emu<_b>" in page.get_text()  # escaped, not markup
    assert page.b is None
    assert not page.find_all(["script", "link", "iframe"])
    assert not [tag for tag in page.find_all(src=True) if ":" not in tag["src"][:5]]
    assert "http" not in text
    for image in page.find_all("img"):
        assert len(image["alt"].split()) >= 5
        Image.open(BytesIO(base64.b64decode(image["src"].partition(",")[2]))).verify()
    headings = [h.get_text() for h in page.find_all(["h1", "h2"])]
    assert headings[0] == "m.pt on 9 images of photos (val, drawn with seed 0)"
    assert {"Training", "Confusion matrix", "Classes"} <= set(headings)
    fingerprint = call("fingerprint", root).stdout.split()[0]
    assert fingerprint in text
    assert torch.__version__ in text
    assert str(root.parent) not in text  # no path of the machine
    again = checkpoint.with_suffix(".html").read_bytes()
    call("report", checkpoint, root)
    assert checkpoint.with_suffix(".html").read_bytes() == again  # same every time


def test_export_writes_both_files_and_compares_them(copy):
    root, checkpoint = copy
    done = call("export", checkpoint, root, "--int8")
    assert done.exit_code == 0, done.output
    first, *files = done.stdout.splitlines()
    assert first.startswith("9 images of photos")
    assert [line.split(": ")[0] for line in files] == [
        str(checkpoint.with_suffix(ending)) for ending in (".onnx", ".int8.onnx")
    ]
    assert "same class for 100.0%" in files[0]
    assert sorted(os.listdir(checkpoint.parent)) == ["m.int8.onnx", "m.onnx", "m.pt"]


@pytest.mark.parametrize("command", COMMANDS)
def test_other_classes_are_refused_before_anything_is_written(
    command, copy, make_images
):
    _, checkpoint = copy
    done = call(command, checkpoint, make_images("other", ["cat", "fox"]))
    assert done.exit_code == 1
    assert "it lacks <b>emu<_b>, dog and it adds fox" in done.stderr
    assert done.stderr.count("\n") == 1
    assert sorted(os.listdir(checkpoint.parent)) == ["m.pt", "other"]


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(
    "kind", ["missing", "text", "pickle", "truncated", "another width"]
)
def test_a_bad_checkpoint_gets_one_sentence(command, kind, run, copy, monkeypatch):
    root, path = run[0], copy[1]
    monkeypatch.chdir(path.parent)
    if kind == "missing":
        path.unlink()
    elif kind == "text":
        path.write_text("hello")
    elif kind == "pickle":
        path.write_bytes(pickle.dumps(Bomb()))
    elif kind == "truncated":
        path.write_bytes(path.read_bytes()[:-300])
    else:
        saved = load_checkpoint(path)
        save_checkpoint(path, saved | {"model_args": {"num_classes": 3, "width": 8}})
    done = call(command, path, root)
    assert done.exit_code == 1
    assert done.stderr.startswith("Error: ")
    assert done.stderr.count("\n") == 1
    assert set(os.listdir()) <= {"m.pt"}  # nothing was written, nothing was run


def spoil(path, kind):
    """Write a checkpoint that gives no number, or wrong ones."""
    if kind == "damaged":
        content = bytearray(path.read_bytes())
        rng = random.Random(0)
        for position in rng.sample(range(len(content) // 4, len(content) // 2), 400):
            content[position] ^= 0x40
        path.write_bytes(content)
        return "is damaged (the checksum of"
    saved = load_checkpoint(path)
    if kind == "overflow":
        for name in ("fc.weight", "fc.bias"):  # finite, but their sums are not
            saved["model"][name].fill_(3e38)
        sentence = "images with NaN or infinity"
    else:
        name, value = {
            "weight": ("layer1.0.conv1.weight", float("nan")),
            "statistics": ("layer4.0.bn1.running_var", float("inf")),
        }[kind]
        saved["model"][name].view(-1)[0] = value
        sentence = f"{name} holds NaN or infinity after epoch 2"
    torch.save(saved, path)
    return sentence


@pytest.mark.parametrize("command", [*COMMANDS, "train"])
@pytest.mark.parametrize("kind", ["damaged", "weight", "statistics", "overflow"])
def test_no_command_gives_a_number_of_a_spoiled_network(command, kind, copy):
    root, path = copy
    sentence = spoil(path, kind)
    content = path.read_bytes()
    if command == "train":
        done = call(*train_options(root, path, "--resume"))
    else:
        done = call(command, path, root)
    assert done.exit_code == 1, done.output
    assert sentence in done.stderr
    assert done.stderr.count("\n") == 1
    assert "accuracy" not in done.stdout
    assert path.read_bytes() == content or kind == "overflow"
    assert set(os.listdir(path.parent)) <= {"m.pt", "m.csv"}


@pytest.mark.parametrize(
    ("command", "name"),
    [(c, n) for c in COMMANDS[1:] for n in ("m.pt", "m.csv", "link")],
)
def test_a_file_of_the_run_is_not_written_over(command, name, copy):
    root, path = copy
    (path.parent / "link").symlink_to(path)
    path.with_suffix(".csv").write_text("the log")
    content = path.read_bytes()
    done = call(command, path, root, "--out", path.parent / name)
    assert done.exit_code == 1
    assert "would replace" in done.stderr
    assert done.stderr.count("\n") == 1
    assert path.read_bytes() == content
    assert path.with_suffix(".csv").read_text() == "the log"
    assert not done.stdout


@pytest.mark.parametrize("command", COMMANDS[1:])
def test_a_checkpoint_that_can_only_be_a_folder(command, run):
    done = call(command, ".", run[0])
    assert done.exit_code == 1
    assert ". is a folder" in done.stderr


def test_a_failed_int8_leaves_both_files(copy, monkeypatch):
    root, path = copy
    assert call("export", path, root, "--int8").exit_code == 0
    files = [path.with_suffix(ending) for ending in (".onnx", ".int8.onnx")]
    before = [(file.read_bytes(), file.stat().st_mtime_ns) for file in files]

    def fail(*_, **__):
        raise ValueError("no")

    monkeypatch.setattr("onnxruntime.quantization.quantize_static", fail)
    done = call("export", path, root, "--int8")
    assert done.exit_code == 1
    assert "m.int8.onnx is not written, for the network cannot be quantised: no" in (
        done.stderr
    )
    after = [(file.read_bytes(), file.stat().st_mtime_ns) for file in files]
    assert after == before
    assert sorted(os.listdir(path.parent)) == ["m.int8.onnx", "m.onnx", "m.pt"]


@pytest.mark.parametrize("command", COMMANDS[1:])
def test_a_place_that_cannot_be_written_is_found_first(command, run, tmp_path):
    root, checkpoint = run
    (tmp_path / "file").touch()
    done = call(command, checkpoint, root, "--out", tmp_path / "file" / "x.out")
    assert done.exit_code == 1
    assert "cannot be written" in done.stderr
    assert done.stderr.count("\n") == 1


def test_an_opset_that_is_not_delivered_is_said(copy):
    root, checkpoint = copy
    done = call("export", checkpoint, root, "--opset", 13)
    assert done.exit_code == 1
    assert "Opset 13 was asked for and 18 delivered" in done.stderr
    assert "dynamo=False" in done.stderr  # what was delivered cannot be converted
    assert os.listdir(checkpoint.parent) == ["m.pt"]


def test_without_mistakes_there_is_nothing_to_explain(copy, monkeypatch):
    root, checkpoint = copy
    monkeypatch.setattr("helpers.command.answer.worst", lambda *_, **__: [])
    done = call("explain", checkpoint, root, "--mistakes")
    assert done.exit_code == 1
    assert "no answer is wrong" in done.stderr


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may write all")
def test_a_folder_without_permission_gets_one_sentence(copy, tmp_path):
    root, checkpoint = copy
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o500)
    done = call("export", checkpoint, root, "--out", closed / "m.onnx")
    assert done.exit_code == 1
    assert "cannot be written (Permission denied)" in done.stderr


def test_permission_lost_while_exporting_leaves_nothing(copy, monkeypatch):
    root, checkpoint = copy

    def refuse(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("pathlib.Path.write_bytes", refuse)
    done = call("export", checkpoint, root)
    assert done.exit_code == 1
    assert "m.onnx cannot be written (Permission denied)" in done.stderr
    assert os.listdir(checkpoint.parent) == ["m.pt"]


@pytest.mark.parametrize("command", COMMANDS)
def test_an_empty_class_is_named(command, copy, make_images):
    _, checkpoint = copy
    root = make_images("other", ["<b>emu<_b>", "cat"])
    (root / "dog").mkdir()
    done = call(command, checkpoint, root)
    assert done.exit_code == 1
    assert "dog" in done.stderr
    assert done.stderr.count("\n") == 1


def test_names_may_hold_anything(tmp_path):
    """Chinese, dollars, a line break, 250 letters, and bytes that are no text."""
    root = tmp_path / "照片 $1"
    for k, label in enumerate(("猫 $a$", "chien\n🐕", "x" * 250)):
        (root / label).mkdir(parents=True)
        for index in range(10):
            colour = [40 + 5 * index, 60, 90]
            colour[k] += 100
            name = f"{index} $\\frac{{é$\n.png"
            if os.name == "posix" and index == 0 and sys.platform == "linux":
                name = os.fsdecode(b"\xff\xfe.png")
            Image.new("RGB", (24, 24), tuple(colour)).save(root / label / name)
    checkpoint = tmp_path / "模型.pt"
    done = call(*train_options(root, checkpoint, epochs=1))
    assert done.exit_code == 0, done.output
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # no font, no mathematics: no complaint
        for words in (["evaluate"], ["explain"], ["report"], ["export", "--int8"]):
            done = call(words[0], checkpoint, root, *words[1:], "--split", "all")
            assert done.exit_code == 0, done.output
    assert "猫 $a$" in checkpoint.with_suffix(".html").read_text("utf-8")
    done = call("fingerprint", root, "--out", tmp_path / "m.json")
    assert call("fingerprint", root, "--check", tmp_path / "m.json").exit_code == 0
    assert done.exit_code == 0


@pytest.mark.skipif(sys.platform != "linux", reason="such names need Linux")
def test_names_need_not_be_text(tmp_path):
    """Classes, images, the folder, the checkpoint and the outputs: bytes, not UTF-8."""
    odd = os.fsdecode(b"\xff")
    root, out = tmp_path / f"photos {odd}", tmp_path / f"out {odd}"
    for k, label in enumerate(("cat", f"dog {odd}")):
        (root / label).mkdir(parents=True)
        for index in range(10):
            colour = [40 + 5 * index, 60 + 100 * k, 90 + index]
            image = Image.new("RGB", (24, 24), tuple(colour))
            image.save(root / label / f"{index} {odd}.png")
    checkpoint = out / f"m {odd}.pt"
    words = {
        "train": train_options(root, checkpoint, epochs=1),
        "resume": train_options(root, checkpoint, "--resume", epochs=1),
        "audit": ["audit", root],
        "audit, JSON": ["audit", root, "--json"],
        "fingerprint": ["fingerprint", root, "--out", out / f"m {odd}.json"],
        "check": ["fingerprint", root, "--check", out / f"m {odd}.json"],
        "evaluate": ["evaluate", checkpoint, root],
        "evaluate, JSON": ["evaluate", checkpoint, root, "--json"],
        "explain": ["explain", checkpoint, root],
        "report": ["report", checkpoint, root],
        "export": ["export", checkpoint, root, "--int8"],
    }
    done = {}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for title, arguments in words.items():
            done[title] = call(*arguments)
            if not title.startswith("audit"):  # such a name is an error to it
                assert done[title].exit_code == 0, done[title].output
    for title in ("train", "audit", "check", "evaluate", "explain", "report", "export"):
        assert "\\udcff" in done[title].stdout, title
    assert json.loads(done["evaluate, JSON"].stdout)["classes"][1] == f"dog {odd}"
    assert "\\udcff" in str(json.loads(done["audit, JSON"].stdout))
    page = checkpoint.with_suffix(".html").read_text("utf-8")
    assert "dog \\udcff" in page
    about = onnx.load(checkpoint.with_suffix(".onnx")).metadata_props
    (classes,) = (p.value for p in about if p.key == "classes")
    assert json.loads(classes) == ["cat", f"dog {odd}"]
    for arguments in (
        ["evaluate", tmp_path / f"none {odd}.pt", root],
        ["evaluate", checkpoint, tmp_path / f"none {odd}"],
        ["report", checkpoint, root, "--out", checkpoint],
        ["train", tmp_path / f"none {odd}"],
        ["fingerprint", root, "--check", tmp_path / f"none {odd}"],
    ):
        refused = call(*arguments)
        assert refused.exit_code == 1
        assert "\\udcff" in refused.stderr
        assert refused.stderr.count("\n") == 1


def test_a_terminal_need_not_know_the_letters(run, tmp_path):
    root = tmp_path / "照片"
    shutil.copytree(run[0], root)
    arguments = ["evaluate", str(run[1]), str(root), "--split", "all"]
    done = CliRunner(charset="latin-1").invoke(main, arguments, catch_exceptions=False)
    assert done.exit_code == 0
    assert "45 images of \\u7167\\u7247, of which the run trained on" in done.stdout
