"""Execute notebooks and store their outputs, normalised.

    python tools/record.py                 all notebooks whose inputs changed
    python tools/record.py --all           all notebooks
    python tools/record.py NOTEBOOK ...    these

The digest of a notebook's inputs (``inputs.py``) is stored with the outputs, and a test
compares it: outputs cannot go stale.
GPUs are out of sight here, so that outputs do not depend on the machine.
A notebook is written only when all its cells ran; the old file stays otherwise.
"""

import os
import sys
import time
from pathlib import Path

import click
import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbformat import NotebookNode
from tqdm import tqdm

from cells import RAISES
from helpers.writing import replacing
from inputs import inputs_digest
from machine import machine
from patience import HANGS

ROOT = Path(__file__).resolve().parent.parent
WIDGET = "application/vnd.jupyter.widget-view+json"


def notebooks() -> list[Path]:
    """Return every notebook of the book: chapters first, then interludes."""
    return sorted((ROOT / "notebooks").glob("*.ipynb")) + sorted(
        (ROOT / "book").glob("*.ipynb")
    )


def is_recorded(notebook: NotebookNode) -> bool:
    """Whether the stored outputs belong to the present inputs."""
    recorded = notebook.metadata.get("recorded", {})
    return recorded.get("inputs") == inputs_digest(notebook)


def normalise(notebook: NotebookNode) -> None:
    """Keep of an executed notebook only what is the same on every machine."""
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)  # time stamps
        if cell.cell_type != "code":
            continue
        kept = []
        for output in cell.outputs:
            data = output.get("data", {})
            if WIDGET in data:  # a progress bar is for whoever runs the cell
                continue
            output.get("metadata", {}).pop("execution", None)
            kept.append(output)
        cell.outputs = kept
    notebook.metadata["kernelspec"] = {
        "display_name": "Python 3 (ipykernel)",
        "language": "python",
        "name": "python3",
    }
    notebook.metadata["language_info"] = {"name": "python"}


def execute(notebook: NotebookNode, folder: Path) -> float:
    """Run all cells in ``folder`` and return the seconds it took.

    Raises:
        CellExecutionError: from the first cell that fails without being tagged
            for it.
    """
    start = time.perf_counter()
    client = NotebookClient(
        notebook,
        startup_timeout=HANGS,
        timeout=HANGS,  # a hanging cell ends the run instead of blocking it
        kernel_name="python3",
        resources={"metadata": {"path": str(folder)}},
        record_timing=False,
        coalesce_streams=True,
        extra_arguments=["--log-level=ERROR"],  # the kernel warns of its own ports
    )
    for cell in notebook.cells:  # nbval and nbclient have a tag each for one thing
        tags = cell.metadata.get("tags", [])
        if RAISES in tags and "raises-exception" not in tags:
            cell.metadata["tags"] = [*tags, "raises-exception"]
    client.execute()
    return time.perf_counter() - start


def write_atomically(notebook: NotebookNode, path: Path) -> None:
    """Replace ``path`` in one step, so that a crash leaves the old notebook."""
    with replacing(path) as part, open(part, "w", encoding="utf-8") as file:
        nbformat.write(notebook, file)


def tags(cell: NotebookNode) -> list[str]:
    """Return a cell's tags; most have none."""
    return cell.metadata.get("tags", [])


def record(path: Path) -> float:
    """Execute one notebook, store its outputs and return the seconds."""
    notebook = nbformat.read(path, as_version=4)
    seconds = execute(notebook, path.parent)
    normalise(notebook)
    notebook.metadata["recorded"] = {
        "inputs": inputs_digest(notebook),
        "seconds": round(seconds),
        **machine(),
    }
    nbformat.validate(notebook)
    write_atomically(notebook, path)
    return seconds


@click.command()
@click.argument(
    "paths", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option("--all", "everything", is_flag=True, help="Also those up to date.")
def main(paths: tuple[Path, ...], everything: bool) -> None:
    """Execute notebooks and store their outputs."""
    # A warning is shown, so it is seen; but Jupyter cannot do without threads.
    os.environ["PYTHONWARNINGS"] = "default,ignore:This process (pid:DeprecationWarning"
    os.environ["CUDA_VISIBLE_DEVICES"] = ""
    chosen = [path.resolve() for path in paths] or [
        path
        for path in notebooks()
        if everything or not is_recorded(nbformat.read(path, as_version=4))
    ]
    if not chosen:
        click.echo("All notebooks are up to date.")
    failed = False
    for path in tqdm(chosen, unit="notebook", disable=None):
        try:
            click.echo(f"{path.relative_to(ROOT)}: {record(path):.1f} s")
        except CellExecutionError as error:
            failed = True
            click.echo(f"{path.relative_to(ROOT)}: left as it was.\n{error}", err=True)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
