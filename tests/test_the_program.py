"""The two scripts of ``helpers/program``: both run, and only one of them is right.

Each slip of the seventeen notes, and each of the usual faults, is put into a copy of
``corrected.py``. Then the checker must report it, or a property of the program must
no longer hold. Neither happens with the script as it is.
"""

import ast
import contextlib
import copy
import importlib.util
import json
import os
import re
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from onnx.reference import ReferenceEvaluator
from PIL import Image
from torch import nn
from torch._dynamo.testing import CompileCounter

from notebook_files import PATHS, ROOT
from patience import HANGS
from review.checker import Folder, check_file
from review.rules import RULES

PROGRAM = ROOT / "helpers" / "program"
CORRECTED = (PROGRAM / "corrected.py").read_text("utf-8")
HANDED_ON = (PROGRAM / "handed_on.py").read_text("utf-8")
COMMENT = re.compile(r"^ *# 注意 (\d+)(?: \(([a-z ]+)\))?: (.+)$", re.MULTILINE)
CLASSES = ["ball", "cone", "cube"]
SMALL = ["--size", "32", "--batch-size", "8", "--epochs", "2"]


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    """Let sums have one order, and leave PyTorch's settings as they were."""
    threads, chosen = (
        torch.get_num_threads(),
        torch.are_deterministic_algorithms_enabled(),
    )
    torch.set_num_threads(1)
    yield
    plt.close("all")
    torch.use_deterministic_algorithms(chosen)
    torch.set_num_threads(threads)


def make_split(folder: Path, classes: list[str], count: int, seed: int = 0) -> Path:
    """Make noisy pictures; where they are bright depends on the class."""
    generator = np.random.default_rng(seed)
    for number, name in enumerate(classes):
        (folder / name).mkdir(parents=True)
        for index in range(count):
            pixels = generator.integers(0, 120, (32, 32, 3), dtype=np.uint8)
            pixels[10 * number : 10 * number + 12, :, number % 3] += 120
            Image.fromarray(pixels).save(folder / name / f"{index:02}.png")
    return folder


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Return a folder with 36 images to train on and 21 for validation."""
    make_split(tmp_path / "data" / "train", CLASSES, 12)
    make_split(tmp_path / "data" / "val", CLASSES, 7, seed=1)
    return tmp_path / "data"


def load(text: str, path: Path) -> ModuleType:
    """Write a program to ``path`` and import it."""
    path.write_text(text, "utf-8")
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def program(tmp_path: Path) -> ModuleType:
    """Return the corrected program as a module."""
    return load(CORRECTED, tmp_path / "program.py")


# Four workers for every core would be many here, and none is needed.
ONE_PROCESS = "import os, runpy, sys; os.cpu_count = lambda: 0; sys.argv.pop(0); "
RUN = "runpy.run_path(sys.argv[0], run_name='__main__')"
# Kill -9 when the second checkpoint is written and does not have its name yet.
KILLED = """
rename, calls = os.replace, iter(range(9))
def replace(part, path):
    if str(path).endswith("checkpoint.pt") and next(calls):
        os.kill(os.getpid(), 9)
    rename(part, path)
