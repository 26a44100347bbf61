"""Measure the static checker: what it finds, how fast, and what it survives.

    python tools/bench_review.py [corpus] [speed] [mangled] [expected]
    make bench-review CLONES="../one ../another"
    python tools/bench_review.py --judged _build/bench/clones.csv

``mangled`` checks 10,000 damaged programs; the checker must give an answer to each.
``expected`` writes down where each finding in the marked programs stands. With clones,
every finding in them goes into a table in ``_build/``, to be judged by a reader;
``--judged`` then counts how many are right, for each rule.
"""

import ast
import copy
import csv
import json
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import click

from review.checker import UNREADABLE, Folder, check_file, check_path
from review.pairs import PLACES, judge_all, note_of, where_found
from review.rules import LOUD, RULES
from sidebyside import alternate, seconds_of, show

ROOT = Path(__file__).resolve().parent.parent
CORPUS = ROOT / "tests" / "review_corpus"
PAIRS = ROOT / "tests" / "review_pairs"
MANGLED = 10_000
NOTEBOOKS = 0.1  # of the damaged programs
LENGTHS = (5_000, 10_000, 20_000)  # lines
CRASHED = "a bug"  # how the checker names an error of its own

# What is put into a program at random: brackets, words and odd characters.
SHARDS = [
    "(", ")", "[", "]", "{", "}", ":", "=", "+=", ",", ".", "@", "*", "**", "->", ":=",
    ";", "\\", '"', "'", "#", "\t", "\n", "\x00", "\ufeff", "\x0c", "é", "中", "0x",
    "1e999", 'f"', "r'", "if", "else", "for", "while", "def", "class", "return",
    "yield", "lambda", "import", "from", "with", "try", "except", "finally", "async",
    "await", "global", "nonlocal", "del", "match", "case", "None", "self", "super()",
    "*args", "**kwargs", "%time", "!ls",
]  # fmt: skip


def sources() -> list[str]:
    """The programs that are damaged: the corpus, and this project's own."""
    paths = [*CORPUS.glob("*.py"), *(ROOT / "helpers").glob("*.py")]
    return [path.read_text("utf-8") for path in sorted(paths)]


class Transplant(ast.NodeTransformer):
    """Puts expressions and statements of a program in each other's places."""

    def __init__(self, tree: ast.AST, dice: random.Random, share: float) -> None:
        nodes = list(ast.walk(tree))
        self.exprs = [n for n in nodes if isinstance(n, ast.expr)]
        self.stmts = [n for n in nodes if isinstance(n, ast.stmt)]
        self.dice, self.share = dice, share

    def visit(self, node: ast.AST) -> ast.AST:
        """Replace a node at random, else go on inside it."""
        if self.dice.random() < self.share:
            stored = isinstance(getattr(node, "ctx", None), ast.Store | ast.Del)
            if isinstance(node, ast.expr) and not stored:
                return copy.deepcopy(self.dice.choice(self.exprs))
            if isinstance(node, ast.stmt):
                return copy.deepcopy(self.dice.choice(self.stmts))
        return self.generic_visit(node)


def transplant(text: str, dice: random.Random) -> str:
    """Move parts of a program about: the result is mostly Python still."""
    tree = ast.parse(text)
    changed = Transplant(tree, dice, dice.choice((0.002, 0.02, 0.1))).visit(tree)
    try:
        return ast.unparse(ast.fix_missing_locations(changed))
    except (ValueError, RecursionError):  # for instance a sum inside an f-string
        return text


def mangle(text: str, dice: random.Random) -> bytes:
    """Damage a program in one of several ways, sometimes in more than one."""
    if dice.random() < 0.6:
        return transplant(text, dice).encode("utf-8", "replace")
    for _ in range(dice.choice((1, 1, 2, 5))):
        lines = text.split("\n")
        at = dice.randrange(len(lines))
        other = dice.randrange(len(lines))
        kind = dice.randrange(9)
        if kind == 0:
            text = text[: dice.randrange(len(text) + 1)]
        elif kind == 1:
            del lines[min(at, other) : max(at, other)]
            text = "\n".join(lines)
        elif kind == 2:
            lines[at], lines[other] = lines[other], lines[at]
            text = "\n".join(lines)
        elif kind == 3:
            lines[at] = " " * dice.randrange(12) + lines[at].strip()
            text = "\n".join(lines)
        elif kind == 4:
            place = dice.randrange(len(text) + 1)
            text = text[:place] + dice.choice(SHARDS) + text[place:]
        elif kind == 5:
            words = text.split(" ")
            swap = dice.randrange(len(words))
            words[swap] = dice.choice(words)
            text = " ".join(words)
        elif kind == 6:
            text = text.replace("self.", dice.choice(("", "self.self.", "x[0].")))
        elif kind == 7:
            lines[at:at] = lines[other : other + 20]
            text = "\n".join(lines)
        else:
            depth = dice.choice((3, 30, 300))
            text += "\nx = " + "(" * depth + "f" + ")" * depth
    raw = text.encode("utf-8", "replace")
    if dice.random() < 0.05:
        place = dice.randrange(len(raw) + 1)
        raw = raw[:place] + bytes([dice.randrange(256)]) + raw[place:]
    return raw


