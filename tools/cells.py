"""Run the code cells of a notebook in this process, up to its exercises.

    python tools/cells.py NOTEBOOK

Needs IPython and no Jupyter. A cell that fails without being tagged for it makes the
exit status 1; the cells after it run all the same, because what they measure may not
depend on it. ``tools/gpu.py`` is told of it.
"""

import json
import sys
from pathlib import Path

from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from helpers.notebook.evidence import tell

RAISES = "nbval-raises-exception"  # tag of a cell that shows an error on purpose


def main(path: Path) -> int:
    """Run the cells of the notebook at ``path``; return the exit status."""
    status = 0
    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.colors = "nocolor"
    shell = InteractiveShell.instance(config=config)
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        tags = cell["metadata"].get("tags", [])
        if "exercise" in tags:
            break
        if cell["cell_type"] == "code":
            done = shell.run_cell("".join(cell["source"]))
            error = done.error_before_exec or done.error_in_exec
            if error is not None and RAISES not in tags:
                status = 1
                tell(figure=None, error=f"{type(error).__name__}: {error}")
    return status


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
