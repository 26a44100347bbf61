"""Findings as text, JSON, SARIF or annotations of GitHub Actions."""

import json
import os
from collections.abc import Callable, Sequence
from urllib.parse import quote

from .checker import Finding
from .rule import MEANING, Rule

SARIF_SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json"
)
LEVELS = {"error": "error", "warning": "warning", "hint": "note"}  # SARIF's words
GITHUB = {"error": "error", "warning": "warning", "hint": "notice"}


def printable(text: str) -> str:
    """Make a file name fit for every terminal: odd bytes are written out."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def page(rule: Rule, book: str) -> str:
    """The address of a rule's chapter in a book that lies at ``book``."""
    return f"{book.rstrip('/')}/{rule.page}.html" if book else f"{rule.page}.html"


def position(finding: Finding) -> str:
    """File, line and column, with the cell of a notebook."""
    line, column, cell = finding.place
    inside = "" if cell is None else f"cell {cell}:"
    return f"{printable(finding.path)}:{inside}{line}:{column}"


def as_text(findings: Sequence[Finding], book: str) -> str:
    """One finding in four lines, and a last line with their number."""
    blocks = []
    for finding in findings:
        block = f"{position(finding)}: {finding.code} {finding.text}"
        if (rule := finding.rule) is not None:
            block += (
                f"\n    {rule.severity}: {rule.title}\n    Instead: {rule.instead}"
                f"\n    Chapter: {page(rule, book)}"
            )
        blocks.append(block)
    if findings:
        counts = [
            f"{number} {level}{'s' if number > 1 else ''}"
            for level in MEANING
            if (number := sum(f.severity == level for f in findings))
        ]
        blocks.append("Found " + ", ".join(counts) + ".")
    return "\n".join(blocks)


def as_json(findings: Sequence[Finding], book: str) -> str:
    """A list of objects."""
    rows = []
    for finding in findings:
        row: dict[str, object] = {
            "path": printable(finding.path),
            "line": finding.place.line,
            "column": finding.place.column,
            "cell": finding.place.cell,
            "code": finding.code,
            "severity": finding.severity,
            "message": finding.text,
        }
        if (rule := finding.rule) is not None:
            row["instead"], row["chapter"] = rule.instead, page(rule, book)
        rows.append(row)
    return json.dumps(rows, indent=2)


def as_github(findings: Sequence[Finding], book: str) -> str:
    """Annotations that GitHub Actions shows beside the lines of a pull request."""
    lines = []
    for finding in findings:
        line, column, cell = finding.place
        where = f"file={_property(printable(finding.path))}"
        text = finding.text
        if cell is None:
            where += f",line={line},col={column}"
        else:  # the lines of a notebook's file are not those of its cells
            text = f"Cell {cell}, line {line}: {text}"
        if finding.rule is not None:
            text += f" {finding.rule.instead} {page(finding.rule, book)}"
        kind = GITHUB[finding.severity]
        lines.append(f"::{kind} {where},title={finding.code}::{_data(text)}")
    return "\n".join(lines)


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def as_sarif(findings: Sequence[Finding], book: str) -> str:
    """SARIF 2.1.0, for code scanning."""
    rules = {f.code: f.rule for f in findings}
    ids = sorted(rules)
    described = []
    for code in ids:
        entry: dict[str, object] = {"id": code}
        if (rule := rules[code]) is not None:
            entry |= {
                "shortDescription": {"text": rule.title},
                "fullDescription": {"text": rule.why},
                "help": {"text": f"{rule.instead} See {page(rule, book)}."},
                "defaultConfiguration": {"level": LEVELS[rule.severity]},
            }
        described.append(entry)
    results = [
        {
            "ruleId": finding.code,
            "ruleIndex": ids.index(finding.code),
            "level": LEVELS[finding.severity],
            "message": {"text": finding.text},
            "locations": [_location(finding)],
        }
        for finding in findings
    ]
    driver = {"name": "seventeen-notes review", "rules": described}
    run = {"tool": {"driver": driver}, "results": results}
    log = {"$schema": SARIF_SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(log, indent=2)


def _location(finding: Finding) -> dict[str, object]:
    uri = quote(printable(finding.path).replace(os.sep, "/"))
    physical: dict[str, object] = {"artifactLocation": {"uri": uri}}
    line, column, cell = finding.place
    if cell is None:
        physical["region"] = {"startLine": line, "startColumn": column}
        return {"physicalLocation": physical}
    name = f"cell {cell}, line {line}"
    return {"physicalLocation": physical, "logicalLocations": [{"name": name}]}


FORMATS: dict[str, Callable[[Sequence[Finding], str], str]] = {
    "text": as_text,
    "json": as_json,
    "sarif": as_sarif,
    "github": as_github,
}


def explain(rule: Rule, book: str) -> str:
    """All there is to say about a rule: example, what happens, what to write."""

    def indented(code: str) -> str:
        return "\n".join(f"    {line}".rstrip() for line in code.splitlines())

    return (
        f"{rule.code} ({rule.severity}: {MEANING[rule.severity]})\n{rule.title}\n\n"
        f"{rule.why}\n\nExample:\n\n{indented(rule.slip)}\n\n"
        f"Instead: {rule.instead}\n\n{indented(rule.mended)}\n\n"
        f"Chapter: {page(rule, book)}"
    )
