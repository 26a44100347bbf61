"""Where people have the checker: its own wheel, JupyterLab, and what it finds where."""

import ast
import asyncio
import json
import os
import subprocess
import sys
import tomllib
import venv
import zipfile
from importlib.util import find_spec
from pathlib import Path

import click
import pytest
from IPython.core.interactiveshell import InteractiveShell
from lsprotocol import types
from pygls.lsp.client import BaseLanguageClient

import dist
import helpers
from bench_review import CORPUS, PAIRS, expected, precision
from notebook_files import ROOT
from patience import HANGS
from review.checker import check_path
from review.jupyter import Marker
from review.rules import LOUD, RULES
from review.server import diagnose

PINNED = ROOT / "tests" / "review_expected.txt"
NEEDED = ("beniget", "gast", "click")
OF_THE_CHECKER = ("review/pyproject.toml", "review/README.md")  # its wheel's alone


@pytest.fixture(scope="module")
def python(tmp_path_factory) -> Path:
    """Return a Python that has the checker's wheel and what it needs, no PyTorch."""
    folder = tmp_path_factory.mktemp("dist")
    dist.main.main([str(folder / "out"), "--only", "checker"], standalone_mode=False)
    (wheel,) = (folder / "out").glob("*.whl")
    venv.create(folder / "env", with_pip=False)
    python = folder / "env" / "bin" / "python"
    where = [
        str(python),
        "-c",
        "import sysconfig; print(sysconfig.get_path('purelib'))",
    ]
    site = Path(subprocess.check_output(where, text=True).strip())
    for name in NEEDED:  # what pip would load from an index
        spec = find_spec(name)
        assert spec is not None
        assert spec.origin is not None
        (site / name).symlink_to(Path(spec.origin).parent)
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet"]
    subprocess.run([*pip, "--no-deps", "--no-index", str(wheel)], check=True)
    return python


def test_the_wheel_finds_what_the_folder_finds(python, tmp_path):
    program = tmp_path / "train.py"
    program.write_text(RULES["NOTE051"].slip)
    command = [
        str(python.with_name("seventeen-review")),
        "--format",
        "json",
        "train.py",
    ]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 1, done.stderr
    found = [(row["code"], row["line"]) for row in json.loads(done.stdout)]
    assert found == [(f.code, f.place.line) for f in check_path(program, LOUD)]


def test_the_wheel_needs_no_pytorch_and_leaves_the_name_review_free(python):
    ask = "import importlib.util as u; print(bool(u.find_spec('{}')))"
    has = {
        name: subprocess.check_output(
            [str(python), "-I", "-c", ask.format(name)], text=True
        )
        for name in ("torch", "review", "seventeen_review")
    }
    assert has == {
        "torch": "False\n",
        "review": "False\n",
        "seventeen_review": "True\n",
    }


def test_the_programs_wheel_has_every_file_of_both_packages(tmp_path):
    dist.main.main([str(tmp_path), "--only", "program"], standalone_mode=False)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as packed:
        names = set(packed.namelist())
        packed.extractall(tmp_path / "site")
    files = [
        path.relative_to(ROOT).as_posix()
        for package in ("helpers", "review")
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    ]
    assert {name for name in files if name not in OF_THE_CHECKER} <= names
    # Before the editable installation of the tests.
    run = {"cwd": tmp_path, "env": os.environ | {"PYTHONPATH": str(tmp_path / "site")}}
    program = [sys.executable, "-m", "helpers", "--help"]
    assert "train" in subprocess.check_output(program, text=True, **run)
    where = [sys.executable, "-c", "import helpers, review; print(review.__file__)"]
    assert str(tmp_path) in subprocess.check_output(where, text=True, **run)


def test_a_judged_table_gives_the_precision_of_each_rule(tmp_path):
    table = tmp_path / "judged.csv"
    rows = ["code,severity,right", "A,error,yes", "A,error,No", "B,hint,yes", "B,hint,"]
    table.write_text("\n".join(rows), "utf-8")
    found = precision(table)
    assert found == {("A", "error"): (1, 2), ("B", "hint"): (1, 1)}
    table.write_text("code,severity,right\nA,error,perhaps", "utf-8")
    with pytest.raises(click.UsageError, match="row 2: 'perhaps', not yes or no"):
        precision(table)


def test_both_projects_have_one_version_and_one_plugin():
    folders = [ROOT, ROOT / "review"]
    book, checker = (tomllib.loads((f / "pyproject.toml").read_text()) for f in folders)
    assert checker["project"]["version"] == helpers.__version__
    plugins = [
        each["project"]["entry-points"]["flake8.extension"] for each in (book, checker)
    ]
    assert plugins[1]["NOT"].endswith(plugins[0]["NOT"])
    asked = book["project"]["optional-dependencies"]["review"]
    assert set(asked) <= set(checker["project"]["dependencies"])


