"""The built book, for the tests that read its pages.

The book is built once for all tests, into a temporary folder, with the flags
that ``make book`` uses; a stale ``_build`` can neither help nor harm.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

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


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the built book."""
    output = tmp_path_factory.mktemp("book")
    done = build(ROOT, output)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return output / "_build" / "html"


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