os.replace = replace
"""


def start(
    name: str, *words: object, cwd: Path, first: str = ""
) -> tuple[int, str, str]:
    """Run one of the scripts in a process of its own, with one thread.

    Args:
        first: code that runs before the script does.

    Returns:
        Its exit status, and what it wrote to stdout and stderr.
    """
    command = [PROGRAM / f"{name}.py", *words]
    done = subprocess.run(
        [sys.executable, "-c", f"{ONE_PROCESS}{first}\n{RUN}", *map(str, command)],
        cwd=cwd, capture_output=True, text=True, timeout=HANGS,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    return done.returncode, done.stdout, done.stderr


def run_here(program: ModuleType, monkeypatch: pytest.MonkeyPatch, *words: object):
    """Run the program in this process, without the export, which takes seconds."""
    monkeypatch.setattr(program, "export", lambda *_: 0.0)
    monkeypatch.setattr(sys, "argv", ["corrected.py", *map(str, words)])
    program.main()


# --- the two scripts ---------------------------------------------------------------


def test_both_have_the_seventeen_comments():
    """Each on a line of its own; the corrected ones agree with the chapters."""
    chapters = [json.loads(path.read_text("utf-8"))["metadata"] for path in PATHS]
    verdicts = {
        c["chapter"]["number"]: c["chapter"]["verdict"]
        for c in chapters
        if "chapter" in c
    }
    corrected, handed_on = COMMENT.findall(CORRECTED), COMMENT.findall(HANDED_ON)
    assert {int(number): verdict for number, verdict, _ in corrected} == verdicts
    for found in (corrected, handed_on):
        assert sorted(int(number) for number, _, _ in found) == list(range(1, 18))
    assert {verdict for _, verdict, _ in handed_on} == {""}


def test_they_can_be_laid_side_by_side():
    headings = [
        re.findall(r"^# --- .*$", text, re.MULTILINE) for text in (CORRECTED, HANDED_ON)
    ]
    assert headings[0] == headings[1]
    names = []
    for text in (CORRECTED, HANDED_ON):
        tree = ast.parse(text)
        kinds = (ast.FunctionDef, ast.ClassDef)
        names.append([node.name for node in tree.body if isinstance(node, kinds)])
        imports = [
            n for n in ast.walk(tree) if isinstance(n, ast.ImportFrom | ast.Import)
        ]
        assert "helpers" not in "".join(ast.unparse(node) for node in imports)
    assert names[1] == [name for name in names[0] if name in names[1]]


def test_handed_on_runs_and_looks_right(data, tmp_path):
    words = [data, "--epochs", 1, "--size", 32]
    status, out, err = start("handed_on", *words, cwd=tmp_path)
    assert status == 0, err
    assert re.search(r"^accuracy [01]\.\d{3}\n\Z", out, re.MULTILINE), out
    for name in ("confusion.png", "maps.png", "model_quant.onnx"):
        assert (tmp_path / name).stat().st_size > 0


def test_corrected_runs_and_leaves_its_files(data, tmp_path):
    words = [data, *SMALL, "--epochs", 1]
    status, out, err = start("corrected", *words, cwd=tmp_path)
    assert status == 0, err
    assert re.search(r"^accuracy [01]\.\d{3}\n\Z", out, re.MULTILINE), out
    folder = tmp_path / "runs"
    assert {path.name for path in folder.iterdir()} == {
        "checkpoint.pt", "confusion.png", "maps.png", "model.onnx",
    }  # fmt: skip
    session = ReferenceEvaluator(str(folder / "model.onnx"))
    for count in (1, 3):  # the batch is free
        images = np.zeros((count, 3, 32, 32), np.float32)
        assert session.run(None, {"images": images})[0].shape == (count, 3)


def test_help_names_every_default(program, monkeypatch, capsys):
    with pytest.raises(SystemExit) as ended:
        run_here(program, monkeypatch, "--help")
    text = " ".join(capsys.readouterr().out.split())
    assert ended.value.code == 0
    for default in ("5", "32", "0.1", "64", "0", "runs"):
        assert f"(default: {default})" in text


def spoil_nothing(data: Path) -> None:
    """Leave the data as they are."""


def spoil_class(data: Path) -> None:
    """Take a class out of the validation split."""
    (data / "val" / "cone").rename(data / "cone")


def spoil_pictures(data: Path) -> None:
    """Leave a class folder without pictures."""
    for path in (data / "train" / "ball").iterdir():
        path.unlink()


def spoil_picture(data: Path) -> None:
    """Cut a picture in half."""
    path = data / "val" / "ball" / "03.png"
    path.write_bytes(path.read_bytes()[:500])


def spoil_depth(data: Path) -> None:
    """Put a picture of 16 bits among the others."""
    pixels = np.full((32, 32), 40_000, np.uint16)
    Image.fromarray(pixels).save(data / "train" / "cube" / "scan.png")


BAD = [
    (spoil_nothing, ["nowhere"], "No such file or directory: 'nowhere/train'. DATA"),
    (spoil_nothing, ["--batch-size", "37"], "36 images of .* are too few"),
    (spoil_class, [], r"\['cone'\]"),
    (spoil_pictures, [], "no valid file for the classes ball"),
    (spoil_picture, [], "03.png can't be read"),
    (spoil_depth, [], "scan.png can't be read"),
]


@pytest.mark.parametrize(("spoil", "words", "says"), BAD)
def test_what_is_wrong_outside_is_said_in_one_sentence(
    spoil, words, says, program, data, tmp_path, monkeypatch
):
    """``sys.exit`` with a text prints it and gives the status 1."""
    spoil(data)
    given = words if words[:1] == ["nowhere"] else [data, *SMALL, *words]
    with pytest.raises(SystemExit) as ended:
        run_here(program, monkeypatch, *given, "--out", tmp_path / "out")
    assert re.search(says, str(ended.value.code))
    assert "\n" not in str(ended.value.code)


def test_the_status_is_1_and_there_is_no_traceback(tmp_path):
    status, out, err = start("corrected", "nowhere", cwd=tmp_path)
    assert (status, out, len(err.splitlines())) == (1, "", 1)


def test_a_killed_run_goes_on_as_if_nothing_had_happened(
    data, tmp_path, program, monkeypatch
):
    """After kill -9 the weights are, bit for bit, those of a run without it."""
    words = [data, *SMALL, "--epochs", 3]
    status, *_ = start(
        "corrected", *words, "--out", "killed", cwd=tmp_path, first=KILLED
    )
    assert status == -9
    monkeypatch.chdir(tmp_path)
    assert torch.load(Path("killed", "checkpoint.pt"), weights_only=True)["epoch"] == 1
    run_here(program, monkeypatch, *words, "--out", "killed", "--resume")
    run_here(program, monkeypatch, *words, "--out", "whole")
    files = [Path(name, "checkpoint.pt") for name in ("killed", "whole")]
    killed, whole = (torch.load(path, weights_only=True) for path in files)
    assert killed["epoch"] == whole["epoch"] == 3
    assert all(torch.equal(killed["model"][k], v) for k, v in whole["model"].items())
    # Other options or images, or no --resume, and the run is refused.
    for changed in (["--lr", "0.2"], ["--seed", "1"]):
        with pytest.raises(SystemExit, match=changed[0].strip("-")):
            run_here(
                program, monkeypatch, *words, *changed, "--out", "whole", "--resume"
            )
    with pytest.raises(SystemExit, match="say --resume"):
        run_here(program, monkeypatch, *words, "--out", "whole")
    (data / "train" / "ball" / "00.png").rename(data / "train" / "cone" / "99.png")
    with pytest.raises(SystemExit, match="fingerprint"):
        run_here(program, monkeypatch, *words, "--out", "whole", "--resume")


# --- properties: each takes the program and raises AssertionError if it is wrong -----


class Place(NamedTuple):
    """Where a property may work."""

    data: Path
    monkeypatch: pytest.MonkeyPatch


def batches(count: int = 4) -> list[tuple[torch.Tensor, torch.Tensor]]:
    """Return batches of eight random images of three classes."""
    generator = torch.Generator().manual_seed(0)
    return [
        (
            torch.randn(8, 3, 32, 32, generator=generator),
            torch.randint(3, (8,), generator=generator),
        )
        for _ in range(count)
    ]


def network(program: ModuleType) -> nn.Module:
    """Return an untrained network, the same each time."""
    torch.manual_seed(0)
    return program.ResNet(3)


def splits(program: ModuleType, data: Path) -> list:
    """Return the two splits as the program opens them, neither of them augmented."""
    train, val = program.open_splits(data, 32)
    train.transform = program.make_transform(32, False)
    return [train, val]


def state(model: nn.Module) -> dict[str, torch.Tensor]:
    """Return a copy of all weights and buffers."""
    return copy.deepcopy(model.state_dict())


def same(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> bool:
    """Whether two states are equal bit for bit."""
    return all(torch.equal(value, other[key]) for key, value in one.items())


def step(program: ModuleType, model: nn.Module, batch, scaler=None):
    """Take one step at a rate of 0.1; return loss and norm."""
    optimizer, _ = program.make_optimizer(model, 0.1, 5)
    scaler = scaler or torch.amp.GradScaler("cpu", enabled=False)
    return program.train_step(model, optimizer, scaler, batch)


def classes_keep_their_numbers(program: ModuleType, place: Place) -> None:
    hidden = place.data / "val" / ".checkpoints"
    hidden.mkdir()
    (place.data / "val" / "ball" / "00.png").rename(hidden / "00.png")
    with contextlib.suppress(SystemExit):  # or it refuses
        train, val = splits(program, place.data)
        assert train.class_to_idx == val.class_to_idx


def a_block_halves_once(program: ModuleType, place: Place) -> None:
    block = program.BasicBlock(8, 16, 2)
    assert block(torch.randn(2, 8, 16, 16)).shape == (2, 16, 8, 8)
    assert block.conv1.stride == (2, 2)


def one_channel_is_projected(program: ModuleType, place: Place) -> None:
    block = program.BasicBlock(1, 8)
    x = torch.randn(2, 1, 8, 8)
    assert block.shortcut(x).shape == block(x).shape


def the_shortcut_is_normalised(program: ModuleType, place: Place) -> None:
    out = program.BasicBlock(8, 16, 2).shortcut(5 + torch.randn(9, 8, 16, 16))
    assert out.mean().abs() < 0.01
    assert (out.std() - 1).abs() < 0.01


def shapes_are_compared(program: ModuleType, place: Place) -> None:
    block = program.BasicBlock(8, 8)
    block.shortcut = nn.Conv2d(8, 1, 1)
    try:
        block(torch.randn(2, 8, 8, 8))
    except AssertionError:
        return
    raise AssertionError("a single channel is stretched over eight")


def the_network_gives_logits(program: ModuleType, place: Place) -> None:
    logits = network(program)(batches(1)[0][0])
    assert (logits.sum(1) - 1).abs().min() > 1e-3


def the_schedule_ends_with_the_run(program: ModuleType, place: Place) -> None:
    for epochs in (2, 7, 30):
        model = nn.Linear(2, 2)
        optimizer, scheduler = program.make_optimizer(model, 0.1, epochs)
        rates = []
        for _ in range(epochs):
            rates += scheduler.get_last_lr()
            optimizer.step()
            scheduler.step()
        assert rates[0] == 0.1
        assert rates == sorted(rates, reverse=True)
        assert scheduler.get_last_lr()[0] < 1e-6


def bad_gradients_stop_before_the_step(program: ModuleType, place: Place) -> None:
    for bad in (float("nan"), float("inf")):
        model, (images, targets) = network(program), batches(1)[0]
        images[0, 0, 0, 0] = bad
        weights = copy.deepcopy(list(model.parameters()))
        with contextlib.suppress(SystemExit):
            step(program, model, (images, targets))
        pairs = zip(model.parameters(), weights, strict=True)
        assert all(torch.equal(now, before) for now, before in pairs)


def usual_steps_are_not_clipped(program: ModuleType, place: Place) -> None:
    model = network(program)
    norms = [step(program, model, batch)[1] for batch in batches()]
    assert max(norms) < program.MAX_NORM


def long_gradients_are_clipped(program: ModuleType, place: Place) -> None:
    model, batch = network(program), batches(1)[0]
    place.monkeypatch.setattr(program, "MAX_NORM", 1e-3)
    before = torch.cat([p.detach().clone().flatten() for p in model.parameters()])
    step(program, model, batch)
    after = torch.cat([p.detach().flatten() for p in model.parameters()])
    assert (after - before).norm() < 1.01e-4  # the rate is 0.1


def a_scaler_changes_no_step(program: ModuleType, place: Place) -> None:
    states, norms = [], []
    for enabled in (False, True):
        model = network(program)
        scaler = torch.amp.GradScaler("cpu", init_scale=1024, enabled=enabled)
        norms.append(step(program, model, batches(1)[0], scaler)[1].item())
        states.append(state(model))
    assert norms[1] == pytest.approx(norms[0], rel=1e-3)
    for key, value in states[0].items():
        torch.testing.assert_close(states[1][key], value, rtol=1e-3, atol=1e-4)


def a_step_follows_its_own_batch(program: ModuleType, place: Place) -> None:
    model, (batch, *_) = network(program), batches(1)
    one, other = network(program), network(program)
    for model in (one, other):
        for parameter in model.parameters():
            parameter.grad = torch.ones_like(parameter) if model is one else None
        step(program, model, batch)
    assert same(state(one), state(other))


def evaluation_changes_nothing(program: ModuleType, place: Place) -> None:
    model = network(program).train()
    before = state(model)
    program.evaluate(model, batches(), 8)
    assert same(before, state(model))


def answers_do_not_depend_on_the_batch(program: ModuleType, place: Place) -> None:
    model, (images, targets) = network(program).train(), batches(1)[0]
    program.train_epoch(model, batches(), *trainers(program, model))
    ones = [(images[i : i + 1], targets[i : i + 1]) for i in range(len(images))]
    whole = program.evaluate(model, [(images, targets)], 8)[1]
    assert torch.equal(whole, program.evaluate(model, ones, 8)[1])


def trainers(program: ModuleType, model: nn.Module) -> tuple:
    """Return what train_epoch needs besides model and batches."""
    optimizer, _ = program.make_optimizer(model, 0.1, 5)
    return optimizer, torch.amp.GradScaler("cpu", enabled=False)


def training_is_in_training_mode(program: ModuleType, place: Place) -> None:
    model = network(program)
    program.evaluate(model, batches(1), 8)
    before = state(model)["bn1.running_mean"]
    program.train_epoch(model, batches(1), *trainers(program, model))
    assert not torch.equal(before, model.bn1.running_mean)


def every_image_is_counted_once(program: ModuleType, place: Place) -> None:
    _, val = splits(program, place.data)
    loader = program.make_loader(val, 8, 0, False)
    y_true, y_pred = program.evaluate(network(program), loader, 8)
    assert y_true.tolist() == val.targets
    assert len(y_pred) == len(val)


def evaluation_is_not_random(program: ModuleType, place: Place) -> None:
    _, val = splits(program, place.data)
    assert torch.equal(val[0][0], val[0][0])


def every_class_has_a_row(program: ModuleType, place: Place) -> None:
    drawn = {}

    def heatmap(matrix, xticklabels, yticklabels, **_):
        drawn.update(matrix=matrix, names=[xticklabels, yticklabels])

    place.monkeypatch.setattr(program.sns, "heatmap", heatmap)
    y_true, y_pred = torch.tensor([0, 2, 2]), torch.tensor([0, 0, 2])
    order = {"z": 0, "y": 1, "x": 2}  # not in the order of the alphabet
    program.draw_confusion(y_true, y_pred, order, place.data / "confusion.png")
    assert drawn["matrix"].tolist() == [[1, 0, 0], [0, 0, 0], [1, 0, 1]]
    assert drawn["names"] == [["z", "y", "x"]] * 2


def the_map_adds_up_to_the_score(program: ModuleType, place: Place) -> None:
    """For the last block Grad-CAM is the class's own sum over the channels."""
    model, (images, _) = network(program).eval(), batches(1)[0]
    kept = []
    hook = model.blocks[-1].register_forward_hook(lambda *call: kept.append(call[2]))
    answers = model(images).argmax(1)
    hook.remove()
    weights = model.fc.weight[answers][:, :, None, None]  # [N, 96, 1, 1]
    area = kept[0].shape[2] * kept[0].shape[3]
    expected = (weights * kept[0]).sum(1).relu() / area
    maps = program.grad_cam(model, images)
    assert maps.shape == expected.shape
    assert torch.allclose(maps, expected, atol=1e-6)


