"""Colab: the first cell installs helpers there, and does nothing anywhere else."""

import io
import json
import re
import subprocess
import sys
import tomllib
import types
import urllib.request

import nbformat
import pytest

import launch
from notebook_files import IDS, PATHS, ROOT, read, tags

OPENED = (
    "fileId=https%3A%2F%2Fgithub.com%2Fsomeone%2Ffork%2Fblob%2Fmain%2Fbook%2Fa.ipynb"
)


@pytest.fixture
def colab(monkeypatch):
    """Pretend to be Colab; return what pip was asked for."""
    asked = []
    session = {"path": OPENED}
    monkeypatch.setitem(sys.modules, "google.colab", types.ModuleType("google.colab"))
    monkeypatch.setattr(
        urllib.request,
        "urlopen",
        lambda address: io.BytesIO(json.dumps([session]).encode()),
    )
    monkeypatch.setattr(
        subprocess, "run", lambda command, check: asked.append((command, check))
    )
    return session, asked


@pytest.mark.parametrize("path", PATHS, ids=IDS)
def test_every_notebook_begins_with_the_cell(path):
    first = read(path).cells[0]
    assert first.source == launch.cell(path.stem).source
    assert "remove-cell" in tags(first)
    assert first.metadata["jupyter"]["source_hidden"]
    assert not first.outputs


def test_on_colab_helpers_is_installed_from_where_the_notebook_lies(colab):
    _, asked = colab
    exec(launch.cell("export_to_onnx").source, {})
    ((command, check),) = asked
    assert check
    assert command[:4] == [sys.executable, "-m", "pip", "install"]
    assert command[-1] == (
        "seventeen-notes[export] @ git+https://github.com/someone/fork@main"
    )


def test_a_copy_in_somebodys_drive_is_told_what_to_do(colab):
    session, asked = colab
    session["path"] = "fileId=1AbC"
    with pytest.raises(SystemExit, match="with the book's Colab button"):
        exec(launch.cell("01_imagefolder_layout").source, {})
    assert not asked


def test_elsewhere_nothing_happens(monkeypatch):
    monkeypatch.setattr(subprocess, "run", None)
    names = {}
    exec(launch.cell("01_imagefolder_layout").source, names)
    assert set(names) - {"__builtins__"} == {"sys"}


def test_the_extras_that_a_notebook_asks_for_exist():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    asked = {extra for text in launch.EXTRAS.values() for extra in text.split(",")}
    assert asked <= set(project["optional-dependencies"])
    assert set(launch.EXTRAS) <= {path.stem for path in PATHS}
    assert project["name"] == "seventeen-notes"


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_a_notebook_with_the_photographs_asks_for_them(path):
    cells = nbformat.read(path, as_version=4).cells
    code = "\n".join(cell.source for cell in cells if cell.cell_type == "code")
    extras = launch.EXTRAS.get(path.stem, "")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    for extra in extras.split(","):  # one may stand for several
        extras += " " + " ".join(project["optional-dependencies"].get(extra, []))
    assert ("elpv" in code) == ("real" in re.findall(r"\w+", extras))


def test_an_old_cell_is_replaced_and_a_new_one_left(tmp_path):
    path = tmp_path / "one.ipynb"
    old = nbformat.v4.new_code_cell("old", id=launch.ID)
    text = nbformat.v4.new_markdown_cell("# Title")
    nbformat.write(nbformat.v4.new_notebook(cells=[old, text]), path)
    assert launch.put(path)
    assert [cell.source for cell in read(path).cells] == [
        launch.cell("one").source, "# Title",
    ]  # fmt: skip
    before = path.read_bytes()
    assert not launch.put(path)
    assert path.read_bytes() == before
