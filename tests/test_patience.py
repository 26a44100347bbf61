"""No test, tool or notebook gives another result on a slow machine.

Whatever waits does so for ``tools/patience.py``'s time. A shorter limit that decides
nothing is named here, with the reason.
"""

import ast
import re
import tomllib
from collections.abc import Iterator

import pytest

from notebook_files import PATHS, ROOT, code_cells, read
from patience import HANGS

ALLOWED = {
    "c.MappingKernelManager.cull_idle_timeout = 20 * 60": "a class's server, idle",
    "c.Spawner.start_timeout = c.Spawner.http_timeout = 600": "a class's server",
    "timeout = 0.2": "ends an endless notebook, which has begun",
}
CLOCKS = r"\b(monotonic|perf_counter|process_time|thread_time|time\.time)\(\)"
WAITS = r"(?i)time_?out|deadline|^(wait|communicate|join)$"


def limits(code: str) -> Iterator[str]:
    """Yield what a slow machine may meet: a number that limits a wait, and an
    assertion or a loop that reads a clock."""
    for node in ast.walk(ast.parse(code)):
        given: list[ast.expr | None] = []
        match node:
            case ast.Call(func, args, keywords):
                given = [k.value for k in keywords if re.search(WAITS, k.arg or "")]
                name = getattr(func, "attr", getattr(func, "id", ""))
                given += args if re.search(WAITS, name) else []
            case ast.Assign(targets, value):
                if any(re.search(WAITS, ast.unparse(target)) for target in targets):
                    given = [value]
            case ast.Assert(test) | ast.While(test):
                if re.search(CLOCKS, ast.unparse(test)) and "HANGS" not in code:
                    yield ast.unparse(test)
        if any(re.fullmatch(r"[\d_.* ]+", ast.unparse(v)) for v in given if v):
            yield ast.unparse(node)


def sources() -> Iterator[tuple[str, str]]:
    """Yield the name and the code of each test, tool and notebook."""
    for folder in ("tests", "tools", "book/_ext"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            if not {"review_pairs", "review_corpus"} & set(path.parts):
                yield str(path.relative_to(ROOT)), path.read_text("utf-8")
    for path in PATHS:
        cells = [c.source for c in code_cells(read(path)) if "%" not in c.source[:1]]
        yield path.name, "\n".join(cells)


def test_nothing_waits_for_less_than_what_hangs():
    found = [
        f"{name}: {limit}"
        for name, code in sources()
        for limit in limits(code)
        if limit not in ALLOWED
    ]
    assert not found, "\n".join(found)


def test_nbval_waits_as_long():
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    options = settings["tool"]["pytest"]["ini_options"]["addopts"].split()
    for name in ("--nbval-cell-timeout", "--nbval-kernel-startup-timeout"):
        assert int(options[options.index(name) + 1]) == HANGS


@pytest.mark.parametrize(
    "code",
    [
        "run(command, timeout=60)",
        "process.wait(10)",
        "page.set_default_timeout(15_000)",
        "TIMEOUT = 15_000",
        "RUN_TIMEOUT = 3 * 60",
        "assert time.monotonic() - start < 20",
        "while performance() or time.perf_counter() < end: pass",
    ],
)
def test_a_short_limit_is_found(code):
    assert list(limits(code))