def no_hook_is_left(program: ModuleType, place: Place) -> None:
    model = network(program).eval()
    program.grad_cam(model, batches(1)[0][0])
    for module in model.modules():
        assert not module._forward_hooks
        assert not module._backward_hooks


def a_map_leaves_no_graph(program: ModuleType, place: Place) -> None:
    """Nor gradients in the parameters, which the next step would follow."""
    model = network(program).eval()
    assert not program.grad_cam(model, batches(1)[0][0]).requires_grad
    assert all(parameter.grad is None for parameter in model.parameters())


def a_moved_picture_is_noticed(program: ModuleType, place: Place) -> None:
    before = program.fingerprint(*splits(program, place.data))
    train = place.data / "train"
    (train / "ball" / "11.png").rename(train / "cone" / "-.png")  # same order of bytes
    assert program.fingerprint(*splits(program, place.data)) != before


def a_stray_file_is_not_noticed(program: ModuleType, place: Place) -> None:
    before = program.fingerprint(*splits(program, place.data))
    (place.data / "train" / "ball" / "Thumbs.db").write_text("not an image")
    assert program.fingerprint(*splits(program, place.data)) == before


def dali_batches(program: ModuleType, split, train: bool) -> list:
    """Return the batches that DALI makes on the CPU."""
    pytest.importorskip("nvidia.dali")
    found = program.dali_loader(split, 8, 32, train, gpu=None)
    return [(images.clone(), targets.clone()) for images, targets in found]


