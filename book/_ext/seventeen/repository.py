"""Buttons for whichever repository builds the book.

A fork that publishes the book gets buttons for itself. Where no GitHub
repository is known, the book has no repository and no launch buttons. A class that
has a JupyterHub names it in ``BOOK_HUB_URL`` and gets a button for it.
"""

import os
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.errors import ExtensionError

# https://github.com/owner/name.git, git@github.com:owner/name, ssh://git@...
GITHUB = re.compile(
    r"^(?:https://(?:[^@/]+@)?github\.com/|(?:ssh://)?git@github\.com[:/])"
    r"(?P<owner>[\w.-]+)/(?P<name>[\w.-]+?)(?:\.git)?/?$"
)
LAUNCHERS = {
    "colab_url": "https://colab.research.google.com",
    "binderhub_url": "https://mybinder.org",
    "notebook_interface": "jupyterlab",
}


def github_address(remote: str) -> str | None:
    """Return the web address of a GitHub remote without any user or token.

    >>> github_address("git@github.com:someone/fork.git")
    'https://github.com/someone/fork'
    """
    match = GITHUB.match(remote.strip())
    if match is None:
        return None
    return f"https://github.com/{match['owner']}/{match['name']}"


def repository_url(environ: Mapping[str, str], root: Path) -> str | None:
    """Find the repository's address, or return None.

    In this order: ``BOOK_REPOSITORY_URL`` (an address; empty for none),
    ``GITHUB_REPOSITORY`` (``owner/name``, set by GitHub Actions), and the git
    remote ``origin`` of the folder ``root``.
    """
    if "BOOK_REPOSITORY_URL" in environ:
        return github_address(environ["BOOK_REPOSITORY_URL"])
    if environ.get("GITHUB_REPOSITORY"):
        return github_address(f"https://github.com/{environ['GITHUB_REPOSITORY']}")
    if not (root / ".git").exists():  # not some other repository further up
        return None
    try:
        found = subprocess.run(
            ["git", "remote", "get-url", "origin"],
            cwd=root,
            capture_output=True,
            text=True,
            check=False,
        )
    except OSError:  # no git here: a downloaded archive, for instance
        return None
    return github_address(found.stdout) if found.returncode == 0 else None


def hub_url(environ: Mapping[str, str]) -> str:
    """Return the address of the class's JupyterHub, or "" for none.

    Raises:
        ExtensionError: if ``BOOK_HUB_URL`` is no address of a site.
    """
    url = environ.get("BOOK_HUB_URL", "").strip().rstrip("/")
    if url and not re.fullmatch(r"https?://[^\s/?#]+(/[^\s?#]*)?", url):
        raise ExtensionError(
            f"BOOK_HUB_URL is {url!r}: give the address of the hub, such as "
            "https://hub.example.org."
        )
    return url


def theme_options(url: str | None, branch: str, hub: str = "") -> dict[str, object]:
    """Return the theme options that make or remove the buttons.

    >>> theme_options(None, "main")["launch_buttons"]
    {}
    """
    launchers = {**LAUNCHERS, "jupyterhub_url": hub} if hub else LAUNCHERS
    return {
        "repository_url": url or "",
        "repository_branch": branch,
        "path_to_docs": "",  # the book stands at the root of the repository
        "use_repository_button": url is not None,
        "use_edit_page_button": False,
        "use_issues_button": False,
        "launch_buttons": launchers if url else {},
    }


def set_theme_options(app: Sphinx, config: Config) -> None:
    """Replace Jupyter Book's default repository by the one that builds."""
    url = repository_url(os.environ, Path(app.srcdir))
    branch = os.environ.get("BOOK_REPOSITORY_BRANCH") or "main"
    config.html_theme_options = {
        **config.html_theme_options,
        **theme_options(url, branch, hub_url(os.environ)),
    }


def setup(app: Sphinx) -> None:
    """Set the options before the theme reads them."""
    app.connect("config-inited", set_theme_options)
