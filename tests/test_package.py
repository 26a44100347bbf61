"""The package as a whole: order of the modules, start-up, style of the docs."""

import ast
import importlib
import inspect
import re
import subprocess
import sys
import tomllib
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import helpers
import inputs

FOLDER = Path(helpers.__file__).parent
ROOMS = re.findall(r"``(\w+)`` ?(?:·|\n)", helpers.__doc__)
GROUND = sorted(
    path.stem for path in FOLDER.glob("*.py") if not path.stem.startswith("__")
)


def module_name(path):
    """Return the dotted name of a module, that of its package for ``__init__``."""
    parts = path.relative_to(FOLDER.parent).with_suffix("").parts
    return ".".join(parts).removesuffix(".__init__")


def import_graph(top):
    """Return for each module of a package the modules of it that it imports."""
    graph = {}
    for path in (FOLDER.parent / top).rglob("*.py"):
        package = ".".join(path.parent.relative_to(FOLDER.parent).parts)
        tree = ast.parse(path.read_text("utf-8"))
        graph[module_name(path)] = set(inputs.imported(tree, package, top))
    for name, found in graph.items():  # a name that is no module is one of its parent
        graph[name] = {n if n in graph else n.rpartition(".")[0] for n in found}
    graph[top] = set()
    return graph


GRAPH = import_graph("helpers")
MODULES = sorted(GRAPH)


def room_of(module):
    """Return the room that a module lies in; nothing on the ground floor."""
    second = module.split(".")[1] if "." in module else ""
    return second if second in ROOMS else ""


def test_every_room_is_named_and_says_what_it_is_for():
    there = {path.parent.name for path in FOLDER.glob("*/__init__.py")}
    assert there == set(ROOMS)
    for room in ROOMS:
        text = importlib.import_module(f"helpers.{room}").__doc__
        assert re.search(r"chapter", text), room
        assert len(text.strip().splitlines()) <= 4, room


@pytest.mark.parametrize("module", MODULES)
def test_no_module_imports_from_a_later_room(module):
    """The door, ``__main__``, stands above all rooms."""
    room = room_of(module)
    below = {"", *ROOMS[: ROOMS.index(room)]} if room else {""}
    if module == "helpers.__main__":
        below |= set(ROOMS)
    for used in GRAPH[module]:
        assert room_of(used) in below | {room}, used


@pytest.mark.parametrize("top", ["helpers", "review"])
def test_imports_go_in_one_direction(top):
    """No circle, not even one that only a type checker would see."""
    assert len(list(TopologicalSorter(import_graph(top)).static_order())) >= 45


@pytest.mark.parametrize("module", MODULES)
def test_a_module_can_be_read_in_one_sitting(module):
    lines = inspect.getsource(importlib.import_module(module)).splitlines()
    assert len(lines) <= 420


def test_every_package_is_installed():
    """An editable install has them all, whatever pyproject.toml names."""
    settings = tomllib.loads((FOLDER.parent / "pyproject.toml").read_text("utf-8"))
    folders = {
        path.parent.relative_to(FOLDER.parent).as_posix().replace("/", ".")
        for name in ("helpers", "review")
        for path in (FOLDER.parent / name).rglob("__init__.py")
    }
    assert set(settings["tool"]["setuptools"]["packages"]) == folders


def test_import_helpers_imports_nothing_heavy():
    code = "import sys, helpers; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    loaded = set(done.stdout.split())
    assert not loaded & {"torch", "torchvision", "numpy", "matplotlib", "PIL"}


@pytest.mark.parametrize("name", MODULES)
def test_public_functions_are_documented_and_annotated(name):
    module = importlib.import_module(name)
    assert module.__doc__
    for key, value in vars(module).items():
        if key.startswith("_") or getattr(value, "__module__", "") != module.__name__:
            continue
        if inspect.isclass(value) or inspect.isfunction(value):
            assert value.__doc__, key
        if inspect.isfunction(value):
            signature = inspect.signature(value)
            assert signature.return_annotation is not signature.empty, key
