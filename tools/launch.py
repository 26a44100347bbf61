"""Put the cell that makes a notebook run on Google Colab into every notebook.

    python tools/launch.py

Colab opens a notebook alone, without the repository it lies in. The cell finds out
which repository that is and installs ``helpers`` from there; anywhere else it does
nothing. It is the first cell, folded away, and not shown in the book.
"""

from pathlib import Path

import click
import nbformat
from nbformat import NotebookNode, v4

import record

ID = "colab"
EXTRAS = {  # of pyproject.toml, for the notebooks that need more than helpers itself
    "01_imagefolder_layout": "real",
    "02_dataloader_workers": "real",
    "03_strided_first_conv": "real",
    "05_cross_entropy_takes_logits": "real",
    "06_scheduler_steps_per_epoch": "real",
    "07_nan_gradient_check": "real",
    "08_gradient_clipping": "real",
    "09_loss_scaling": "real",
    "12_gradcam_last_conv": "cam",
    "15_dali_gpu_decode": "dali",
    "callbacks": "real",
    "early_stopping": "real",
    "export_to_onnx": "export",
    "normalisation": "photographs",
    "odd_image_files": "real",
    "random_crops": "real",
    "weights_and_smoothing": "real",
    "worker_seeds": "real",
    "the_whole_program": "capstone",
}
CELL = r"""
# @title Installs `helpers` on Google Colab, and does nothing anywhere else
import sys

if "google.colab" in sys.modules:
    import json
    import re
    import socket
    import subprocess
    from urllib.parse import unquote
    from urllib.request import urlopen

    host = socket.gethostbyname(socket.gethostname())
    with urlopen(f"http://{host}:9000/api/sessions") as answer:
        opened = unquote(json.load(answer)[0]["path"])  # on GitHub
    found = re.search(r"github\.com/([^/]+/[^/]+)/blob/([^/]+)/", opened)
    if found is None:
        raise SystemExit("Open this notebook with the book's Colab button: a "
                         "copy does not say where to install helpers from.")
    source = f"git+https://github.com/{found[1]}@{found[2]}"
    subprocess.run([sys.executable, "-m", "pip", "install", "--quiet",
                    f"seventeen-notes{EXTRAS} @ {source}"], check=True)
""".strip()


def cell(name: str) -> NotebookNode:
    """Return the cell for the notebook of this name, without suffix."""
    extras = f"[{EXTRAS[name]}]" if name in EXTRAS else ""
    made = v4.new_code_cell(CELL.replace("{EXTRAS}", extras), id=ID)
    made.metadata = NotebookNode(
        cellView="form",  # folds it in Colab
        jupyter=NotebookNode(source_hidden=True),  # and in JupyterLab
        tags=["remove-cell"],  # and keeps it out of the book
    )
    return made


def put(path: Path) -> bool:
    """Put the cell at the top of a notebook; tell whether that changed it."""
    notebook = nbformat.read(path, as_version=4)
    new = cell(path.stem)
    if notebook.cells[0].get("id") == ID:
        if notebook.cells[0].source == new.source:
            return False
        notebook.cells.pop(0)
    notebook.cells.insert(0, new)
    record.write_atomically(notebook, path)
    return True


@click.command()
def main() -> None:
    """Put the cell into every notebook that lacks it or has an old one."""
    changed = [path.name for path in record.notebooks() if put(path)]
    click.echo(f"Changed: {', '.join(changed)}" if changed else "Nothing to change.")


if __name__ == "__main__":
    main()
