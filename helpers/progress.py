"""When a progress bar is of use."""

import sys


def show_progress() -> bool:
    """Whether somebody is looking: a terminal, or a notebook."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    return sys.stderr.isatty() or hasattr(shell, "kernel")