def wide_pictures(data: Path) -> None:
    """Give the pictures of a split two sides, as photographs have."""
    for path in (data / "val").rglob("*.png"):
        pixels = np.linspace(0, 255, 64, dtype=np.uint8) * np.ones((40, 1), np.uint8)
        Image.fromarray(pixels).convert("RGB").save(path)


def dali_gives_the_same_pictures(program: ModuleType, place: Place) -> None:
    wide_pictures(place.data)
    _, val = splits(program, place.data)
    found = dali_batches(program, val, train=False)
    expected = list(program.make_loader(val, 8, 0, False))
    assert [len(targets) for _, targets in found] == [8, 8, 5]
    for (images, targets), (others, numbers) in zip(found, expected, strict=True):
        assert targets.dtype == torch.int64
        assert torch.equal(targets, numbers)
        assert (images - others).abs().mean() < 0.05


def dali_trains_in_whole_shuffled_batches(program: ModuleType, place: Place) -> None:
    train, _ = splits(program, place.data)
    torch.manual_seed(0)
    one, two = (dali_batches(program, train, train=True) for _ in range(2))
    assert [len(targets) for _, targets in one] == [8, 8, 8, 8]
    orders = [
        torch.cat([targets for _, targets in part]).tolist() for part in (one, two)
    ]
    assert orders[0] != orders[1] != sorted(orders[1])
    torch.manual_seed(0)  # as a resumed run does
    again = dali_batches(program, train, train=True)
    pairs = zip(one, again, strict=True)
    assert all(torch.equal(a[0], b[0]) for a, b in pairs)


