"""Pack what a GPU machine with its own PyTorch and no network needs.

    python tools/gpu_kit.py

Writes ``_build/gpu-kit.zip``: the project's files as git knows them, and wheels of the
small packages that ``tools/gpu.py`` needs beside PyTorch and torchvision, for Linux on
x86-64. The page *Measured on GPUs* says how to use it.
"""

import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import click

from helpers.errors import UserError
from helpers.notebook.evidence import FIGURES
from helpers.writing import replacing

ROOT = Path(__file__).resolve().parent.parent
KIT = ROOT / "_build" / "gpu-kit.zip"
FOLDER = "gpu-kit"  # in the archive
PYTHONS = ("3.11", "3.12", "3.13")
PLATFORMS = ("manylinux_2_28_x86_64", "manylinux_2_27_x86_64", "manylinux2014_x86_64")
LARGEST = 60 * 2**20  # bytes
# What tools/gpu.py, tests/test_gpu.py and the notebooks that measure import, with what
# that needs; PyTorch and torchvision bring NumPy and Pillow.
PACKAGES = [
    *("asttokens", "click", "contourpy", "cycler", "decorator", "executing"),
    *("iniconfig", "ipython", "ipython-pygments-lexers", "jaxtyping", "jedi"),
    *("kiwisolver", "matplotlib", "matplotlib-inline", "packaging", "parso"),
    *("pexpect", "platformdirs", "pluggy", "prompt-toolkit", "ptyprocess"),
    *("pure-eval", "pygments", "pyparsing", "pytest", "python-dateutil"),
    *("simplejpeg", "six", "stack-data", "tqdm", "traitlets", "typing-extensions"),
    *("wadler-lindig", "wcwidth"),
]
SMALLER = "fonttools"  # its wheels for each Python are five times as large


def fetch(wheels: Path) -> None:
    """Download the packages for each Python, in the versions that the book uses.

    Raises:
        UserError: if pip cannot.
    """
    linux = [word for name in PLATFORMS for word in ("--platform", name)]
    for python in PYTHONS:
        download(wheels, python, [*linux, "--implementation", "cp"], PACKAGES)
    anywhere = ["--platform", "any", "--implementation", "py", "--abi", "none"]
    download(wheels, PYTHONS[0], anywhere, [SMALLER])


def download(wheels: Path, python: str, kind: list[str], names: list[str]) -> None:
    """Let pip download packages for a Python and a platform."""
    command = [
        *(sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"),
        *("--disable-pip-version-check", "--only-binary=:all:"),
        *("--dest", str(wheels), "--constraint", str(ROOT / "constraints.txt")),
        *("--python-version", python, *kind, *names),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        reason = (done.stderr.splitlines() or ["no reason is given"])[-1]
        raise UserError(f"pip could not fetch the packages: {reason}")


def project() -> list[str]:
    """Return the project's files: those that git tracks, and new ones."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    measuring = tuple(f"notebooks/{it.chapter}.ipynb" for it in FIGURES.values())
    wanted = ("book/evidence/", "helpers/", "tests/", "tools/", *measuring)
    unused = ("tests/review", "tests/right", "tests/wrong", "tools/solids", "tools/hub")
    return [
        name
        for name in listed.stdout.split("\0")
        if name.startswith(wanted) and not name.startswith(unused)
    ]


@click.command()
def main() -> None:
    """Pack the kit."""
    try:
        with tempfile.TemporaryDirectory() as folder:
            wheels = Path(folder)
            fetch(wheels)
            KIT.parent.mkdir(exist_ok=True)
            with (
                replacing(KIT) as part,
                zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as kit,
            ):
                for name in project():
                    if (ROOT / name).exists():
                        kit.write(ROOT / name, f"{FOLDER}/{name}")
                for wheel in sorted(wheels.iterdir()):
                    kit.write(wheel, f"{FOLDER}/wheels/{wheel.name}")
                kit.writestr(
                    f"{FOLDER}/kit.txt", "\n".join([*PACKAGES, SMALLER]) + "\n"
                )
    except UserError as error:
        raise SystemExit(f"{error}") from error
    size = KIT.stat().st_size
    click.echo(f"{KIT}: {size / 2**20:.0f} MiB")
    if size > LARGEST:
        raise SystemExit(f"That is more than {LARGEST / 2**20:.0f} MiB.")


if __name__ == "__main__":
    main()
