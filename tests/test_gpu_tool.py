"""Recording a GPU: what it looks for, what it keeps, and how a notebook may fail."""

import ast
import dataclasses
import json
import os
import subprocess
import sys
import zipfile
from importlib.util import find_spec
from types import SimpleNamespace

import pytest
import torch
from click.testing import CliRunner
from nbformat import v4

import gpu
import gpu_kit
import inputs
import record
from helpers.errors import UserError
from helpers.notebook import evidence
from notebook_files import code_cells, read
from toys import evidence_of

SMALL = {"amp-step": (evidence.Row("float32", 3, 5, 60.0, (59.0, 61.5)),)}
CARD = evidence_of("NVIDIA Test 100", SMALL)
IMPORT = "from helpers.notebook import evidence"


def cell(key, values="range(runs)"):
    """Return a cell that measures a figure, of three runs in a rehearsal."""
    return (
        "def measure(device, runs=2):\n"
        f"    yield evidence.row('a line on the ' + device, {values}, warm_up=1)\n"
        f"evidence.on_gpu('{key}', measure, rehearsal={{'runs': 3}})"
    )


@pytest.fixture
def recording(tmp_path, monkeypatch):
    """Return a function that rehearses notebooks, and says what it printed.

    A notebook is given by its number and its cells.
    """
    monkeypatch.setattr(gpu, "ROOT", tmp_path)
    monkeypatch.setattr(gpu, "run_tests", lambda: ["test_one"])
    monkeypatch.setenv("PYTHONPATH", str(record.ROOT))
    (tmp_path / "tools").symlink_to(record.ROOT / "tools")
    (tmp_path / "notebooks").mkdir()
    names = {f.chapter[:2]: f.chapter for f in evidence.FIGURES.values()}

    def run(notebooks, *options):
        for number, sources in notebooks.items():
            cells = [v4.new_code_cell(source) for source in (IMPORT, *sources)]
            path = tmp_path / "notebooks" / f"{names[number]}.ipynb"
            record.write_atomically(v4.new_notebook(cells=cells), path)
        command = ["--rehearse", "--out", str(tmp_path / "evidence"), *options]
        return CliRunner().invoke(gpu.main, [str(word) for word in command])

    monkeypatch.setenv(evidence.REHEARSAL, "")  # what the command sets ends here
    return run


def kept(tmp_path):
    """Return the figures that the card's file holds."""
    return evidence.read(tmp_path / "evidence" / "no-card-rehearsal.json").figures


def test_what_fails_costs_itself_alone_and_the_same_command_goes_on(
    recording, tmp_path
):
    """An error, too little memory, a killed process: none takes a figure with it."""
    oom = "raise_(torch.OutOfMemoryError('CUDA out of memory'))"
    prelude = "import os, torch\ndef raise_(error):\n    raise error"
    done = recording(
        {
            "09": [prelude, cell("amp-step", oom), cell("amp-skipped", "[1, 1 / 0]")],
            "13": ["1 / 0  # a claim, say", cell("graph-memory")],
            "17": [
                cell("cuda-graph-calls"),
                "import os\nos.kill(os.getpid(), 9)",
                cell("overwritten-outputs"),
            ],
        },
        *("amp-step", "amp-skipped", "graph-memory", "cuda-graph-calls"),
        "overwritten-outputs",
    )
    assert done.exit_code == 1
    assert "amp-step failed. OutOfMemoryError: CUDA out of memory" in done.output
    assert "amp-skipped failed. ZeroDivisionError" in done.output
    assert "13_retain_graph.ipynb failed. ZeroDivisionError" in done.output
    assert (
        "overwritten-outputs failed. 17_compile_warmup.ipynb was killed by signal 9"
        in done.output
    )
    assert "The same command measures what is missing." in done.output
    assert set(kept(tmp_path)) == {"graph-memory", "cuda-graph-calls"}
    line = evidence.Row("a line on the cpu", 1, 3, 1.0, (0.5, 1.5))
    assert kept(tmp_path)["graph-memory"].rows == (line,)

    done = recording(  # what is recorded is not measured again
        {
            "09": [cell("amp-step"), cell("amp-skipped")],
            "13": ["raise SystemExit"],
            "17": [cell("cuda-graph-calls", "[1 / 0]"), cell("overwritten-outputs")],
        },
        *("amp-step", "amp-skipped", "overwritten-outputs"),
    )
    assert done.exit_code == 0, done.output
    assert len(kept(tmp_path)) == 5
    with pytest.raises(UserError, match="rehearsal"):
        evidence.read_all(tmp_path / "evidence")


