"""Build the wheels: the program with the checker, and the checker alone.

make dist
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import click

ROOT = Path(__file__).resolve().parent.parent
PROJECTS = {"program": ROOT, "checker": ROOT / "review"}
# Copied before building: setuptools leaves folders of its own in the source.
PARTS = [
    "helpers",
    "review",
    "pyproject.toml",
    "README.md",
    "LICENSE",
    "LICENSE-CONTENT",
]
LEFT_OUT = shutil.ignore_patterns("__pycache__", "build", "*.egg-info")


def copied(project: Path, scratch: Path) -> Path:
    """Copy what a project is built from into an empty folder."""
    if project != ROOT:
        shutil.copytree(project, scratch / "project", ignore=LEFT_OUT)
        shutil.copy(ROOT / "LICENSE", scratch / "project")
        return scratch / "project"
    for name in PARTS:
        part = ROOT / name
        if part.is_dir():
            shutil.copytree(part, scratch / name, ignore=LEFT_OUT)
        else:
            shutil.copy(part, scratch)
    return scratch


def build(project: Path, out: Path) -> None:
    """Build the wheel of one project into a folder."""
    with tempfile.TemporaryDirectory() as scratch:
        source = copied(project, Path(scratch))
        pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps"]
        own = ["--no-build-isolation", "--wheel-dir", str(out), str(source)]
        subprocess.run([*pip, *own], check=True)


@click.command()
@click.argument("out", type=click.Path(path_type=Path), default=ROOT / "_build/dist")
@click.option("--only", type=click.Choice(list(PROJECTS)), help="One wheel of the two.")
def main(out: Path, only: str | None) -> None:
    """Build both wheels into OUT."""
    out.mkdir(parents=True, exist_ok=True)
    for name, project in PROJECTS.items():
        if only in (None, name):
            build(project, out)
    for wheel in sorted(out.glob("*.whl")):
        print(f"{wheel}: {wheel.stat().st_size / 1000:,.0f} kB")


if __name__ == "__main__":
    main()
