"""Ask the web for every address that the book names, and report what it says.

    python tools/check_links.py             a table in Markdown
    python tools/check_links.py --strict    the same; status 1 if an address is gone

Sphinx's own ``linkcheck`` asks: each address once, with retries, and with patience
where a site says that it is asked too often; its settings are in ``_config.yml``. It
sees what a reader sees, so notebooks, bibliography and magic numbers are in it. A
refusal (403) is often meant for machines only: look with a browser before you
change an address.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import click

import record
from helpers.errors import UserError

GONE = ("broken", "timeout")
SHOWN = (*GONE, "redirected")
PERMANENT = (301, 308)  # a redirection that asks to be followed for good
CELL = 160  # characters that a cell of the table may have


class Link(NamedTuple):
    """What the web said of one address."""

    address: str
    page: str  # where it was found first
    status: str  # as Sphinx names it
    code: int
    said: str  # an error, or where a redirection leads


def check(root: Path, output: Path) -> list[Link]:
    """Ask for every address of a book, and return what was said, sorted.

    Args:
        root: the folder of ``_config.yml``.
        output: a folder for what Sphinx writes.

    Raises:
        UserError: if the book cannot be read.
    """
    # Its exit status says that a link is broken, which is no failure here.
    done = subprocess.run(
        [
            *(sys.executable, "-c", "from jupyter_book.cli.main import main; main()"),
            *("build", str(root), "--path-output", str(output), "--all"),
            *("--builder", "linkcheck", "--quiet"),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    results = output / "_build" / "html" / "output.json"  # Jupyter Book's choice
    if not results.exists():
        raise UserError(f"The book cannot be read: {done.stderr[-500:]}")  # the end
    return read(results)


def read(results: Path) -> list[Link]:
    """Return what Sphinx wrote of other sites, sorted."""
    entries = map(json.loads, results.read_text("utf-8").splitlines())
    return sorted(
        Link(
            entry["uri"],
            entry["filename"],
            entry["status"],
            entry["code"],
            entry["info"],
        )
        for entry in entries
        if entry["status"] not in ("local", "unchecked")
    )


def report(links: list[Link]) -> str:
    """Return a table of what needs a look, with a line of numbers above it."""
    gone = sum(link.status in GONE for link in links)
    shown = [
        link
        for link in links
        if link.status in GONE
        or (link.status == "redirected" and link.code in PERMANENT)
    ]
    lines = [f"{len(links)} addresses, {gone} of them did not answer as they should."]
    if shown:
        lines += ["", "| Status | Address | Where | What was said |", "|---" * 4 + "|"]
    for link in sorted(shown, key=lambda link: SHOWN.index(link.status)):
        cells = (link.status, link.address, link.page, link.said)
        texts = (" ".join(text.split()).replace("|", r"\|") for text in cells)
        lines.append("| " + " | ".join(text[:CELL] for text in texts) + " |")
    return "\n".join(lines)


@click.command()
@click.option("--strict", is_flag=True, help="Exit with 1 if an address is gone.")
def main(strict: bool) -> None:
    """Ask the web for every address that the book names."""
    click.echo("Asking for every address: some minutes.", err=True)
    try:
        links = check(record.ROOT, record.ROOT / "_build" / "links")
    except UserError as error:
        sys.exit(str(error))
    click.echo(report(links))
    if strict and any(link.status in GONE for link in links):
        sys.exit(1)


if __name__ == "__main__":
    main()
