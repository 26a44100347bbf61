"""The checker as a command: ``python -m review PATH...``.

Exit status: 0 nothing found, 1 findings or something that cannot be read, 2 the
command was called wrongly.
"""

import io
import os
import sys
from pathlib import Path

import click

try:
    from .checker import check_path
    from .formats import FORMATS, explain
    from .rules import RULES
except ModuleNotFoundError as error:
    print(f"The checker needs {error.name}: pip install {error.name}", file=sys.stderr)
    sys.exit(2)


def chosen(select: tuple[str, ...], ignore: tuple[str, ...], hints: bool) -> list[str]:
    """Return the codes of the rules to run, in order.

    Raises:
        click.UsageError: if a code fits no rule.
    """
    select = tuple(code.upper() for text in select for code in text.split(","))
    ignore = tuple(code.upper() for text in ignore for code in text.split(","))
    for prefix in select + ignore:
        if not any(code.startswith(prefix) for code in RULES):
            raise click.UsageError(f"No rule's code begins with {prefix!r}.")
    return [
        code
        for code, rule in sorted(RULES.items())
        if (not select or code.startswith(select))
        and not (ignore and code.startswith(ignore))
        and (hints or rule.severity != "hint" or code in select)
    ]


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("paths", nargs=-1, metavar="PATH...")
@click.option(
    "--format",
    "form",
    type=click.Choice(list(FORMATS)),
    default="text",
    show_default=True,
    help="github writes annotations for GitHub Actions, sarif is for code scanning.",
)
@click.option(
    "--select",
    multiple=True,
    metavar="CODES",
    help="Only rules whose code begins so: NOTE05 for note 5. Repeat, or use commas.",
)
@click.option("--ignore", multiple=True, metavar="CODES", help="All but these rules.")
@click.option("--hints", is_flag=True, help="Show what is only worth a look, too.")
@click.option(
    "--book",
    default="",
    metavar="ADDRESS",
    help="Where the book lies, to put in front of the chapters' addresses.",
)
@click.option(
    "--explain",
    "explained",
    metavar="CODE",
    help="Print a rule with an example, what to write instead, and its chapter.",
)
def main(
    paths: tuple[str, ...],
    form: str,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    hints: bool,
    book: str,
    explained: str | None,
) -> None:
    """Find the seventeen slips in training code.

    PATH is a Python file, a notebook, or a folder of them. In a folder, values are
    followed through imports from one file to the next. Nothing is executed.

    A comment "# noqa: NOTE051" excuses a line from one rule, "# noqa" from all.

    Exit status 0: nothing found; 1: findings; 2: called wrongly.
    """
    if explained is not None:
        rule = RULES.get(explained.upper())
        if rule is None:
            raise click.UsageError(f"There is no rule {explained!r}.")
        click.echo(explain(rule, book))
        return
    if not paths:
        raise click.UsageError("Name a file, a notebook or a folder to check.")
    codes = chosen(select, ignore, hints)
    for path in paths:
        try:
            os.stat(path)
        except OSError as error:
            why = f"{path!r} cannot be checked ({error.strerror})."
            raise click.UsageError(why) from error
    findings = [f for path in paths for f in check_path(Path(path), codes)]
    text = FORMATS[form](findings, book)
    if text:
        if isinstance(sys.stdout, io.TextIOWrapper):  # a console may lack letters
            sys.stdout.reconfigure(errors="backslashreplace")
        click.echo(text)
    sys.exit(1 if findings else 0)


if __name__ == "__main__":
    main(prog_name=f"python -m {__package__}")