def as_notebook(raw: bytes, dice: random.Random) -> bytes:
    """Cut a program into cells; damage the notebook's own text in half of the cases."""
    cells = [
        {"cell_type": dice.choice(("code", "code", "markdown")), "source": part}
        for part in raw.decode("utf-8", "replace").split("\n\n\n")
    ]
    text = json.dumps({"cells": cells, "nbformat": 4})
    if dice.random() < 0.5:
        place = dice.randrange(len(text) + 1)
        text = text[:place] + dice.choice(SHARDS) + text[place + 3 :]
    return text.encode("utf-8", "replace")


def mangled(count: int, seed: int = 0) -> Iterator[tuple[str, bytes]]:
    """Damaged programs with their suffix, the same for the same seed."""
    dice = random.Random(seed)
    texts = sources()
    for _ in range(count):
        raw = mangle(dice.choice(texts), dice)
        if dice.random() < NOTEBOOKS:
            yield ".ipynb", as_notebook(raw, dice)
        else:
            yield ".py", raw


def long_program(lines: int) -> str:
    """A program of many lines: the corpus again and again, under other names."""
    texts = [p.read_text("utf-8") for p in sorted(CORPUS.glob("*.py"))]
    parts: list[str] = []
    length = 0
    while length < lines:
        text = texts[len(parts) % len(texts)]
        body = "\n".join(f"    {line}" for line in text.splitlines())
        parts.append(f"def program_{len(parts)}():\n{body}\n")
        length += parts[-1].count("\n")
    return "\n".join(parts)


def bench_corpus() -> None:
    """What is found in the pairs of ``tests/review_corpus``, and false alarms."""
    print("\nPairs with one marked slip each")
    outcomes = judge_all(CORPUS)
    for outcome in outcomes:
        codes = ", ".join(sorted({f.code for f in outcome.hits}))
        print(f"  {outcome.name:<38} {outcome.note:>3}  {outcome.verdict:<12} {codes}")
    slips = [o for o in outcomes if o.note]
    found = sum(o.verdict == "found" for o in slips)
    alarms = sum(len(o.alarms) for o in outcomes)
    print(f"  found {found} of {len(slips)}, false alarms {alarms}")
    bad = sorted(PAIRS.glob("*_bad*"))
    notes = [note_of(path.name.partition("_")[0]) for path in bad]
    places = Counter(map(where_found, bad, notes))
    print(f"\n{len(bad)} more pairs, by errors and warnings, and by hints alone")
    for place in PLACES:
        print(f"  {place:<20} {places[place, False]:>4} {places[place, True]:>4}")


def bench_speed() -> None:
    """Start-up, seconds per file of the corpus, and seconds by length."""
    start = seconds_of(sys.executable, "-m", "review", "--help")
    show("Start-up of the checker", "seconds", alternate({"--help": start}))
    paths = sorted(CORPUS.glob("*.py"))
    began = time.perf_counter()
    for path in paths:
        check_file(path, Folder(None), RULES)
    each = (time.perf_counter() - began) / len(paths)
    print(f"\n{len(paths)} files of the corpus: {each:.3f} seconds a file")
    scratch = ROOT / "_build" / "bench" / "long.py"
    scratch.parent.mkdir(parents=True, exist_ok=True)
    for lines in LENGTHS:
        scratch.write_text(long_program(lines))
        began = time.perf_counter()
        findings = check_file(scratch, Folder(None), RULES)
        seconds = time.perf_counter() - began
        print(f"  {lines:>6,} lines: {seconds:5.1f} seconds, {len(findings)} findings")
    scratch.unlink()