def test_a_notebook_that_stops_or_skips_says_why(recording, tmp_path):
    exercise = v4.new_code_cell(cell("graph-memory"), metadata={"tags": ["exercise"]})
    done = recording({"09": ["print('so far')", "raise_nothing()"]}, "amp-step")
    assert done.exit_code == 1
    assert "stopped with exit status 1" in done.output
    assert (
        "09_loss_scaling.ipynb failed. NameError: name 'raise_nothing'" in done.output
    )
    path = tmp_path / "notebooks" / "13_retain_graph.ipynb"
    record.write_atomically(v4.new_notebook(cells=[exercise]), path)
    done = recording({}, "graph-memory")
    assert "13_retain_graph.ipynb did not measure it" in done.output
    assert not list(tmp_path.rglob("*.json"))


def test_a_notebook_that_hangs_is_stopped(recording, monkeypatch):
    monkeypatch.setattr(gpu, "HANGS", -1)  # all patience is gone at once
    done = recording({"13": ["while True: pass"]}, "graph-memory")
    assert done.exit_code == 1
    assert "hangs: it was stopped after" in done.output


def test_whoever_stops_it_keeps_what_was_measured(recording, tmp_path, monkeypatch):
    write = evidence.write

    def stop(*arguments):
        write(*arguments)
        raise KeyboardInterrupt

    monkeypatch.setattr(evidence, "write", stop)
    done = recording({"13": [cell("graph-memory")]}, "graph-memory")
    assert done.exit_code == 130
    assert "What was measured is kept" in done.output
    assert set(kept(tmp_path)) == {"graph-memory"}


def test_a_folder_that_cannot_be_written_is_said_first(recording, tmp_path):
    (tmp_path / "file").touch()
    folder = tmp_path / "file" / "evidence"
    done = recording({"13": ["raise SystemExit"]}, "graph-memory", "--out", folder)
    assert done.exit_code == 1
    assert done.output.count("\n") == 1
    assert "file" in done.output


def test_a_failed_test_stops_before_anything_is_measured(
    recording, tmp_path, monkeypatch
):
    monkeypatch.undo()
    monkeypatch.setattr(gpu, "GPU_TESTS", str(tmp_path / "test_none.py"))
    (tmp_path / "test_none.py").write_text("def test_wrong():\n    assert 1 == 2\n")
    done = CliRunner().invoke(gpu.main, ["--rehearse", "--out", str(tmp_path / "e")])
    assert done.exit_code == 1
    assert "A test failed, so nothing is measured" in done.output
    assert not list(tmp_path.rglob("*.json"))


# --- before it starts ----------------------------------------------------------------


@pytest.fixture
def seen(monkeypatch):
    """Pretend to see a GPU with enough memory; return its properties."""
    card = SimpleNamespace(
        name="Test card", multi_processor_count=132, total_memory=80e9, uuid="aa-1"
    )
    monkeypatch.setattr("torch.cuda.is_available", lambda: True)
    monkeypatch.setattr("torch.cuda.mem_get_info", lambda: (79e9, 80e9))
    monkeypatch.setattr("torch.cuda.get_device_properties", lambda index: card)
    return card


def absent(*names):
    """Return a ``find_spec`` that does not find these packages."""
    return lambda name: None if name in names else find_spec(name)


@pytest.mark.parametrize(
    ("place", "value", "said"),
    [
        ("gpu.find_spec", absent("pytest"), "Packages are missing: pytest. Install"),
        ("torch.version.cuda", None, "was built without CUDA"),
        ("torch.cuda.is_available", lambda: False, "PyTorch sees no CUDA GPU here"),
        ("torch.cuda.mem_get_info", lambda: (1e9, 8e9), "8.0 GB only 1.0 are free"),
    ],
)
def test_what_all_figures_need_is_said_first(
    seen, monkeypatch, tmp_path, place, value, said
):
    monkeypatch.setattr(place, value)
    done = CliRunner().invoke(gpu.main, ["--out", str(tmp_path)])
    assert done.exit_code == 1
    assert said in done.output
    assert done.output.count("\n") == 1
    assert not list(tmp_path.iterdir())


