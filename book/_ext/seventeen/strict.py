"""A strict build that failed must fail again.

Sphinx reads only pages that have changed, so a page that caused a warning is
not read in the next run, and that run would pass. After a strict build
with warnings the saved environment is deleted, as Sphinx itself does after an
error: the next run reads everything and says what is still wrong.
"""

from pathlib import Path

from sphinx.application import ENV_PICKLE_FILENAME, Sphinx


def forget_environment(app: Sphinx, error: Exception | None) -> None:
    """Delete the environment of a build that ended with warnings under -W."""
    if app.keep_going and app._warncount:
        (Path(app.doctreedir) / ENV_PICKLE_FILENAME).unlink(missing_ok=True)


def setup(app: Sphinx) -> None:
    """Look at the warnings when everything else is done."""
    app.connect("build-finished", forget_environment, priority=900)
