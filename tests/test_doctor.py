"""The doctor: every lack is seen and named, and nothing stops it."""

import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from helpers.command import doctor
from helpers.command.doctor import Line, State
from helpers.data import cache
from notebook_files import CHAPTERS, PATHS, ROOT, read
from toys import call

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
BLOCK = """
import runpy, sys

class Block:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {names!r}:
            raise {error}

sys.meta_path.insert(0, Block())
sys.argv = ["helpers", *{words!r}]
runpy.run_module("helpers", run_name="__main__")
"""


@pytest.fixture(autouse=True)
def forget() -> Iterator[None]:
    """Let no test know what another has imported."""
    doctor.problem.cache_clear()
    yield
    doctor.problem.cache_clear()


def without(
    *names: str,
    error: str = "ModuleNotFoundError(f'No module named {name!r}')",
    words: tuple[str, ...] = ("doctor", "--json"),
) -> subprocess.CompletedProcess[str]:
    """Run the command where some packages cannot be imported."""
    code = BLOCK.format(names=names, error=error, words=words)
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )


def of(name: str, lines: list[Line]) -> Line:
    """Return the one line about something."""
    (found,) = (line for line in lines if line.what == name)
    return found


# --- the whole -------------------------------------------------------------------


def test_here_everything_needed_is_there() -> None:
    done = call("doctor")
    assert done.exit_code == 0, done.output
    *lines, empty, last = done.stdout.splitlines()
    assert empty == ""
    assert last.startswith("The notebooks can run.")
    assert {line[0] for line in lines} <= {state.value for state in State}
    assert len(lines) > 30


@pytest.mark.parametrize(
    "error",
    [
        "ModuleNotFoundError(f'No module named {name!r}')",
        "OSError('libcudart.so.13: cannot open shared object file\\nand more')",
        "SystemExit('a package that leaves')",
    ],
)
def test_without_torch_it_says_so_and_fails(error: str) -> None:
    done = without("torch", error=error)
    assert done.returncode == 1, done.stderr
    assert done.stderr == ""
    told = {line["what"]: line for line in json.loads(done.stdout)}
    assert told["torch"]["state"] == "missing"
    reason = re.search(r"No module|libcudart|that leaves", told["torch"]["meaning"])
    assert reason
    assert told["torchvision"]["state"] == "missing"
    assert told["GPU"]["value"] == "unknown"
    assert all("\n" not in line["meaning"] for line in told.values())
    assert told["numpy"]["state"] == told["Python"]["state"] == "ok"


def test_without_click_every_command_becomes_the_doctor() -> None:
    done = without("click", words=("train", "photos"))
    assert done.returncode == 0, done.stderr  # click is installed, only out of reach
    assert "The notebooks can run" in done.stdout


def test_nothing_heavy_is_imported_before_a_check_asks() -> None:
    code = "import sys, helpers.command.doctor; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    loaded = set(done.stdout.split())
    assert "helpers.command.doctor" in loaded
    assert not loaded & {"torch", "numpy", "PIL", "click", "platformdirs", "psutil"}


def test_a_check_that_fails_is_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def a_check() -> Line:
        raise RuntimeError("no idea\nat all")

    monkeypatch.setattr(doctor, "CHECKS", (a_check, doctor.python))
    first, second = doctor.diagnose()
    assert first.what == "a check"
    assert first.state is State.SKIPPED
    assert first.meaning == "the check failed: RuntimeError: no idea"
    assert second.what == "Python"


def test_the_last_line_names_what_is_missing_and_what_is_skipped() -> None:
    good, skip, bad = (Line(state, state.name, "x") for state in State)
    assert doctor.table([good]).endswith("\n\nThe notebooks can run.")
    assert doctor.table([good, skip]).endswith("does without: SKIPPED.")
    assert doctor.table([good, skip, bad]).endswith("cannot run yet; needed: MISSING.")


def test_a_package_that_is_nowhere_has_no_version() -> None:
    assert doctor._version("no-such-package-anywhere") is None


# --- each lack -------------------------------------------------------------------


def test_an_old_python(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 9, 1))
    line = doctor.python()
    assert line.state is State.MISSING
    assert "3.11" in line.meaning


@pytest.mark.parametrize(
    ("name", "state"), [("jinja2", State.MISSING), ("grad-cam", State.SKIPPED)]
)
def test_a_package_that_is_missing_old_or_new_enough(
    monkeypatch: pytest.MonkeyPatch, name: str, state: State
) -> None:
    for version, value in ((None, "missing"), ("1.9.9", "1.9.9, too old")):
        monkeypatch.setattr(doctor, "_version", lambda _, version=version: version)
        line = doctor.package(name, "1.10")
        assert (line.state, line.value) == (state, value)
        assert f'pip install --upgrade "{name}>=1.10"' in line.meaning
    for version in ("1.10", "1.10.0", "2", "1.10.1+cu130"):
        monkeypatch.setattr(doctor, "_version", lambda _, version=version: version)
        assert doctor.package(name, "1.10").state is State.OK


def test_a_package_for_another_system(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    line = of("nvidia-dali-cuda120", list(doctor.packages()))
    assert (line.state, line.value) == (State.SKIPPED, "for Linux only")
    assert "chapter 15" in line.meaning


def test_dali_that_cannot_be_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "nvidia.dali", None)
    monkeypatch.setattr(doctor, "_version", lambda _: "2.4")
    line = doctor.package("nvidia-dali-cuda120", "2.4")
    assert (line.state, line.value) == (State.SKIPPED, "2.4, broken")


