"""Chromium, without a window: what prints the book and opens it in the tests."""

import os
import shutil
import subprocess
import tempfile

from helpers.command.doctor import CHROMIUM
from helpers.errors import UserError
from patience import HANGS


def find() -> str:
    """Return the command: what ``CHROMIUM`` names, else the first one installed.

    Raises:
        UserError: if there is none.
    """
    for name in filter(None, (os.environ.get("CHROMIUM"), *CHROMIUM)):
        if found := shutil.which(name):
            return found
    raise UserError(
        "Chromium is missing: install it (Debian: apt install chromium), or name "
        "Chrome or Edge with CHROMIUM=/path/to/it."
    )


def run(*arguments: str) -> str:
    """Run Chromium with a profile of its own, and return what it prints.

    Raises:
        UserError: if there is no Chromium, or it fails or takes too long.
    """
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        command = [
            *(find(), "--headless", "--disable-gpu", f"--user-data-dir={profile}"),
            "--no-sandbox",  # root needs it in a container; the pages are ours
            *arguments,
        ]
        try:
            done = subprocess.run(
                command, capture_output=True, text=True, timeout=HANGS, check=False
            )
        except subprocess.TimeoutExpired as error:
            raise UserError(f"Chromium was not done after {HANGS} s.") from error
    if done.returncode != 0:
        raise UserError(f"Chromium failed: {done.stderr[-500:]}")  # its last lines
    return done.stdout