def test_what_some_figures_need_costs_these_alone(seen, monkeypatch):
    monkeypatch.setattr("helpers.devices.can_compile", lambda: False)
    monkeypatch.setattr("helpers.notebook.evidence.has_dali", lambda: False)
    monkeypatch.setattr("gpu.find_spec", absent("sklearn"))
    lacks = gpu.preflight(rehearse=False)
    assert len(lacks) == 6
    assert set(gpu.lacking()) == {
        *("overwritten-outputs", "cuda-graph-calls", "compile-calls", "decoder-gap")
    }
    assert any("apt install gcc python3-dev" in lack for lack in lacks)
    assert lacks[-1] == "The tests that train are skipped: scikit-learn is absent."


CARDS = "GPU-aa-0, 580.1, 1410 MHz\\nGPU-aa-1, 580.1, 1980 MHz"


@pytest.mark.parametrize(
    ("listed", "uuid", "clock"),
    [
        ("GPU-aa-1, 580.1, 1980 MHz", "aa-1", "1980 MHz"),
        (CARDS, "aa-1", "1980 MHz"),  # the second card
        (CARDS, "MIG-bb", "unknown"),  # a slice of one of them
        ("GPU-aa-1, 580.1, 1980 MHz", "MIG-bb", "1980 MHz"),  # of the only one
        ("GPU-aa-1, 580.1, [N/A]", "aa-1", "unknown"),
    ],
)
def test_the_card_is_found_in_the_list_of_its_driver(
    seen, monkeypatch, tmp_path, listed, uuid, clock
):
    tool = tmp_path / "nvidia-smi"
    tool.write_text(f"#!/bin/sh\nprintf '{listed}\\n'\n")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    seen.uuid = uuid
    monkeypatch.setattr(gpu, "overhead", lambda: 5.0)
    facts = gpu.facts(rehearse=False)
    assert (facts["driver"], facts["clock"]) == ("580.1", clock)
    assert (facts["multiprocessors"], facts["memory"]) == (132, 80.0)
    rows = [dataclasses.asdict(row) for row in SMALL["amp-step"]]
    card = gpu.begin(facts, tmp_path)
    assert gpu.with_figure(card, "amp-step", rows).card == "Test card"


def test_a_driver_that_does_not_answer_is_said(monkeypatch, tmp_path):
    tool = tmp_path / "nvidia-smi"
    tool.write_text("#!/bin/sh\nexit 9\n")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    with pytest.raises(UserError, match="put nvidia-smi on the PATH"):
        gpu.ask_driver("aa-1")


def test_the_clock_has_an_overhead():
    assert gpu.overhead() > 0


def test_figures_of_other_versions_are_not_mixed(tmp_path):
    evidence.write(CARD, tmp_path)
    facts = json.loads(json.dumps(dataclasses.asdict(CARD)))
    later = {**facts, "overhead": 9.9, "clock": "1410 MHz", "tests": ["test_one"]}
    assert gpu.begin(later, tmp_path).figures == CARD.figures
    with pytest.raises(UserError, match=r"another torch \(2\.11\.0, and here it is 3"):
        gpu.begin({**facts, "torch": "3.0"}, tmp_path)


def test_what_is_recorded_is_measured_by_name_only(monkeypatch, tmp_path, capsys):
    every = {key: SMALL["amp-step"] for key in evidence.FIGURES}
    monkeypatch.setattr(gpu, "preflight", lambda rehearse: [])
    monkeypatch.setattr(gpu, "facts", lambda rehearse: facts)
    facts = json.loads(json.dumps(dataclasses.asdict(CARD)))
    evidence.write(evidence_of(CARD.card, every), tmp_path)
    assert gpu.record_card((), False, True, tmp_path) is False
    assert "Name what to measure again." in capsys.readouterr().out
    asked = []
    monkeypatch.setattr(gpu, "measure", lambda *given: asked.append(given) or [])
    gpu.record_card(("amp-step",), False, True, tmp_path)
    assert asked == [("09_loss_scaling", ["amp-step"])]