def every_call_has_one_shape(program: ModuleType, place: Place) -> None:
    """So that a compiled network compiles once for each mode."""
    train, val = splits(program, place.data)
    model, shapes = network(program), set()
    model.register_forward_pre_hook(lambda _, given: shapes.add(given[0].shape))
    loader = program.make_loader(train, 8, 0, True)
    program.train_epoch(model, loader, *trainers(program, model))
    program.evaluate(model, program.make_loader(val, 8, 0, False), 8)
    assert shapes == {(8, 3, 32, 32)}


def a_warm_up_is_like_the_evaluation(program: ModuleType, place: Place) -> None:
    model = network(program).train()
    before, seen = state(model), []

    def note(module, given):
        kind = tuple(given[0].shape), module.training, torch.is_inference_mode_enabled()
        seen.append(kind)

    model.register_forward_pre_hook(note)
    program.warm_up(model, 8, 32)
    assert same(before, state(model))
    program.evaluate(model, batches(1), 8)
    assert len(set(seen)) == 1
    assert len(seen) > 3  # what a CUDA graph needs, and the evaluation


def the_old_checkpoint_survives(program: ModuleType, place: Place) -> None:
    path = place.data / "checkpoint.pt"
    program.save_checkpoint(path, {"epoch": 1})

    def die(checkpoint, file):
        file.write_bytes(b"half a")
        raise KeyboardInterrupt

    with place.monkeypatch.context() as patched:
        patched.setattr(torch, "save", die)
        with pytest.raises(KeyboardInterrupt):
            program.save_checkpoint(path, {"epoch": 2})
    assert zip_is_whole(path)


def zip_is_whole(path: Path) -> bool:
    """Whether a file can be loaded."""
    try:
        return torch.load(path, weights_only=True) == {"epoch": 1}
    except Exception:
        return False


def a_resumed_run_is_the_same(program: ModuleType, place: Place) -> None:
    """It is stopped after its first epoch."""
    whole, halted = (place.data.parent / name for name in ("whole", "halted"))
    run = [place.data, *SMALL, "--epochs", 3]
    run_here(program, place.monkeypatch, *run, "--out", whole)
    save = program.save_checkpoint

    def stop(path, checkpoint):
        save(path, checkpoint)
        raise KeyboardInterrupt

    with place.monkeypatch.context() as patched:
        patched.setattr(program, "save_checkpoint", stop)
        with pytest.raises(KeyboardInterrupt):
            run_here(program, patched, *run, "--out", halted)
    run_here(program, place.monkeypatch, *run, "--out", halted, "--resume")
    files = [
        torch.load(out / "checkpoint.pt", weights_only=True) for out in (whole, halted)
    ]
    assert same(files[0]["model"], files[1]["model"])


def test_compiled_it_has_two_graphs_and_the_same_weights(
    program, data, tmp_path, monkeypatch
):
    """One graph for training, one for evaluation, and none for a short batch."""
    counter, compiled = CompileCounter(), torch.compile
    monkeypatch.setattr(
        torch, "compile", lambda model: compiled(model, backend=counter)
    )
    for used in (False, True):
        monkeypatch.setattr(program, "COMPILE", used)
        run_here(program, monkeypatch, data, *SMALL, "--out", tmp_path / str(used))
    files = [tmp_path / str(used) / "checkpoint.pt" for used in (False, True)]
    plain, fast = (torch.load(path, weights_only=True)["model"] for path in files)
    assert counter.frame_count == 2
    assert plain.keys() == fast.keys()
    assert same(plain, fast)


def test_a_run_with_dali_can_be_resumed(program, data, monkeypatch):
    pytest.importorskip("nvidia.dali")
    on_gpu = program.dali_loader
    monkeypatch.setattr(program, "DALI", True)
    monkeypatch.setattr(
        program, "dali_loader", lambda *words, gpu: on_gpu(*words, gpu=None)
    )
    a_resumed_run_is_the_same(program, Place(data, monkeypatch))


# --- the table ----------------------------------------------------------------------


def function(text: str, name: str) -> str:
    """Return the text of a function."""
    for node in ast.parse(text).body:
        if isinstance(node, ast.FunctionDef) and node.name == name:
            return ast.get_source_segment(text, node) or ""
    raise LookupError(name)


