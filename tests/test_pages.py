"""The pages to look things up: whole, and made from what they claim to be made from."""

import json
import re
from pathlib import Path

import pytest
from bs4 import BeautifulSoup, Tag

import pdf
from built_book import ROOT, needs_chromium, page
from helpers.model.resnet import ResNet, count_parameters, shape_trace
from seventeen import notebook_pages, shapes, source_list, status, verdicts

NOTEBOOKS = notebook_pages.read_all(ROOT)
CHAPTERS = [notebook for notebook in NOTEBOOKS if notebook.number]
Pages = dict[Path, BeautifulSoup]


def words(text: str) -> str:
    """Return the letters and digits of a text, whatever its mark-up."""
    return re.sub(r"[\W_]+", "", re.sub(r"\$[^$]*\$|\\\(.*?\\\)", "", text))


def only(soup: BeautifulSoup, selector: str) -> Tag:
    """Return the one element that a selector finds."""
    (found,) = soup.select(selector)
    return found


def write(path: Path, markdown: str, metadata: dict, outputs: list[str]) -> None:
    """Write a notebook with one Markdown cell and a code cell for each output."""
    cells: list[dict] = [{"cell_type": "markdown", "source": markdown}]
    for text in outputs:
        output = {"output_type": "stream", "name": "stdout", "text": text}
        cells.append({"cell_type": "code", "source": "x", "outputs": [output]})
    path.write_text(json.dumps({"metadata": metadata, "cells": cells}), "utf-8")


def test_the_notebooks_are_read_in_the_order_of_the_book() -> None:
    assert [notebook.number for notebook in CHAPTERS] == [*range(1, verdicts.COUNT + 1)]
    files = {path for part in ("notebooks", "book") for path in ROOT.glob(f"{part}/*")}
    assert {notebook.path for notebook in NOTEBOOKS} == {
        path for path in files if path.suffix == ".ipynb"
    }


# --- review checklist --------------------------------------------------------


def test_the_checklist_has_every_line_of_every_chapter(pages: Pages) -> None:
    soup = page(pages, "book/review-checklist.html")
    for notebook in CHAPTERS:
        section = only(soup, f"section#review-{notebook.number}")
        link = only(section.h2, "a.reference.internal")
        assert link["href"] == f"../{notebook.document}.html"
        assert link.get_text() == notebook.name
        lines = re.findall(r"^- (.+)$", notebook.section("In review"), re.MULTILINE)
        items = section.select("li")
        assert len(items) == len(lines) > 0
        for line, item in zip(lines, items, strict=True):
            assert words(item.get_text()) == words(line)


def test_the_checklist_keeps_mark_up_and_has_no_form(pages: Pages) -> None:
    soup = page(pages, "book/review-checklist.html")
    assert (
        len(soup.select(".review-checklist code")) > 50
    )  # as many as the chapters have
    # A formula would be TeX on paper where somebody prints before it is set.
    assert not soup.select(".review-checklist .math")
    assert not soup.select(".review-checklist input")


@needs_chromium
@pytest.mark.parametrize("paper", ["A4", "letter"])
def test_the_checklist_fits_on_one_sheet(
    site: Path, tmp_path: Path, paper: str
) -> None:
    text = pdf.sheet(site / "book" / "review-checklist.html")
    style = f"<style>@page {{size: {paper}}}</style></head>"
    page, printed = tmp_path / "page.html", tmp_path / "printed.pdf"
    page.write_text(text.replace("</head>", style), encoding="utf-8")
    pdf.print_page(page, printed)
    assert len(re.findall(rb"/Type\s*/Page\b", printed.read_bytes())) == 1


@pytest.mark.parametrize(
    ("text", "moved"),
    [
        ("[](../book/data.md)", "[](/book/data.md)"),
        ("[a](02_x.ipynb#why)", "[a](/notebooks/02_x.ipynb#why)"),
        ("[](#magic-width)", "[](#magic-width)"),
        ("[a](https://example.org/b)", "[a](https://example.org/b)"),
        ("[a](/book/data.md)", "[a](/book/data.md)"),
    ],
)
def test_links_work_on_another_page(text: str, moved: str) -> None:
    assert notebook_pages.relocate(text, "notebooks/01_x") == moved


# --- which note bit me -------------------------------------------------------


def test_every_note_has_a_symptom(pages: Pages) -> None:
    soup = page(pages, "book/which-note.html")
    answers = soup.select(".symptoms dd")
    assert len(answers) == len(soup.select(".symptoms dt"))
    named = set()
    for answer in answers:
        links = answer.select("a.reference.internal")
        assert links, answer.get_text()
        for link in links:
            if number := re.fullmatch(r"[Nn]ote (\d+)", link.get_text()):
                chapter = CHAPTERS[int(number[1]) - 1]
                assert f"{chapter.document}.html" in str(link["href"])
                named.add(chapter.number)
    assert named == {chapter.number for chapter in CHAPTERS}


# --- shapes ------------------------------------------------------------------


