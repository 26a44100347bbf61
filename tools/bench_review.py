"""Measure the static checker: what it finds, how fast, and what it survives.

    python tools/bench_review.py [corpus] [speed] [mangled]

``mangled`` checks 10,000 damaged programs; the checker must give an answer to each.
"""

import ast
import copy
import json
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import click

from review.checker import UNREADABLE, Folder, check_file
from review.pairs import judge_all
from review.rules import RULES
from sidebyside import alternate, seconds_of, show

ROOT = Path(__file__).resolve().parent.parent
CORPUS = ROOT / "tests" / "review_corpus"
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


BENCHES = {"corpus": bench_corpus, "speed": bench_speed, "mangled": bench_mangled}


def bench_all(names: tuple[str, ...] = ()) -> None:
    """Run some of the measurements, or all."""
    for name in names or BENCHES:
        BENCHES[name]()


@click.command()
@click.argument("names", nargs=-1, type=click.Choice(list(BENCHES)))
def main(names: tuple[str, ...]) -> None:
    """Measure the checker; all of it by default."""
    bench_all(names)


if __name__ == "__main__":
    main()