class Slip(NamedTuple):
    """A fault that is put into a copy of the corrected program.

    Attributes:
        name: of the fault; it begins with the note's number, or with "general".
        changes: what is replaced, and by what.
        complain: rules of the checker, and properties.
        handed_on: the line of handed_on.py that stands for it; ``None`` if the slip is
            a line that is missing there.
    """

    name: str
    changes: list[tuple[str, str]]
    complain: list[str | Callable[[ModuleType, Place], None]]
    handed_on: str | None


SAME = "if wrong := {*train.classes} ^ {*val.classes}:"
CONV2 = "self.conv2 = nn.Conv2d(out_channels, out_channels, 3, 1, 1, bias=False)"
STRIDED = CONV2.replace("3, 1, 1", "3, stride, 1")
PROJECT = """\
            project = nn.Conv2d(in_channels, out_channels, 1, stride, bias=False)
            self.shortcut = nn.Sequential(project, nn.BatchNorm2d(out_channels))
"""
BARE = "self.shortcut = nn.Conv2d(in_channels, out_channels, 1, stride**2)"
EITHER = "if stride != 1 or in_channels != out_channels:"
COMPARED = """\
        assert out.shape == identity.shape, f"{out.shape} + {identity.shape}"
"""
BACKWARD = "    scaler.scale(loss).backward()\n"
UNSCALE = "    scaler.unscale_(optimizer)\n"
CLIP = "    norm = torch.nn.utils.clip_grad_norm_(model.parameters(), MAX_NORM)\n"
FINITE = "if not norm.isfinite() and not (scaler.is_enabled() and loss.isfinite()):"
TOO_EARLY = """    for name, parameter in model.named_parameters():
        if parameter.grad is not None and torch.isnan(parameter.grad).any():
            print(f"NaN in the gradient of {name}")
            break
"""
EARLY = [(BACKWARD, TOO_EARLY + BACKWARD), (FINITE, "if False:")]
ISNAN = "if parameter.grad is not None and torch.isnan(parameter.grad).any():"
STEP = (
    "    scaler.step(optimizer)  # it skips the step if scaled gradients overflowed\n"
)
EVAL = """    model.eval()
    with torch.inference_mode():
        # 注意 10"""
NO_EVAL = EVAL.replace("    model.eval()\n", "").replace("inference_mode", "no_grad")
MATRIX = "confusion_matrix(y_true, y_pred, labels=range(len(names)))"
GRADIENT = "    [gradient] = torch.autograd.grad(score, activation)"
RETAINED = """    activation.retain_grad()
    score.backward(retain_graph=True)
    gradient = activation.grad"""
(ENTRY,) = re.findall(r"^ +entry = .*\n.*\n", CORRECTED, re.MULTILINE)
SHORTER = "fn.resize(images, resize_shorter=round(size * EVAL_RESIZE))"
SQUASHED = "fn.resize(images, resize_x=size, resize_y=size)"
ITERATOR = "DALIClassificationIterator(pictures(), **args)"
PADDED = "F.pad(images.to(DEVICE), missing)"
WARMED = "        evaluate(model, [(images, targets)], batch_size)\n"
COLD = """        with torch.no_grad():
            model(torch.zeros(1, 3, 224, 224, device=DEVICE))
"""
SCHEDULED = "        scheduler.step()\n"
TRAINED = "        loss, norm = train_epoch("