def test_torchcodec_that_cannot_decode(monkeypatch: pytest.MonkeyPatch) -> None:
    assert doctor.decoding().state is State.OK
    monkeypatch.setitem(sys.modules, "torchcodec.decoders", None)
    line = doctor.decoding()
    assert line.state is State.SKIPPED
    assert "Pillow" in line.meaning


def torch_with(cuda: bool, mps: bool) -> SimpleNamespace:
    """A stand-in for PyTorch on a machine with these."""
    return SimpleNamespace(
        cuda=SimpleNamespace(
            is_available=lambda: cuda, get_device_name=lambda _: "A card"
        ),
        backends=SimpleNamespace(mps=SimpleNamespace(is_available=lambda: mps)),
    )


@pytest.mark.parametrize(
    ("cuda", "mps", "value", "state"),
    [
        (True, False, "A card", State.OK),
        (False, True, "Apple (MPS)", State.OK),
        (False, False, "none", State.SKIPPED),
    ],
)
def test_a_gpu(
    monkeypatch: pytest.MonkeyPatch, cuda: bool, mps: bool, value: str, state: State
) -> None:
    monkeypatch.setitem(sys.modules, "torch", torch_with(cuda, mps))
    line = doctor.gpu()
    assert (line.state, line.value) == (state, value)
    assert ("2, 9, 13" in line.meaning) == (not cuda)


def test_one_core(monkeypatch: pytest.MonkeyPatch) -> None:
    for count, state in ((1, State.SKIPPED), (2, State.OK)):
        monkeypatch.setattr(doctor, "usable_cores", lambda count=count: count)
        assert doctor.cores().state is state


def test_little_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    for size, state in ((3.9e9, State.SKIPPED), (4.1e9, State.OK)):
        room = SimpleNamespace(total=size)
        psutil = SimpleNamespace(virtual_memory=lambda room=room: room)
        monkeypatch.setitem(sys.modules, "psutil", psutil)
        assert doctor.memory().state is state
    monkeypatch.setitem(sys.modules, "psutil", None)
    doctor.problem.cache_clear()
    assert doctor.memory().value == "unknown"


def test_a_full_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    for free, state in ((0.9e9, State.MISSING), (1.1e9, State.OK)):
        usage = SimpleNamespace(free=free)
        monkeypatch.setattr(doctor.shutil, "disk_usage", lambda _, usage=usage: usage)
        assert doctor.disk().state is state
    monkeypatch.setattr(doctor, "_version", lambda _: None)
    line = doctor.disk()  # 1.1 GB are too little to install PyTorch
    assert line.state is State.MISSING
    assert "8 GB are needed to install" in line.meaning


def test_folders_that_cannot_be_written(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(cache.VARIABLE, str(tmp_path / "not" / "yet"))
    assert doctor.cache_folder().state is State.OK
    assert not (tmp_path / "not").exists()  # looking leaves nothing behind
    file = tmp_path / "file"
    file.touch()
    monkeypatch.setenv(cache.VARIABLE, str(file / "below"))
    line = doctor.cache_folder()
    assert line.state is State.MISSING
    assert cache.VARIABLE in line.meaning
    assert doctor.current_folder().state is State.OK
    monkeypatch.setattr(doctor.Path, "cwd", lambda: file)
    assert doctor.current_folder().state is State.SKIPPED


def test_no_compiler_and_no_browser(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    for name in ("CXX", "CHROMIUM"):
        monkeypatch.delenv(name, raising=False)
    assert doctor.compiler().state is State.SKIPPED
    assert "chapter 16" in doctor.compiler().meaning
    assert doctor.chromium().state is State.SKIPPED
    for name in ("g++", "google-chrome"):
        (tmp_path / name).touch(mode=0o755)
    assert doctor.compiler().value == str(tmp_path / "g++")
    assert doctor.chromium().value == str(tmp_path / "google-chrome")


# --- what it says is so ----------------------------------------------------------


def test_it_asks_for_what_the_project_asks_for() -> None:
    least = ".".join(map(str, doctor.PYTHON))
    assert PROJECT["requires-python"] == f">={least}"
    asked = doctor.requirements()
    names = {doctor.REQUIREMENT.findall(one)[0][0] for one in asked}
    assert {"torch", "click", "onnx", "grad-cam", "ipykernel", "jupyterlab"} <= names
    assert set(doctor.WITHOUT) <= names


def test_without_the_repository_it_asks_the_metadata(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(doctor, "ROOT", tmp_path)
    asked = ["torch>=2.11", 'onnx>=1.18; extra == "export"']
    monkeypatch.setattr(doctor.importlib.metadata, "requires", lambda _: asked)
    assert doctor.requirements() == [*asked, *doctor.JUPYTER]
    assert of("onnx", list(doctor.packages())).value != "missing"


def test_it_names_the_chapters_that_measure_on_a_gpu() -> None:
    measuring = [
        int(path.name[:2])
        for path in CHAPTERS
        if any("evidence.on_gpu(" in cell.source for cell in read(path).cells)
    ]
    assert list(doctor.ON_GPU) == measuring


def test_it_names_the_notebooks_that_import_what_may_be_missing() -> None:
    for name, meaning in doctor.WITHOUT.items():
        module = doctor.MODULES.get(name, name)
        importing = {
            path.stem
            for path in PATHS
            for cell in read(path).cells
            if cell.cell_type == "code"
            and re.search(
                rf"^\s*(import|from) {re.escape(module)}\b", cell.source, re.M
            )
        }
        chapters = set(re.findall(r"chapter (\d+) (?:stops|skips)", meaning))
        assert chapters == {stem[:2] for stem in importing if stem[:2].isdigit()}
