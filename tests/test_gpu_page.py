"""The page *Measured on GPUs*: what it shows, and what it refuses."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from bs4 import BeautifulSoup, Tag

from built_book import ROOT, build
from helpers.notebook import evidence
from helpers.notebook.evidence import FIGURES, Row
from toys import evidence_of

CARD_A = evidence_of(
    "Test card A",
    dali="2.1.0",
    figures={
        "loader-throughput": (
            Row("DataLoader", 1, 5, 2345.6, (2300.0, 2400.0)),
            Row("DALI, mixed", 1, 5, 4691.2, (4600.0, 4700.0)),
        ),
        "compile-calls": (  # so far apart that the axis is logarithmic
            Row("call 1", 0, 3, 8765.0, (8000.0, 9000.0)),
            Row("call 2", 1, 3, 0.0, (0.0, 0.0)),
            Row("call 3", 2, 3, 0.25, (0.0, 0.5)),
        ),
    },
)
CARD_B = evidence_of(
    "Test card B",
    tests=("test_a_benchmark_runs_on_the_device",),
    figures={
        "loader-throughput": (
            Row("DataLoader", 1, 5, 1111.0, (1100.0, 1150.0)),
            Row("DataLoader, 1 worker", 1, 5, 222.2, (200.0, 250.0)),
        )
    },
)


@pytest.fixture
def mini(tmp_path: Path) -> Path:
    """Return a book with the page and a stand-in for each chapter it links to."""
    root = tmp_path / "mini"
    ignore = shutil.ignore_patterns("__pycache__", "*.png")
    for folder in ("_ext", "_static"):
        shutil.copytree(ROOT / "book" / folder, root / "book" / folder, ignore=ignore)
    shutil.copy(ROOT / "_config.yml", root)
    shutil.copy(ROOT / "book" / "measured-on-gpus.md", root / "book")
    (root / "tests").mkdir()
    shutil.copy(ROOT / "tests" / "test_gpu.py", root / "tests")
    (root / "book" / "references.bib").touch()
    (root / "notebooks").mkdir()
    toc = "format: jb-book\nroot: book/measured-on-gpus\nchapters:\n"
    for name in sorted({figure.chapter for figure in FIGURES.values()}):
        text = f"# Title of {name}\n"
        (root / "notebooks" / f"{name}.md").write_text(text, encoding="utf-8")
        toc += f"- file: notebooks/{name}\n"
    (root / "_toc.yml").write_text(toc, encoding="utf-8")
    return root


def built(root: Path) -> BeautifulSoup:
    """Build the book and return the page."""
    done = build(root, root.parent)
    assert done.returncode == 0, done.stderr
    path = root.parent / "_build" / "html" / "book" / "measured-on-gpus.html"
    return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")


def section(soup: BeautifulSoup, key: str) -> Tag:
    """Return the section of a figure, or of the cards."""
    found = soup.find("section", id=f"gpu-{key}")
    assert isinstance(found, Tag)
    return found


def cells(table: Tag) -> list[list[str]]:
    """Return the texts of a table, row by row, with plain spaces."""
    return [
        [" ".join(cell.get_text(" ").split()) for cell in row.find_all(["th", "td"])]
        for row in table.find_all("tr")
    ]


def test_the_page_shows_each_card_as_soon_as_its_file_is_there(mini: Path) -> None:
    before = built(mini)
    for key, figure in FIGURES.items():
        shown = section(before, key).get_text()
        assert "Not recorded yet." in shown, key
        assert f"Title of {figure.chapter}" in shown, key
    assert "No card has been recorded yet" in section(before, "cards").get_text()
    assert not before.select("article table, article img")
    never = section(before, "never")
    names = {it.get_text() for it in never.select("li")}
    assert "recorded graphs answer as the network does" in names
    assert f"0 of {len(names)} have passed on a card" in never.get_text()

    for card in (CARD_A, CARD_B):  # nothing else is touched
        evidence.write(card, mini / "book" / "evidence")
    after = built(mini)
    assert len(after.select("section > p:-soup-contains('Not recorded yet.')")) == 7

    machines = section(after, "cards").table
    assert machines is not None
    head, *facts = cells(machines)
    assert head == ["Card", "Test card A", "Test card B"]
    assert ["DALI", "2.1.0", "absent"] in facts
    assert ["CPU", *["Test CPU, 16 cores"] * 2] in facts
    assert ["Multiprocessors", "132", "132"] in facts
    assert ["Waiting for an idle GPU", "5.5 µs", "5.5 µs"] in facts
    left = {it.get_text() for it in section(after, "never").select("li")}
    passed = {"the device is chosen by name", "a benchmark runs on the device"}
    assert names - left == passed  # one on either card

    loader = section(after, "loader-throughput").table
    assert loader is not None
    assert loader.caption is not None
    assert "images/s" in loader.caption.get_text()
    assert cells(loader) == [
        ["Line", "Test card A 2026-01-31", "Test card B 2026-01-31"],
        [
            "DataLoader",
            "2,346 2,300 to 2,400 · 5 runs · 1 warm-up · ×1.0",
            "1,111 1,100 to 1,150 · 5 runs · 1 warm-up · ×1.0",
        ],
        [
            "DALI, mixed",
            "4,691 4,600 to 4,700 · 5 runs · 1 warm-up · ×2.0",
            "– DALI was absent",
        ],
        [
            "DataLoader, 1 worker",
            "– not measured",
            "222 200 to 250 · 5 runs · 1 warm-up · ×0.2",
        ],
    ]
    assert [len(row.find_all("th")) for row in loader.find_all("tr")] == [3, 1, 1, 1]
    calls = section(after, "compile-calls").table
    assert calls is not None
    assert cells(calls)[1][2] == "– not recorded"

    charts = after.select("article img")
    assert len(charts) == 2
    for chart in charts:
        path = mini.parent / "_build" / "html" / "book" / str(chart["src"])
        assert path.resolve().parent.name == "_images"
        assert path.read_bytes().startswith(b"\x89PNG")
        assert str(chart["width"]) == "360"
        assert int(str(chart["height"])) > 100
        assert "Test card A" in str(chart["alt"])
    assert "222 (DataLoader, 1 worker) to 1,111 (DataLoader)" in str(charts[0]["alt"])
    assert not list(mini.rglob("*.png"))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"driver": ""}, "test-card-a.json lacks driver"),
        ({"card": evidence.FAKE_CARD}, "comes from a rehearsal and not from a GPU"),
    ],
)
def test_the_book_refuses_a_wrong_file(mini: Path, change: dict, message: str) -> None:
    path = evidence.write(replace(CARD_A, **change), mini / "book" / "evidence")
    found = json.loads(path.read_text(encoding="utf-8"))
    kept = {key: value for key, value in found.items() if value != ""}
    path.write_text(json.dumps(kept), encoding="utf-8")
    done = build(mini, mini.parent)
    assert done.returncode != 0
    assert f"WARNING: {path.name}" in done.stderr
    assert message in done.stderr
    assert "measured-on-gpus.md:" in done.stderr
    assert "Traceback" not in done.stderr