SLIPS = [
    Slip(
        "1 each split finds its own classes",
        [(SAME, "if wrong := ():")],
        [classes_keep_their_numbers],
        'val = ImageFolder(root / "val", make_transform(size))',
    ),
    Slip(
        "2 workers from the number of cores",
        [("num_workers=workers", "num_workers=4 * os.cpu_count()")],
        ["NOTE021"],
        "num_workers=4 * os.cpu_count(),",
    ),
    Slip("3 both convolutions stride", [(CONV2, STRIDED)], ["NOTE031"], STRIDED),
    Slip(
        "3 the shortcut made to fit",
        [
            (CONV2, STRIDED),
            ("out_channels, 1, stride, bias", "out_channels, 1, stride**2, bias"),
        ],
        [a_block_halves_once],
        STRIDED,
    ),
    Slip(
        "4 one condition of two",
        [(EITHER, "if stride != 1:")],
        ["NOTE043"],
        "if stride != 1:",
    ),
    Slip(
        "4 a grey picture is stretched",
        [(EITHER, "if stride != 1:"), (COMPARED, "")],
        [one_channel_is_projected],
        "if stride != 1:",
    ),
    Slip(
        "4 a projection without BatchNorm",
        [(PROJECT, f"            {BARE}\n")],
        [the_shortcut_is_normalised],
        BARE,
    ),
    Slip(
        "4 hasattr decides",
        [
            (
                "= self.shortcut(x)",
                '= self.shortcut(x) if hasattr(self, "shortcut") else x',
            )
        ],
        ["NOTE044"],
        'identity = self.shortcut(x) if hasattr(self, "shortcut") else x',
    ),
    Slip("4 no shapes are compared", [(COMPARED, "")], [shapes_are_compared], None),
    Slip(
        "5 the network ends in a softmax",
        [("return self.fc(x)", "return F.softmax(self.fc(x), dim=1)")],
        ["NOTE051", the_network_gives_logits],
        "return F.softmax(self.fc(x), dim=1)",
    ),
    Slip(
        "6 the schedule has a length of its own",
        [("T_max=epochs", "T_max=100")],
        [the_schedule_ends_with_the_run],
        "CosineAnnealingLR(optimizer, T_max=100)",
    ),
    Slip(
        "6 the schedule steps first",
        [(SCHEDULED, ""), (TRAINED, SCHEDULED + TRAINED)],
        ["NOTE065"],
        None,
    ),
    Slip(
        "7 a check before backward()",
        EARLY,
        ["NOTE071", bad_gradients_stop_before_the_step],
        ISNAN,
    ),
    Slip(
        "7 infinity is let through",
        [(FINITE, "if norm.isnan():")],
        ["NOTE073"],
        ISNAN,
    ),
    Slip(
        "8 a limit that nobody measured",
        [("MAX_NORM = 10.0", "MAX_NORM = 2.0")],
        [usual_steps_are_not_clipped],
        "MAX_NORM = 2.0",
    ),
    Slip(
        "8 clipped before backward()",
        [(CLIP, ""), (BACKWARD, CLIP + BACKWARD)],
        ["NOTE081"],
        None,
    ),
    Slip(
        "8 clipped after the step",
        [(CLIP, "    norm = torch.zeros(())\n"), (STEP, STEP + CLIP)],
        ["NOTE082", long_gradients_are_clipped],
        None,
    ),
    Slip(
        "9 scaled gradients are clipped",
        [(UNSCALE, "")],
        ["NOTE091", a_scaler_changes_no_step],
        None,
    ),
    Slip(
        "9 the scale is never updated",
        [("    scaler.update()\n", "")],
        ["NOTE095"],
        None,
    ),
    Slip(
        "9 backward() under autocast",
        [(BACKWARD, "    " + BACKWARD)],
        ["NOTE096"],
        None,
    ),
    Slip(
        "9 the optimiser steps by itself",
        [(UNSCALE, ""), ("scaler.step(optimizer)", "optimizer.step()")],
        ["NOTE097"],
        None,
    ),
    Slip(
        "10 no eval()",
        [(EVAL, NO_EVAL)],
        ["NOTE101", evaluation_changes_nothing, answers_do_not_depend_on_the_batch],
        "with torch.no_grad():",
    ),
    Slip(
        "11 only the classes that occur",
        [(MATRIX, "confusion_matrix(y_true, y_pred)")],
        ["NOTE111", every_class_has_a_row],
        "matrix = confusion_matrix(y_true, y_pred)",
    ),
    Slip(
        "11 names in another order",
        [("sorted(order, key=order.__getitem__)", "sorted(order)")],
        [every_class_has_a_row],
        "names = split.classes",
    ),
    Slip(
        "11 rows and columns exchanged",
        [("confusion_matrix(y_true, y_pred", "confusion_matrix(y_pred, y_true")],
        ["NOTE113"],
        None,
    ),
    Slip(
        "12 the last convolution",
        [("model.blocks[-1]", "model.blocks[-1].conv2")],
        [the_map_adds_up_to_the_score],
        "layer = model.blocks[-1].conv2",
    ),
    Slip(
        "12 the hook stays",
        [("        hook.remove()", "        pass")],
        ["NOTE122", no_hook_is_left],
        "layer.register_forward_hook(keep_activation)",
    ),
    Slip(
        "13 the graph is retained",
        [(GRADIENT, RETAINED)],
        ["NOTE132", a_map_leaves_no_graph],
        "score.backward(retain_graph=True)",
    ),
    Slip(
        "14 contents alone",
        [(ENTRY, "            total.update(content)\n")],
        [a_moved_picture_is_noticed],
        "md5.update((root / label / name).read_bytes())",
    ),
    Slip(
        "14 contents alone, the whole function",
        [(function(CORRECTED, "fingerprint"), function(HANDED_ON, "fingerprint"))],
        ["NOTE142"],
        "md5.update((root / label / name).read_bytes())",
    ),
    Slip(
        "15 squashed pictures",
        [(SHORTER, SQUASHED)],
        ["NOTE153", dali_gives_the_same_pictures],
        f"images = {SQUASHED}",
    ),
    Slip(
        "15 pictures counted twice",
        [("else LastBatchPolicy.PARTIAL", "else LastBatchPolicy.FILL")],
        [dali_gives_the_same_pictures],
        None,
    ),
    Slip(
        "15 an iterator that is told the size",
        [(ITERATOR, "DALIClassificationIterator(pictures(), size=len(split))")],
        ["NOTE154"],
        'DALIGenericIterator([pictures()], ["data", "label"], size=count)',
    ),
    Slip(
        "15 always the same order",
        [
            (
                "torch.randperm(len(split)).tolist() if train else range(len(split))",
                "range(len(split))",
            )
        ],
        [dali_trains_in_whole_shuffled_batches],
        None,
    ),
    Slip(
        "16 a short last batch",
        [("train, num_workers=workers, drop_last=train", "True, num_workers=workers")],
        ["NOTE163", every_call_has_one_shape],
        "shuffle=True,",
    ),
    Slip(
        "16 a short batch in validation",
        [(PADDED, "images.to(DEVICE)")],
        [every_call_has_one_shape],
        "logits = model(images.to(DEVICE))",
    ),
    Slip(
        "17 warmed up as it is",
        [(WARMED, COLD)],
        ["NOTE173", a_warm_up_is_like_the_evaluation],
        "model(torch.zeros(1, 3, 224, 224, device=DEVICE))",
    ),
    Slip(
        "general: gradients add up",
        [("    optimizer.zero_grad()", "    pass")],
        ["NOTE092", a_step_follows_its_own_batch],
        None,
    ),
    Slip(
        "general: validation is augmented",
        [("    if train:\n        crop =", "    if size:\n        crop =")],
        [evaluation_is_not_random],
        "transforms.RandomResizedCrop(size, (0.6, 1.0)),  # the network's input size",
    ),
    Slip(
        "general: both splits are augmented",
        [
            (
                'root / "val", make_transform(size, False)',
                'root / "val", make_transform(size, True)',
            )
        ],
        [evaluation_is_not_random],
        'val = ImageFolder(root / "val", make_transform(size))',
    ),
    Slip(
        "general: train() is forgotten",
        [("    model.train()\n", "")],
        ["NOTE103", training_is_in_training_mode],
        None,
    ),
    Slip(
        "general: images left out of validation",
        [("drop_last=train", "drop_last=True")],
        [every_image_is_counted_once],
        None,
    ),
    Slip(
        "general: the checkpoint is overwritten",
        [('part = path.with_suffix(".part")', "part = path")],
        [the_old_checkpoint_survives],
        None,
    ),
    Slip(
        "general: a resumed run draws anew",
        [('        torch.set_rng_state(saved["rng"])', "        pass")],
        [a_resumed_run_is_the_same],
        None,
    ),
    Slip(
        "general: a resumed run begins its schedule anew",
        [("scheduler=scheduler, scaler=scaler)", "scaler=scaler)")],
        [a_resumed_run_is_the_same],
        None,
    ),
]
PROPERTIES = [
    classes_keep_their_numbers, a_block_halves_once, one_channel_is_projected,
    the_shortcut_is_normalised, shapes_are_compared, the_network_gives_logits,
    the_schedule_ends_with_the_run, bad_gradients_stop_before_the_step,
    usual_steps_are_not_clipped, long_gradients_are_clipped, a_scaler_changes_no_step,
    a_step_follows_its_own_batch, evaluation_changes_nothing,
    answers_do_not_depend_on_the_batch, training_is_in_training_mode,
    every_image_is_counted_once, evaluation_is_not_random, every_class_has_a_row,
    the_map_adds_up_to_the_score, no_hook_is_left, a_map_leaves_no_graph,
    a_moved_picture_is_noticed, a_stray_file_is_not_noticed,
    dali_gives_the_same_pictures, dali_trains_in_whole_shuffled_batches,
    every_call_has_one_shape, a_warm_up_is_like_the_evaluation,
    the_old_checkpoint_survives, a_resumed_run_is_the_same,
]  # fmt: skip


