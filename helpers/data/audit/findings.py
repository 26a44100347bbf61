"""The result of `helpers.data.audit.audit`: findings as data and as a table."""

import html
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from helpers.text import few, printable, table

Severity = Literal["error", "warning", "hint"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "hint")
HEAD = ("Severity", "Count", "Where", "What it is", "What to do")
WIDTHS = (8, 5, 16, 37, 26)  # columns of the table; 100 with the gaps of two


@dataclass(frozen=True)
class Finding:
    """One kind of trouble, with every path (relative to the root) that has it."""

    code: str
    severity: Severity
    where: str
    message: str
    action: str
    paths: tuple[str, ...]

    @property
    def examples(self) -> str:
        """The first few paths, fit to print."""
        return few(self.paths)


@dataclass(frozen=True, repr=False)
class Audit:
    """Counts and findings; printed, a table of them.

    `splits` is split -> class -> number of readable images. A folder without
    splits has the one split ``"."``.
    """

    root: Path
    splits: dict[str, dict[str, int]]
    findings: tuple[Finding, ...]

    @property
    def ok(self) -> bool:
        """True if no finding is an error; warnings and hints may remain."""
        return all(f.severity != "error" for f in self.findings)

    def to_dict(self) -> dict[str, Any]:
        """The report in JSON's types; names that are not valid UTF-8 are escaped."""
        rows = [asdict(f) | {"count": len(f.paths)} for f in self.findings]
        for row in rows:
            row["paths"] = [printable(path) for path in row["paths"]]
        splits = {
            split: {printable(label): n for label, n in counts.items()}
            for split, counts in self.splits.items()
        }
        root = printable(str(self.root))
        return {"root": root, "ok": self.ok, "splits": splits, "findings": rows}

    def _summary(self) -> list[str]:
        lines = [
            ("" if split == "." else f"{split}: ")
            + f"classes {len(counts)}, readable images {sum(counts.values()):,}"
            for split, counts in self.splits.items()
        ]
        levels = [f.severity for f in self.findings]
        total = ", ".join(f"{s}s: {levels.count(s)}" for s in SEVERITIES)
        return [*lines, total.capitalize() if levels else "Nothing to report."]

    def __str__(self) -> str:
        """The findings as a table of at most 100 columns."""
        lines = self._summary()
        indent = " " * (sum(WIDTHS[:2]) + 4)  # to the column "Where", after two gaps
        rest = sum(WIDTHS[2:]) + 4
        if self.findings:
            lines += ["", *_table(HEAD), *_table(["-" * width for width in WIDTHS])]
        for f in self.findings:
            lines += _table(
                [f.severity, f"{len(f.paths)}", f.where, f.message, f.action]
            )
            lines += [indent + line for line in table([[f.examples]], [rest])] + [""]
        return "\n".join(lines).rstrip()

    __repr__ = __str__

    def _repr_html_(self) -> str:
        """The same table for Jupyter; its colours are those of the page."""
        columns = "".join(f'<th scope="col">{name}</th>' for name in (*HEAD, "Paths"))
        body = ""
        for f in self.findings:
            where, message, action, paths = map(
                html.escape, (f.where, f.message, f.action, f.examples)
            )
            body += (
                f"<tr><td>{f.severity}</td><td>{len(f.paths)}</td><td>{where}</td>"
                f'<th scope="row">{message}</th><td>{action}</td><td>{paths}</td></tr>'
            )
        summary = "<br>".join(map(html.escape, self._summary()))
        if not body:
            return f"<p>{summary}</p>"
        return (
            f'<table class="audit"><caption>{summary}</caption><thead><tr>{columns}'
            f"</tr></thead><tbody>{body}</tbody></table>"
        )


def _table(row: Sequence[str]) -> list[str]:
    return table([row], WIDTHS, right=[1])