def test_a_test_counts_if_no_case_was_skipped(tmp_path):
    code = (
        "import pytest\n"
        "@pytest.mark.parametrize('device', ['cpu', pytest.param('cuda', "
        "marks=pytest.mark.skip)])\n"
        "def test_partly(device): pass\n"
        "@pytest.mark.parametrize('device', ['cpu', 'cuda'])\n"
        "def test_whole(device): pass\n"
        "def test_alone(): pass\n"
    )
    (tmp_path / "test_x.py").write_text(code)
    command = [sys.executable, "-m", "pytest", "-q", "--junitxml=report.xml"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    assert gpu.passed(tmp_path / "report.xml") == ["test_alone", "test_whole"]


def test_the_gpu_tests_need_neither_jupyter_nor_what_tests_of_the_book_need(
    tmp_path, monkeypatch
):
    """On a machine with its own PyTorch these packages are often missing."""
    for name in ("nbformat", "nbclient", "bs4", "beartype", "sklearn", "nvidia"):
        (tmp_path / f"{name}.py").write_text(f"raise ImportError('no {name}')\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    name = "test_a_benchmark_runs_on_the_device"
    monkeypatch.setattr(gpu, "GPU_TESTS", f"{gpu.GPU_TESTS}::{name}")
    assert gpu.run_tests() == ([name] if torch.cuda.is_available() else [])


# --- the kit -------------------------------------------------------------------------

BROUGHT = {"torch", "torchvision", "numpy", "PIL"}  # by a machine with PyTorch
MAY_LACK = {"torchcodec", "nvidia", "sklearn"}  # the code does without
NAMES = {"dateutil": "python-dateutil", "prompt_toolkit": "prompt-toolkit"}


def imported_at_once(path):
    """Yield the packages that importing a file needs: those not inside a function."""
    tree = ast.parse(path.read_text("utf-8"))
    inside = {
        node
        for function in ast.walk(tree)
        if isinstance(function, (ast.FunctionDef, ast.Lambda))
        for node in ast.walk(function)
    }
    for node in set(ast.walk(tree)) - inside:
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.partition(".")[0]


def test_the_kit_packs_what_is_imported():
    notebooks = {f"{figure.chapter}.ipynb" for figure in evidence.FIGURES.values()}
    sources = [record.ROOT / "tests" / "test_gpu.py", record.ROOT / "tests" / "toys.py"]
    sources += [record.ROOT / "tools" / name for name in ("gpu.py", "cells.py")]
    code = "import helpers.__main__\n" + "\n".join(
        cell.source
        for path in record.notebooks()
        if path.name in notebooks
        for cell in code_cells(read(path))
    )
    needed = {
        name
        for path in [*sources, *inputs.reached(code)]
        for name in imported_at_once(path)
    }
    ours = {path.stem for path in (record.ROOT / "tools").glob("*.py")}
    known = sys.stdlib_module_names | ours | {"helpers", "toys"} | BROUGHT | MAY_LACK
    packed = {name.lower() for name in gpu_kit.PACKAGES}
    assert {NAMES.get(n, n).lower() for n in needed - known} <= packed


def test_the_kit_holds_the_project_and_the_wheels(tmp_path, monkeypatch):
    kit = tmp_path / "kit.zip"
    monkeypatch.setattr(gpu_kit, "KIT", kit)
    monkeypatch.setattr(gpu_kit, "ROOT", record.ROOT)
    monkeypatch.setattr(gpu_kit, "fetch", lambda folder: (folder / "a.whl").touch())
    done = CliRunner().invoke(gpu_kit.main)
    assert done.exit_code == 0, done.output
    names = zipfile.ZipFile(kit).namelist()
    for name in ("tools/gpu.py", "tests/test_gpu.py", "wheels/a.whl", "kit.txt"):
        assert f"gpu-kit/{name}" in names
    for figure in evidence.FIGURES.values():
        assert f"gpu-kit/notebooks/{figure.chapter}.ipynb" in names


def test_a_kit_that_cannot_be_fetched_or_is_too_large_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(gpu_kit, "KIT", tmp_path / "kit.zip")
    monkeypatch.setattr(gpu_kit, "fetch", lambda folder: None)
    monkeypatch.setattr(gpu_kit, "LARGEST", 100)
    done = CliRunner().invoke(gpu_kit.main)
    assert done.exit_code == 1
    assert "That is more than" in done.output
    monkeypatch.undo()
    monkeypatch.setattr(gpu_kit, "PACKAGES", ["no-such-package-of-this-name"])
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    with pytest.raises(UserError, match="pip could not fetch the packages: "):
        gpu_kit.fetch(tmp_path)
