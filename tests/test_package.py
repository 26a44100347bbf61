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
ORDER = re.findall(
    r"``(\w+)``", helpers.__doc__.split("later one:")[1].split("This")[0]
)
PUBLIC = [name for name in ORDER if name != "__main__"]


def imported(path):
    """Return the modules of the package that a module imports, anywhere in it."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module == "helpers":
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            package, _, name = (node.module or "").partition(".")
            if package == "helpers":
                yield name


def test_every_module_has_its_place():
    modules = {path.stem for path in FOLDER.glob("*.py")} - {"__init__"}
    assert {name for name in modules if not re.match(r"_[a-z]", name)} == set(ORDER)


@pytest.mark.parametrize("name", ORDER)
def test_no_module_imports_from_a_later_one(name):
    earlier = ORDER[: ORDER.index(name)]
    for used in imported(FOLDER / f"{name}.py"):
        own_part = used.startswith(f"_{name.strip('_')}_")
        assert used in earlier or used == "__version__" or own_part, used


@pytest.mark.parametrize("name", ORDER)
def test_a_module_can_be_read_in_one_sitting(name):
    lines = (FOLDER / f"{name}.py").read_text("utf-8").splitlines()
    assert len(lines) <= 400


def test_every_package_is_installed():
    """An editable install has them all, whatever pyproject.toml names."""
    settings = tomllib.loads((FOLDER.parent / "pyproject.toml").read_text("utf-8"))
    folders = {
        path.parent.relative_to(FOLDER.parent).as_posix().replace("/", ".")
        for name in ("helpers", "review")
        for path in (FOLDER.parent / name).rglob("__init__.py")
    }
    assert set(settings["tool"]["setuptools"]["packages"]) == folders


def test_the_modules_of_the_checker_import_in_one_direction():
    """No circle, not even one that only a type checker would see."""
    graph = {}
    for path in (FOLDER.parent / "review").rglob("*.py"):
        module = path.relative_to(FOLDER.parent).with_suffix("")
        name = ".".join(module.parts).removesuffix(".__init__")
        tree = ast.parse(path.read_text("utf-8"))
        graph[name] = set(inputs.imported(tree, top="review"))
    for name, found in graph.items():  # a name that is no module is one of its parent
        graph[name] = {n if n in graph else n.rpartition(".")[0] for n in found}
    graph["review"] = set()
    assert len(list(TopologicalSorter(graph).static_order())) >= 45


def test_import_helpers_imports_nothing_heavy():
    code = "import sys, helpers; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    loaded = set(done.stdout.split())
    assert not loaded & {"torch", "torchvision", "numpy", "matplotlib", "PIL"}


@pytest.mark.parametrize("name", PUBLIC)
def test_public_functions_are_documented_and_annotated(name):
    module = importlib.import_module(f"helpers.{name}")
    assert module.__doc__
    for key, value in vars(module).items():
        if key.startswith("_") or getattr(value, "__module__", "") != module.__name__:
            continue
        if inspect.isclass(value) or inspect.isfunction(value):
            assert value.__doc__, key
        if inspect.isfunction(value):
            signature = inspect.signature(value)
            assert signature.return_annotation is not signature.empty, key