def test_the_shapes_are_those_of_the_network(pages: Pages) -> None:
    soup = page(pages, "book/shapes.html")
    drawing = only(soup, "svg.shape-trace")
    assert drawing["role"] == "img"
    for kind in ("title", "desc"):
        assert only(drawing, kind)["id"] in str(drawing["aria-labelledby"])
    network = ResNet(shapes.CLASSES)
    traced = shape_trace(network, (1, 3, shapes.SIDE, shapes.SIDE))
    sizes = [text.get_text() for text in drawing.select("text.shape-size")]
    assert sizes[0] == "[N, 3, 64, 64]"
    named = {shapes.written(row.output[1:]) for row in traced}
    assert set(sizes[1:]) == named
    rows = soup.select("table.shape-table tbody tr")
    assert len(rows) == len(sizes) - 1
    for row, before, after in zip(rows, sizes, sizes[1:], strict=False):
        assert row.select("td")[0].get_text().strip() == f"{before} → {after}"
    printed = [int(row.select("td")[1].get_text().replace(",", "")) for row in rows]
    assert sum(printed) == count_parameters(network)


def test_blocks_are_drawn_in_proportion() -> None:
    small, large = (shapes.cuboid((8, side, side), 0)[1] for side in (16, 32))
    assert large - small == pytest.approx(16 * shapes.PER_PIXEL)


def test_each_step_names_the_notes_about_it() -> None:
    notes = {step.name: step.notes for step in shapes.trace()}
    assert notes["layer1"] == ()
    assert notes["layer2"] == notes["layer3"] == (shapes.STRIDE, shapes.SHORTCUT)
    assert notes["layer4"] == (shapes.SHORTCUT, shapes.GRADCAM)
    assert notes["fc"] == (shapes.LOGITS,)


# --- status ------------------------------------------------------------------


def test_the_status_has_every_notebook_and_the_sums(pages: Pages) -> None:
    rows = only(page(pages, "book/status.html"), "table.status-table").select(
        "tbody tr"
    )
    assert len(rows) == len(NOTEBOOKS) + 1
    columns = []
    for row, notebook in zip(rows, NOTEBOOKS, strict=False):
        assert only(row, "th a")["href"].endswith(f"{notebook.path.stem}.html")
        columns.append([int(cell.get_text()) for cell in row.select("td")])
    totals = [int(cell.get_text().replace(",", "")) for cell in rows[-1].select("td")]
    assert totals == [sum(column) for column in zip(*columns, strict=True)]
    assert all(claims > 0 for _, claims, _ in columns)


def test_claims_seconds_and_cells_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "a.ipynb"
    outputs = ["✓ one: 1\nnoise ✓ not this\n✓ two\n", "", "✓ three\n"]
    write(path, "# Title", {"recorded": {"seconds": 7}}, outputs)
    assert status.figures(notebook_pages.Notebook("a", path)) == (7, 3, 3)
    write(path, "# Title", {}, [])
    assert status.figures(notebook_pages.Notebook("a", path)) == (0, 0, 0)


def test_versions_are_said_once_and_may_be_missing(tmp_path: Path) -> None:
    runs: list[dict] = [
        {"recorded": {"torch": "2.14.1", "cores": 2, "date": "2026-11-02"}},
        {"recorded": {"torch": "2.14.1", "cores": 4, "date": "2026-11-05"}},
        {"recorded": {"seconds": 1}},
        {},
    ]
    found = []
    for number, metadata in enumerate(runs):
        write(tmp_path / f"{number}.ipynb", "# T", metadata, [])
        found.append(notebook_pages.Notebook(f"{number}", tmp_path / f"{number}.ipynb"))
    assert status.facts(found) == {
        "Date": "2026-11-02 to 2026-11-05",
        "PyTorch": "2.14.1",
        "Cores": "2, 4",
    }
    assert status.facts(found[2:]) == {}


# --- sources -----------------------------------------------------------------


def test_every_thread_of_the_chapters_is_among_the_sources(pages: Pages) -> None:
    soup = page(pages, "book/references.html")
    listed = {str(link["href"]) for link in soup.select("dl.source-list a")}
    threads = {
        match[0]
        for notebook in NOTEBOOKS
        for match in re.finditer(
            r"https://github\.com/[\w.-]+/[\w.-]+/(issues|pull)/\d+", notebook.markdown
        )
    }
    assert len(threads) > 100  # so the pattern fits
    assert threads <= listed


def test_a_source_is_named_by_its_place(tmp_path: Path) -> None:
    text = (
        "# T\n\n[here](https://github.com/a/b/issues/3), "
        "[#4](https://github.com/a/b/pull/4), [2](https://github.com/a/b/issues/3), "
        "[`c.py`](https://github.com/a/b/blob/main/d/c.py), "
        "[guide](https://docs.example.org/stable/guide.html), "
        "[paper](https://arxiv.org/abs/1512.03385), [data](../book/data.md)"
    )
    write(tmp_path / "a.ipynb", text, {}, [])
    links = source_list.links(notebook_pages.Notebook("a", tmp_path / "a.ipynb"))
    assert [(link.kind, link.name) for link in links] == [
        ("thread", "a/b#3"),
        ("thread", "a/b#4"),
        ("page", "a/b: d/c.py"),
        ("page", "docs.example.org: guide"),
    ]
