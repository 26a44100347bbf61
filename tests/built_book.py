"""The built book, for the tests that read its pages.

The book is built once for all tests, into a temporary folder, with the flags
that ``make book`` uses; a stale ``_build`` can neither help nor harm.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from filelock import FileLock

import browser
from helpers.errors import UserError

ROOT = Path(__file__).parent.parent

# The command `jupyter-book` of this very environment.
JUPYTER_BOOK = "from jupyter_book.cli.main import main; main()"
STRICT = ["-W", "-n", "--keep-going"]
FORK = "someone/fork"


def chromium() -> str | None:
    """Return the command of a Chromium, or None if there is none."""
    try:
        return browser.find()
    except UserError:
        return None


NO_CHROMIUM = "no Chromium here: apt install chromium, or name one with CHROMIUM"
needs_chromium = pytest.mark.skipif(chromium() is None, reason=NO_CHROMIUM)


def build(source: Path, output: Path) -> subprocess.CompletedProcess[str]:
    """Build a book strictly, as a repository named ``FORK`` would."""
    return subprocess.run(
        [
            *(sys.executable, "-c", JUPYTER_BOOK, "build", str(source)),
            *("--path-output", str(output)),
            *STRICT,
        ],
        env={**os.environ, "GITHUB_REPOSITORY": FORK, "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


def once(
    factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]
) -> Path:
    """Return a folder that is made once for all processes of a test run.

    Args:
        make: fills the folder; if it fails, it fails in each process that asks.
    """
    base = factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        base = base.parent  # of all processes
    folder = base / f"the-{name}"
    with FileLock(base / f"the-{name}.lock"):
        if not (folder / ".done").exists():
            shutil.rmtree(folder, ignore_errors=True)
            make(folder)
            (folder / ".done").touch()
    return folder


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the built book."""

    def make(output: Path) -> None:
        done = build(ROOT, output)
        assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"

    return once(tmp_path_factory, "book", make) / "_build" / "html"


@pytest.fixture(scope="session")
def class_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a class, as ``make classroom`` makes it; only to be read."""
    import classroom  # brings a library that sets up logging for the whole process

    return once(tmp_path_factory, "class", classroom.make)


@pytest.fixture(scope="session")
def pages(site: Path) -> dict[Path, BeautifulSoup]:
    """Return every page of the book, parsed."""
    return {
        path: BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
        for path in sorted(site.rglob("*.html"))
        if "_static" not in path.parts  # templates that the theme leaves there
    }


def page(pages: dict[Path, BeautifulSoup], name: str) -> BeautifulSoup:
    """Return the page whose path ends in ``name``."""
    (found,) = (soup for path, soup in pages.items() if str(path).endswith(name))
    return found
