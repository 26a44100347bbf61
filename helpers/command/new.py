"""A new project: the corrected program, with what it needs around it."""

import os
import shutil
from importlib.resources import files
from pathlib import Path

from helpers.errors import UserError

FILES = {  # of the project: where they come from, in helpers/program
    "train.py": "corrected.py",
    "README.md": "start/README.md",
    "requirements.txt": "start/requirements.txt",
    "test_train.py": "start/test_train.py",
    ".pre-commit-config.yaml": "start/pre-commit-config.yaml",
}
NAME = "THIS_PROJECT"  # in the README, for the folder's name


def new(folder: Path) -> None:
    """Write a project into a new folder, all of it or nothing.

    Args:
        folder: must not exist yet; the folders above it are made.

    Raises:
        UserError: if there is something at ``folder``, or it can't be written.
    """
    source = files("helpers") / "program"
    folder = Path(os.path.abspath(folder))
    try:
        folder.mkdir(parents=True)
    except FileExistsError:
        said = f"{folder} exists already, and nothing was written: choose another name."
        raise UserError(said) from None
    except OSError as error:
        raise UserError(f"{folder} can't be made ({error.strerror}).") from None
    try:
        for name, origin in FILES.items():
            text = (source / origin).read_text("utf-8").replace(NAME, folder.name)
            (folder / name).write_text(text, "utf-8", newline="\n")
    except BaseException as error:
        shutil.rmtree(folder, ignore_errors=True)
        if isinstance(error, OSError):
            said = f"{folder} can't be written ({error.strerror})."
            raise UserError(said) from None
        raise