def found(path: Path) -> set[str]:
    """Return the codes of what the checker finds in a file, hints included."""
    return {finding.code for finding in check_file(path, Folder(None), list(RULES))}


def test_the_checker_finds_nothing_in_the_corrected_program():
    assert found(PROGRAM / "corrected.py") == set()


@pytest.mark.parametrize("holds", PROPERTIES, ids=lambda function: function.__name__)
def test_the_corrected_program_has_the_property(holds, program, data, monkeypatch):
    holds(program, Place(data, monkeypatch))


def test_the_table_is_complete():
    """It has every note, every property, and a slip of every note from handed_on.py."""
    numbers = {slip.name.split()[0] for slip in SLIPS}
    assert numbers == {*map(str, range(1, 18)), "general:"}
    complain = {one for slip in SLIPS for one in slip.complain if callable(one)}
    assert complain <= {*PROPERTIES}
    handed_on = [line.strip() for line in HANDED_ON.splitlines()]
    quoted = [(slip.name, slip.handed_on) for slip in SLIPS if slip.handed_on]
    assert [
        pair for pair in quoted if not any(pair[1] in line for line in handed_on)
    ] == []
    shown = {name.split()[0] for name, _ in quoted}
    assert numbers - shown <= {"9"}, "what is missing in handed_on.py cannot be quoted"
    assert "unscale_" not in HANDED_ON
    assert "zero_grad" not in HANDED_ON


@pytest.mark.parametrize(
    ("changes", "complains"),
    [
        pytest.param(
            slip.changes, one, id=f"{slip.name}: {getattr(one, '__name__', one)}"
        )
        for slip in SLIPS
        for one in slip.complain
    ],
)
def test_the_slip_does_not_stay_unseen(changes, complains, data, tmp_path, monkeypatch):
    text = CORRECTED
    for right, wrong in changes:
        assert text.count(right) == 1, right
        text = text.replace(right, wrong)
    path = tmp_path / "slipped.py"
    if isinstance(complains, str):
        path.write_text(text, "utf-8")
        assert complains in found(path)
    else:
        with pytest.raises(AssertionError):
            complains(load(text, path), Place(data, monkeypatch))


# --- the excerpts in the chapters -----------------------------------------------------

FENCE = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
CHAPTERS = [path for path in PATHS if path.parent.name == "notebooks"]


def lines_of(text: str) -> str:
    """Return a text with the indentation of its lines taken away."""
    return "\n".join(line.strip() for line in text.splitlines())


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_a_chapter_shows_its_lines_of_both_programs(path):
    """Word for word, with the comment; pieces that lie apart have "..." between."""
    number = int(path.name[:2])
    cells = json.loads(path.read_text("utf-8"))["cells"]
    (cell,) = (c for c in cells if c["id"] == f"c{number:02}-program")
    source = "".join(cell["source"])
    assert f"(../book/the-program.md#corrected-note-{number})" in source
    shown = FENCE.findall(source)
    for text, excerpt in zip((HANDED_ON, CORRECTED), shown, strict=True):
        for piece in excerpt.split("...\n"):
            assert lines_of(piece) in lines_of(text), piece
        assert re.search(rf"^ *# 注意 {number}\b", excerpt, re.MULTILINE)
        assert textwrap.dedent(excerpt) == excerpt
