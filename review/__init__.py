"""The seventeen notes as a reviewer: a checker for people's own training code.

Every rule is one chapter of the book. ``source`` reads files and notebooks,
``flow`` says which assignment reaches which name, ``following`` what an expression
stands for, ``trace`` in which order a program does things; ``rules`` holds one module
per part of the book, and ``checker`` runs them. Nothing here imports torch or runs
what it reads.
"""

from typing import Any


def load_ipython_extension(shell: Any) -> None:
    """Show findings under the cells of the running notebook: ``%load_ext review``."""
    from .jupyter import load

    load(shell)


def unload_ipython_extension(shell: Any) -> None:
    """Show no more findings: ``%unload_ext review``."""
    from .jupyter import unload

    unload(shell)
