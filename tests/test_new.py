"""``python -m helpers new``: a project that runs without the book."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from helpers.__main__ import main
from helpers.command import new
from helpers.errors import UserError
from notebook_files import ROOT
from patience import HANGS

PIN = re.compile(r"^([\w-]+)==(\S+)$", re.MULTILINE)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a new project, made by the command."""
    folder = tmp_path / "deep" / "my_project"
    done = CliRunner().invoke(main, ["new", str(folder)])
    assert done.exit_code == 0, done.output
    assert f"{folder} is ready" in done.output
    return folder


def test_it_holds_the_program_and_what_it_needs(project):
    assert {path.name for path in project.iterdir()} == set(new.FILES)
    program = (ROOT / "helpers/program/corrected.py").read_bytes()
    assert (project / "train.py").read_bytes() == program
    assert (project / "README.md").read_text("utf-8").startswith("# my_project\n")


def test_its_own_test_passes_without_the_book(project):
    """Neither the working folder nor the path leads to ``helpers``."""
    (project / "helpers.py").write_text("raise ImportError('not in a project')")
    outside = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": ""}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    done = subprocess.run(
        command, cwd=project, env=outside, capture_output=True, text=True, timeout=HANGS
    )
    assert done.returncode == 0, done.stdout
    assert "1 passed" in done.stdout


def test_its_pins_are_those_the_book_was_tested_with(project):
    pins = dict(PIN.findall((project / "requirements.txt").read_text("utf-8")))
    tested = dict(PIN.findall((ROOT / "constraints.txt").read_text("utf-8")))
    assert pins == {name: tested[name] for name in pins}
    program = (project / "train.py").read_text("utf-8")
    imported = set(re.findall(r"^(?:from|import) (\w+)", program, re.MULTILINE))
    packages = {"PIL": "pillow", "sklearn": "scikit-learn"}
    needed = {packages.get(name, name) for name in imported - sys.stdlib_module_names}
    # torch exports with onnxscript; its test needs pytest
    assert set(pins) == needed | {"numpy", "onnxscript", "pytest"}


def test_the_hook_is_the_checkers(project):
    hook, local = (
        (folder / name).read_text("utf-8")
        for folder, name in (
            (ROOT, ".pre-commit-hooks.yaml"),
            (project, ".pre-commit-config.yaml"),
        )
    )
    for line in ("entry: python -m review", "types_or: [python, jupyter]"):
        assert line in hook
        assert line in local


@pytest.mark.parametrize("kind", ["folder", "full", "file", "link"])
def test_what_exists_is_never_touched(kind, tmp_path):
    there = tmp_path / "there"
    if kind == "file":
        there.write_text("mine")
    elif kind == "link":
        there.symlink_to(tmp_path / "nowhere")
    else:
        there.mkdir()
    if kind == "full":
        (there / "train.py").write_text("mine")
    before = sorted(map(str, tmp_path.rglob("*")))
    done = CliRunner().invoke(main, ["new", str(there)])
    assert done.exit_code == 1
    assert done.output.count("\n") == 1
    assert "exists already, and nothing was written" in done.output
    assert sorted(map(str, tmp_path.rglob("*"))) == before


def test_a_file_above_it_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="can't be made"):
        new.new(tmp_path / "file" / "project")


def test_half_a_project_is_removed(tmp_path, monkeypatch):
    write = Path.write_text

    def full(path, text, *words, **named):
        if path.name == "test_train.py":
            raise OSError(28, "No space left on device")
        return write(path, text, *words, **named)

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(UserError, match="No space left"):
        new.new(tmp_path / "project")
    assert list(tmp_path.iterdir()) == []