def test_no_module_of_the_checker_names_its_own_package():
    """The same files are two packages: ``review`` here and ``seventeen_review``."""
    for path in sorted((ROOT / "review").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.level == 0:
                assert (node.module or "").split(".")[0] != "review", path


# --- in a notebook ------------------------------------------------------------------


@pytest.fixture
def shown():
    """Return a shell with the extension, and what is displayed."""
    shell, found = InteractiveShell(), []
    marker = Marker(found.append)
    shell.events.register("post_run_cell", marker)
    yield shell, found
    shell.events.unregister("post_run_cell", marker)


def test_a_cell_is_marked_when_it_has_run(shown):
    shell, found = shown
    shell.run_cell("loss = 1.0", cell_id="a")
    assert found == []
    shell.run_cell('wrong = loss == float("nan")', cell_id="b")
    (data,) = found
    assert data["text/plain"].startswith("NOTE075, line 1: NaN equals nothing")
    assert "<b>NOTE075</b>" in data["text/html"]


def test_a_later_cell_may_be_what_makes_an_earlier_one_wrong(shown):
    shell, found = shown
    layers = "from torch import nn\nnet = nn.Sequential(nn.Linear(2, 2), nn.Softmax(1))"
    shell.run_cell(layers, cell_id="a")
    assert found == []
    loss = "from torch.nn.functional import cross_entropy\ndef f(x, y):\n"
    shell.run_cell(f"{loss}    return cross_entropy(net(x), y)", cell_id="b")
    (data,) = found
    assert data["text/plain"].startswith("NOTE051, cell 1, line 2: This softmax")
    shell.run_cell("done = True", cell_id="c")
    assert len(found) == 1, "said once"


def test_a_cell_that_is_no_python_and_one_that_runs_again_are_no_trouble(shown):
    shell, found = shown
    shell.run_cell("%%html\n<b>", cell_id="a")
    shell.run_cell('x = 1.0 == float("nan")', cell_id="b")
    shell.run_cell("x = 1.0", cell_id="b")
    shell.run_cell("y = x", cell_id="c")
    assert len(found) == 1


def test_the_extension_is_loaded_by_the_name_of_the_package():
    shell = InteractiveShell()
    shell.run_line_magic("load_ext", "review")
    shell.run_line_magic("load_ext", "review")
    assert isinstance(shell.seventeen_marker, Marker)
    shell.run_line_magic("unload_ext", "review")
    assert not hasattr(shell, "seventeen_marker")


# --- in an editor -------------------------------------------------------------------


def test_an_editor_gets_the_findings_of_an_unsaved_file(tmp_path):
    """A client of the same library opens a file, changes it, and is told."""
    told: asyncio.Queue[types.PublishDiagnosticsParams] = asyncio.Queue()
    uri = (tmp_path / "train.py").as_uri()

    async def talk() -> list[list[types.Diagnostic]]:
        client = BaseLanguageClient("test", "1")
        client.feature(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)(
            lambda params: told.put_nowait(params)
        )
        await client.start_io(sys.executable, "-m", "review.server")
        abilities = types.ClientCapabilities()
        await client.initialize_async(types.InitializeParams(abilities))
        slip, mended = RULES["NOTE051"].slip, RULES["NOTE051"].mended
        item = types.TextDocumentItem(uri, "python", 1, slip)
        client.text_document_did_open(types.DidOpenTextDocumentParams(item))
        answers = [(await told.get()).diagnostics]
        changed = types.VersionedTextDocumentIdentifier(2, uri)
        whole = [types.TextDocumentContentChangeWholeDocument(mended)]
        client.text_document_did_change(
            types.DidChangeTextDocumentParams(changed, whole)
        )
        answers.append((await told.get()).diagnostics)
        await client.shutdown_async(None)
        client.exit(None)
        await client.stop()
        return [list(answer) for answer in answers]

    first, second = asyncio.run(asyncio.wait_for(talk(), HANGS))
    assert [(d.code, d.severity.name) for d in first] == [("NOTE051", "Error")]
    lines = RULES["NOTE051"].slip.splitlines()
    assert "softmax" in lines[first[0].range.start.line]
    assert second == []


def test_half_a_line_is_left_to_the_editor(tmp_path):
    assert diagnose(tmp_path / "a.py", "def f(:") == []


# --- what is found where ------------------------------------------------------------


def test_each_finding_stands_where_it_stood():
    """``python tools/bench_review.py expected`` writes the file anew; read the diff."""
    assert PINNED.read_text("utf-8").splitlines() == list(expected(CORPUS, PAIRS))