def bench_mangled() -> None:
    """How many of 10,000 damaged programs end in an error of the checker."""
    folder = ROOT / "_build" / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    answers: Counter[str] = Counter()
    began, slowest = time.perf_counter(), 0.0
    for suffix, raw in mangled(MANGLED):
        scratch = folder / f"mangled{suffix}"
        scratch.write_bytes(raw)
        start = time.perf_counter()
        findings = check_file(scratch, Folder(None), RULES)
        slowest = max(slowest, time.perf_counter() - start)
        unreadable = [f for f in findings if f.code == UNREADABLE]
        if any(CRASHED in f.text for f in unreadable):
            answers["an error of the checker"] += 1
        else:
            answers["not Python" if unreadable else "checked"] += 1
    seconds = time.perf_counter() - began
    print(f"\n{MANGLED:,} damaged programs in {seconds:.0f} seconds: {dict(answers)}")
    print(f"  slowest: {slowest:.2f} seconds")


def expected(*folders: Path) -> Iterator[str]:
    """Where each finding stands: file, line, column, code."""
    for folder in folders:
        for f in check_path(folder, RULES):
            place = f"{Path(f.path).relative_to(folder).as_posix()}:{f.place.line}"
            yield f"{place}:{f.place.column} {f.code}"


def write_expected() -> None:
    """Write the places of the findings in the marked programs anew."""
    text = "\n".join(expected(CORPUS, PAIRS)) + "\n"
    (ROOT / "tests" / "review_expected.txt").write_text(text, "utf-8")


def bench_clones(clones: tuple[Path, ...]) -> None:
    """Write every finding in some folders into a table, with a column to judge it.

    Raises:
        click.UsageError: if one of them is no folder.
    """
    if missing := [str(path) for path in clones if not path.is_dir()]:
        raise click.UsageError(f"No folder: {', '.join(missing)}.")
    table = ROOT / "_build" / "bench" / "clones.csv"
    table.parent.mkdir(parents=True, exist_ok=True)
    counts: Counter[tuple[str, str]] = Counter()
    with table.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["code", "severity", "place", "text", "line", "right"])
        for clone in clones:
            for f in check_path(clone, LOUD):
                counts[f.code, f.severity] += 1
                source = Path(f.path).read_text("utf-8", "replace").splitlines()
                plain = f.place.cell is None and f.place.line <= len(source)
                line = source[f.place.line - 1].strip() if plain else ""
                where = f"{f.path}:{f.place.cell or ''}:{f.place.line}"
                rows.writerow([f.code, f.severity, where, f.text, line, ""])
    for (code, severity), count in sorted(counts.items()):
        print(f"  {code} {severity:<8} {count:>5}")
    print(f"{sum(counts.values())} findings in {table}: judge each in the last column")
    print(f"with yes or no, then: python tools/bench_review.py --judged {table}")


def precision(table: Path) -> dict[tuple[str, str], tuple[int, int]]:
    """Read a judged table: (right, judged) by code and severity; others are left out.

    Raises:
        click.UsageError: if a judgement is neither yes nor no, or there is none.
    """
    found: dict[tuple[str, str], tuple[int, int]] = {}
    with table.open(encoding="utf-8", newline="") as file:
        for number, row in enumerate(csv.DictReader(file), 2):
            if not (said := (row.get("right") or "").strip().lower()):
                continue
            if said not in ("yes", "no"):
                raise click.UsageError(
                    f"{table}, row {number}: {said!r}, not yes or no."
                )
            kind = row["code"], row["severity"]
            right, judged = found.get(kind, (0, 0))
            found[kind] = right + (said == "yes"), judged + 1
    if not found:
        raise click.UsageError(f"{table}: no finding is judged in its column 'right'.")
    return found


def bench_judged(table: Path) -> None:
    """Print how many judged findings are right, for each rule and in all."""
    found = precision(table)
    for (code, severity), (right, judged) in sorted(found.items()):
        print(f"  {code} {severity:<8} {right:>5} of {judged:>5} right")
    right, judged = (sum(column) for column in zip(*found.values(), strict=True))
    print(f"{right} of {judged} right, {right / judged:.0%}")


BENCHES = {
    "corpus": bench_corpus,
    "speed": bench_speed,
    "mangled": bench_mangled,
}


def bench_all(names: tuple[str, ...] = ()) -> None:
    """Run some of the measurements, or all."""
    for name in names or BENCHES:
        BENCHES[name]()


@click.command()
@click.argument("names", nargs=-1, type=click.Choice([*BENCHES, "expected"]))
@click.option("--clones", multiple=True, type=click.Path(path_type=Path))
@click.option("--judged", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def main(names: tuple[str, ...], clones: tuple[Path, ...], judged: Path | None) -> None:
    """Measure the checker; all of it by default."""
    if judged:
        bench_judged(judged)
    elif clones:
        bench_clones(clones)
    elif "expected" in names:
        write_expected()
    else:
        bench_all(names)


if __name__ == "__main__":
    main()
