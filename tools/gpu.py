"""Run what needs a GPU, and keep what it gives in book/evidence.

    python tools/gpu.py              on a machine with a CUDA GPU
    python tools/gpu.py --rehearse   on any machine, to find mistakes before a GPU does

Runs every notebook that measures on a GPU, from its first cell to its last, and the
tests of ``tests/test_gpu.py``. The card's file is written, or replaced, only if all
of that went well; otherwise what was measured is kept beside the built book. Needs
the packages of requirements.txt; DALI may be absent.
"""

import os
import subprocess
import sys
import time
from pathlib import Path

import click
import nbformat
import torch
import torchvision
from nbclient.exceptions import CellExecutionError
from nbformat import NotebookNode
from tqdm import tqdm

import record
from helpers import evidence
from helpers.errors import UserError
from inputs import needs_gpu

EVIDENCE = record.ROOT / "book" / "evidence"
UNFINISHED = record.ROOT / "_build" / "evidence"  # of a run in which something failed
GPU_TESTS = "tests/test_gpu.py"
NONE = "none"


def machine(rehearse: bool) -> dict[str, str | int]:
    """Return what the figures depend on: every field of the evidence but these.

    Raises:
        UserError: if there is no CUDA GPU, or its driver cannot be asked.
    """
    facts: dict[str, str | int] = {
        "format": evidence.FORMAT,
        "card": evidence.FAKE_CARD,
        "driver": NONE,
        "cuda": torch.version.cuda or NONE,
        "dali": dali_version(),
        **record.machine(),
        "torch": torch.__version__,  # with the CUDA version it was built for
        "torchvision": torchvision.__version__,
    }
    if rehearse:
        return facts
    if not torch.cuda.is_available():
        raise UserError(
            "PyTorch sees no CUDA GPU here, so there is nothing to record: run this "
            "on a machine with one, or try `python tools/gpu.py --rehearse`."
        )
    return facts | {"card": torch.cuda.get_device_name(0), "driver": driver()}


def driver() -> str:
    """Return the version of the NVIDIA driver."""
    command = ["nvidia-smi", "--query-gpu=driver_version", "--format=csv,noheader"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        return done.stdout.splitlines()[0].strip()
    except (OSError, subprocess.CalledProcessError, IndexError) as error:
        raise UserError(
            f"The driver's version is unknown (`{' '.join(command)}`: {error}): put "
            "nvidia-smi on the PATH."
        ) from error


def dali_version() -> str:
    """Return DALI's version, or that it is absent."""
    try:
        import nvidia.dali
    except ImportError:
        return "absent"
    return nvidia.dali.__version__


def figures_of(notebook: NotebookNode) -> dict[str, list]:
    """Return what an executed notebook's cells have measured, figure by figure."""
    return {
        found["figure"]: found["rows"]
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if (found := output.get("data", {}).get(evidence.KIND))
    }


def measure(paths: list[Path]) -> tuple[dict[str, list], list[str]]:
    """Run notebooks; return their figures, and what went wrong."""
    figures: dict[str, list] = {}
    errors = []
    for path in tqdm(paths, unit="notebook", disable=None):
        notebook = nbformat.read(path, as_version=4)
        try:
            seconds = record.execute(notebook, path.parent)
            tqdm.write(f"{path.relative_to(record.ROOT)}: {seconds:.0f} s")
        except CellExecutionError as error:
            errors.append(f"{path.relative_to(record.ROOT)} stopped:\n{error}")
        figures |= figures_of(notebook)
    return figures, errors


def gpu_tests_pass() -> bool:
    """Run the tests on the GPU, with nothing but pytest itself."""
    command = [sys.executable, "-m", "pytest", "-o", "addopts=", "--quiet", GPU_TESTS]
    return subprocess.run(command, cwd=record.ROOT, check=False).returncode == 0


@click.command()
@click.option("--rehearse", is_flag=True, help="On the CPU; the figures mean nothing.")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder of the file; book/evidence, and of a rehearsal _build/evidence.",
)
def main(rehearse: bool, out: Path | None) -> None:
    """Run what needs a GPU and record it."""
    start = time.perf_counter()
    out = out or (UNFINISHED if rehearse else EVIDENCE)
    os.environ.pop(evidence.REHEARSAL, None)
    if rehearse:
        os.environ[evidence.REHEARSAL] = "1"
    try:
        facts = machine(rehearse)
        click.echo(f"{facts['card']}, PyTorch {facts['torch']}, DALI {facts['dali']}")
        figures, errors = measure(
            [
                path
                for path in record.notebooks()
                if needs_gpu(nbformat.read(path, as_version=4))
            ]
        )
        if not gpu_tests_pass():
            errors.append(f"{GPU_TESTS} failed.")
        for error in errors:
            click.echo(error, err=True)
        if not figures:
            raise UserError("Nothing was measured, and nothing is written.")
        path = evidence.write(
            evidence.checked({**facts, "figures": figures}),
            UNFINISHED if errors else out,
        )
    except UserError as error:
        raise SystemExit(f"{error}") from error
    for key in evidence.FIGURES.keys() - figures.keys():
        click.echo(f"Not measured: {key}")
    click.echo(f"{path}: {len(figures)} figures in {time.perf_counter() - start:.0f} s")
    if errors:
        raise SystemExit("Not everything ran, so the book's own file is as it was.")
    if not rehearse:
        click.echo("Now `make record` shows them in the chapters.")


if __name__ == "__main__":
    main()
