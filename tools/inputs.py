"""What decides the outputs of a notebook, as one digest.

These are its code cells, the modules of ``helpers`` that they reach, the assets of
``helpers``, and what ``book/evidence`` holds if a cell shows it.
"""

import ast
import hashlib
from collections.abc import Iterator
from pathlib import Path

from nbformat import NotebookNode

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = "helpers"


def inputs_digest(notebook: NotebookNode) -> str:
    """Return the SHA-256 of everything that decides a notebook's outputs."""
    digest = hashlib.sha256()
    cells = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    for source in cells:
        digest.update(source.encode() + b"\0")
    for path in reached("\n".join(cells)):
        digest.update(path.relative_to(ROOT).as_posix().encode() + b"\0")
        digest.update(code_without_comments(path).encode() + b"\0")
    files = sorted((ROOT / PACKAGE / "assets").rglob("*"))
    if needs_gpu(notebook):
        files += sorted((ROOT / "book" / "evidence").glob("*.json"))
    for path in files:
        if path.is_file():
            digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def needs_gpu(notebook: NotebookNode) -> bool:
    """Whether a cell measures on a GPU, or shows what one has given."""
    return any(
        cell.cell_type == "code" and "evidence.on_gpu(" in cell.source
        for cell in notebook.cells
    )


# --- which modules ---------------------------------------------------------------


def reached(source: str) -> list[Path]:
    """Return the modules of ``helpers`` that code imports, or whose imports do."""
    found: set[Path] = set()
    todo = list(imported(ast.parse(source)))
    while todo:
        for path in set(module_files(todo.pop())) - found:
            found.add(path)
            package = path.relative_to(ROOT).parent.as_posix().replace("/", ".")
            todo += imported(ast.parse(path.read_text("utf-8")), package)
    return sorted(found)


def imported(tree: ast.Module, package: str = "", top: str = PACKAGE) -> Iterator[str]:
    """Yield the dotted names of a package that code imports, wherever it does.

    ``from helpers.a import b`` gives ``helpers.a.b``: ``b`` may be a module. What is
    started with ``python -m`` counts as well.

    Args:
        package: of the code, for imports that start with a dot.
        top: the package.
    """
    for node in ast.walk(tree):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: 1 - node.level or None] if node.level else []
            start = ".".join([*above, *([node.module] if node.module else [])])
            names = [f"{start}.{alias.name}" for alias in node.names]
        elif isinstance(node, (ast.List, ast.Tuple, ast.Call)):
            words = node.args if isinstance(node, ast.Call) else node.elts
            names = [f"{name}.__main__" for name in started(words)]
        yield from (name for name in names if name.split(".")[0] == top)


def started(words: list[ast.expr]) -> Iterator[str]:
    """Yield what follows ``"-m"`` among the words of a command."""
    texts = [word.value if isinstance(word, ast.Constant) else "" for word in words]
    for before, name in zip(texts, texts[1:], strict=False):
        if before == "-m" and isinstance(name, str):
            yield name


def module_files(name: str) -> Iterator[Path]:
    """Yield the files that importing a dotted name runs: a module, and its packages.

    What is no module, such as the last word of ``helpers.errors.UserError``, has no
    file.
    """
    parts = name.split(".")
    for length in range(1, len(parts) + 1):
        path = ROOT.joinpath(*parts[:length])
        for file in (path / "__init__.py", path.with_suffix(".py")):
            if file.is_file():
                yield file


# --- what they do ----------------------------------------------------------------


def code_without_comments(path: Path) -> str:
    """Return what a Python file does: its syntax tree without docstrings.

    The text is the same under every Python, unlike that of ``ast.dump`` and
    ``ast.unparse``: what is empty is left out, because newer versions add fields,
    and 3.12 puts an empty text behind some values of an f-string.
    """
    return tree_without_docstrings(ast.parse(path.read_text("utf-8")))


def short_digest(path: Path) -> str:
    """Return sixteen digits that change with what a Python file does."""
    return hashlib.sha256(code_without_comments(path).encode()).hexdigest()[:16]


def tree_without_docstrings(tree: ast.AST) -> str:
    """Return a syntax tree as text, and empty its docstrings."""
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list) and body and isinstance(body[0], ast.Expr):
            value = body[0].value
            if isinstance(value, ast.Constant) and isinstance(value.value, str):
                value.value = ""
    return "\n".join(_lines(tree))


def _lines(node: ast.AST, depth: int = 0) -> Iterator[str]:
    """Yield a syntax tree, one line for each node and each value."""
    yield f"{depth} {type(node).__name__}"
    for name, field in ast.iter_fields(node):
        for part in field if isinstance(field, list) else [field]:
            if isinstance(node, ast.JoinedStr) and getattr(part, "value", 0) == "":
                continue
            if isinstance(part, ast.AST):
                yield f"{depth} .{name}"
                yield from _lines(part, depth + 1)
            elif part is not None:
                yield f"{depth} .{name} {part!r}"
