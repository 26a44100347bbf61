"""The book: it builds strictly, and what was built is whole and needs no network."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urldefrag, urlparse

import pytest
import yaml
from bs4 import BeautifulSoup

from built_book import FORK, ROOT, build, page
from helpers import magic
from seventeen import (
    bundle,
    chinese,
    figures,
    finish,
    magic_numbers,
    mathjax,
    repository,
    social,
    terms,
    verdicts,
)

CDN = re.compile(r"unpkg|jsdelivr|cdnjs|cdn\.")


def resources(soup: BeautifulSoup) -> Iterator[str]:
    """Yield the address of everything that a browser loads with a page."""
    for tag in soup.find_all(["script", "img", "source", "iframe", "video", "audio"]):
        if tag.get("src"):
            yield str(tag["src"])
    for tag in soup.find_all("link"):
        if "canonical" not in (tag.get("rel") or []):
            yield str(tag.get("href"))


# --- the built book ----------------------------------------------------------


def test_a_page_that_is_repaired_stays_as_it_is(site: Path, tmp_path: Path) -> None:
    """A later build reads pages again that it does not write."""
    for name in ("search", "book/welcome", "book/glossary"):
        path = site / f"{name}.html"
        text = path.read_text(encoding="utf-8")
        soup = BeautifulSoup(text, "html.parser")
        finish.repair(soup, path)
        bundle.bundle(soup, path, tmp_path)
        assert str(soup) == text, name


def test_every_page_of_the_toc_is_built(site: Path) -> None:
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    names = [toc["root"]]
    names += [entry["file"] for part in toc["parts"] for entry in part["chapters"]]
    missing = [name for name in names if not (site / f"{name}.html").exists()]
    assert not missing


def test_no_page_loads_anything_from_another_site(
    pages: dict[Path, BeautifulSoup],
) -> None:
    external = {
        f"{path.name}: {address}"
        for path, soup in pages.items()
        for address in resources(soup)
        if urlparse(address).scheme not in ("", "data") or address.startswith("//")
    }
    assert not external


def test_no_page_or_stylesheet_names_a_cdn(site: Path) -> None:
    named = [
        str(path.relative_to(site))
        for path in [*site.rglob("*.html"), *site.rglob("*.css")]
        if CDN.search(path.read_text(encoding="utf-8"))
    ]
    assert not named


def test_internal_links_and_anchors_lead_somewhere(
    pages: dict[Path, BeautifulSoup],
) -> None:
    anchors = {
        path.resolve(): {str(tag["id"]) for tag in soup.find_all(id=True)}
        for path, soup in pages.items()
    }
    broken = set()
    for path, soup in pages.items():
        addresses = {str(tag["href"]) for tag in soup.find_all("a", href=True)}
        addresses |= set(resources(soup))
        for address in addresses:
            if urlparse(address).scheme or address.startswith("//"):
                continue
            name, anchor = urldefrag(address)
            name = unquote(name.partition("?")[0])
            target = (path.parent / name).resolve() if name else path.resolve()
            if not target.exists() or (
                anchor and target in anchors and anchor not in anchors[target]
            ):
                broken.add(f"{path.name}: {address}")
    assert not broken


def test_mathjax_is_loaded_once_where_there_is_a_formula_and_nowhere_else(
    pages: dict[Path, BeautifulSoup], site: Path
) -> None:
    for path, soup in pages.items():
        loaded = str(soup).count(f"mathjax/{mathjax.PROGRAM}")
        formulas = len(soup.select(".math"))
        assert loaded == (1 if formulas else 0), path.name
    assert (site / "_static" / "mathjax" / mathjax.PROGRAM).exists()
    assert list((site / "_static" / "mathjax").rglob("*.woff"))


def test_the_font_has_every_chinese_character(pages: dict[Path, BeautifulSoup]) -> None:
    """Where a machine has no Chinese font, the book's own must not leave boxes."""
    fonts = ROOT / "book" / "_static" / "fonts"
    has = (fonts / "noto-sans-sc.txt").read_text("utf-8")
    for path, soup in pages.items():
        shown = set(re.findall(r"[\u2e80-\u9fff\uff00-\uffef]", soup.get_text()))
        assert shown <= set(has), f"{path.name}: cut the font again, see OFL.txt"


def test_the_search_index_leads_from_a_word_to_its_page(site: Path) -> None:
    text = (site / "searchindex.js").read_text(encoding="utf-8")
    index = json.loads(text.removeprefix("Search.setIndex(").removesuffix(")"))
    missing = [
        name for name in index["docnames"] if not (site / f"{name}.html").exists()
    ]
    assert not missing
    found = index["terms"]["logit"]  # "logits", stemmed
    numbers = [found] if isinstance(found, int) else found
    assert "book/glossary" in [index["docnames"][number] for number in numbers]


def test_every_page_says_its_language(pages: dict[Path, BeautifulSoup]) -> None:
    for path, soup in pages.items():
        if soup.find("meta", attrs={"http-equiv": "Refresh"}):
            continue  # index.html only sends the reader on
        assert soup.html is not None
        assert soup.html.get("lang") == "en", path.name
    welcome = page(pages, "book/welcome.html")
    marked = welcome.select_one('.subtitle [lang="zh-Hans"]')
    assert marked is not None
    assert "注意" in marked.get_text()


def test_every_image_has_a_description(pages: dict[Path, BeautifulSoup]) -> None:
    for path, soup in pages.items():
        for image in soup.find_all("img"):
            alt = str(image.get("alt", "")).strip()
            # Without a description Sphinx writes the file's name.
            assert alt, f"{path.name}: {image}"
            assert alt != image["src"], f"{path.name}: {image}"


def test_the_table_of_verdicts_has_seventeen_rows_and_its_links(
    pages: dict[Path, BeautifulSoup],
) -> None:
    table = page(pages, "book/welcome.html").select_one("table.verdict-table")
    assert table is not None
    rows = table.select("tbody tr")
    assert len(rows) == verdicts.COUNT
    for row, chapter in zip(rows, verdicts.read_chapters(ROOT), strict=True):
        label = row.select_one(".verdict-label")
        assert label is not None
        assert label.get_text() == chapter.verdict
        links = [str(link["href"]) for link in row.select("th a")]
        expected = [f"../{chapter.document}.html"] if chapter.exists else []
        assert links == expected


def test_quiz_answers_show_code_as_code(pages: dict[Path, BeautifulSoup]) -> None:
    answers = [
        summary
        for path, soup in pages.items()
        if path.parent.name == "notebooks"
        for summary in soup.select("section#quiz summary")
    ]
    assert len(answers) > 17 * 9
    assert not [answer for answer in answers if "`" in answer.get_text()]
    assert sum(answer.code is not None for answer in answers) > 20


def test_a_page_says_to_which_part_it_belongs(
    pages: dict[Path, BeautifulSoup],
) -> None:
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    for part in toc["parts"]:
        for entry in part["chapters"]:
            soup = page(pages, f"{entry['file']}.html")
            home, caption, title = soup.select("ul.bd-breadcrumbs > li")
            assert home.a is not None
            assert str(home.a["href"]).endswith("welcome.html")
            assert caption.get_text(strip=True) == part["caption"]
            assert soup.h1 is not None
            assert soup.h1.get_text().startswith(title.get_text(strip=True))


def test_the_first_page_counts_the_verdicts(pages: dict[Path, BeautifulSoup]) -> None:
    welcome = page(pages, "book/welcome.html")
    count = welcome.select_one(".verdict-count")
    assert count is not None
    numbers = re.findall(r"\d+", count.get_text())
    assert sum(map(int, numbers)) == verdicts.COUNT


def test_the_page_of_magic_numbers_has_every_number(
    pages: dict[Path, BeautifulSoup],
) -> None:
    cards = page(pages, "magic-numbers.html").select("section.magic-number")
    shown = {}
    for card in cards:
        assert card.h3 is not None
        assert card.h3.code is not None
        shown[card.h3.code.get_text()] = card.get_text()
    assert set(shown) == set(magic.NUMBERS)
    for name, number in magic.NUMBERS.items():
        for text in (number.meaning, number.source, number.change_when):
            assert text[:30] in shown[name].replace("’", "'"), name


def test_buttons_point_at_the_repository_that_builds(
    pages: dict[Path, BeautifulSoup],
) -> None:
    document = "notebooks/01_imagefolder_layout"
    soup = page(pages, f"{document}.html")
    links = {str(link["href"]) for link in soup.find_all("a", href=True)}
    assert f"https://github.com/{FORK}" in links
    assert (
        f"https://colab.research.google.com/github/{FORK}/blob/main/{document}.ipynb"
        in links
    )
    assert (
        f"https://mybinder.org/v2/gh/{FORK}/main?urlpath=lab/tree/{document}.ipynb"
        in links
    )


def test_every_page_says_what_it_is_to_search_engines_and_shared_links(
    pages: dict[Path, BeautifulSoup], site: Path
) -> None:
    seen = {}
    for path, soup in pages.items():
        if soup.find("article") is None or path.stem in ("search", "genindex"):
            continue
        found = soup.select_one('meta[name="description"]')
        assert found is not None, path.name
        seen[path] = str(found["content"])
        assert 20 <= len(seen[path]) <= social.LENGTH + 2, path.name
        picture = soup.select_one('meta[property="og:image"]')
        assert picture is not None
        base = f"https://{FORK.replace('/', '.github.io/')}/"
        assert (site / str(picture["content"]).removeprefix(base)).exists()
        canonical = soup.select_one('link[rel="canonical"]')
        assert canonical is not None
        assert (site / str(canonical["href"]).removeprefix(base)) == path
    assert len(set(seen.values())) == len(seen) > 20


@pytest.mark.parametrize(
    ("environ", "address"),
    [
        ({}, ""),
        ({"GITHUB_REPOSITORY": "Some/fork"}, "https://some.github.io/fork/"),
        ({"GITHUB_REPOSITORY": "Some/some.github.io"}, "https://some.github.io/"),
        ({"BOOK_BASE_URL": "https://example.org/b"}, "https://example.org/b/"),
        ({"BOOK_BASE_URL": "", "GITHUB_REPOSITORY": "a/b"}, ""),
    ],
)
def test_the_address_of_the_site(environ: dict[str, str], address: str) -> None:
    assert social.base_url(environ) == address


# --- the extension, piece by piece --------------------------------------------


@pytest.mark.parametrize(
    ("remote", "address"),
    [
        ("https://github.com/a/b.git", "https://github.com/a/b"),
        ("https://user:token@github.com/a/b", "https://github.com/a/b"),
        ("git@github.com:a/b.c.git\n", "https://github.com/a/b.c"),
        ("ssh://git@github.com/a/b", "https://github.com/a/b"),
        ("https://example.org/a/b.git", None),
        ("https://example.org/github.com/a/b", None),
        ("/home/a/b.git", None),
        ("", None),
    ],
)
def test_github_address(remote: str, address: str | None) -> None:
    assert repository.github_address(remote) == address


def test_the_repository_is_found_in_order(tmp_path: Path) -> None:
    def git(*words: str) -> None:
        subprocess.run(["git", *words], cwd=tmp_path, check=True, capture_output=True)

    assert repository.repository_url({}, tmp_path) is None
    git("init", "--quiet")
    assert repository.repository_url({}, tmp_path) is None
    git("remote", "add", "origin", "git@github.com:from/git.git")
    assert repository.repository_url({}, tmp_path) == "https://github.com/from/git"
    actions = {"GITHUB_REPOSITORY": "from/actions"}
    assert (
        repository.repository_url(actions, tmp_path)
        == "https://github.com/from/actions"
    )
    explicit = {**actions, "BOOK_REPOSITORY_URL": "https://github.com/set/by-hand"}
    assert (
        repository.repository_url(explicit, tmp_path)
        == "https://github.com/set/by-hand"
    )
    assert repository.repository_url({"BOOK_REPOSITORY_URL": ""}, tmp_path) is None


def test_without_a_repository_there_are_no_buttons() -> None:
    options = repository.theme_options(None, "main")
    assert not options["launch_buttons"]
    assert not options["use_repository_button"]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("plain", [("plain", False)]),
        ("注意 7: note", [("注意", True), (" 7: note", False)]),
        ("先看，再跑。", [("先看，再跑。", True)]),
        ("用 softmax 前", [("用", True), (" softmax ", False), ("前", True)]),
        ("前 3 个", [("前 3 个", True)]),
    ],
)
def test_chinese_is_told_apart(text: str, parts: list[tuple[str, bool]]) -> None:
    assert chinese.split(text) == parts


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ((0.485, 0.456), "0.485, 0.456"),
        (4 / 3, "1.333"),
        (1e-05, "1e-5"),
        (65536.0, "65536"),
        (64, "64"),
        ("fan_out", "fan_out"),
    ],
)
def test_numbers_are_shown_as_a_reader_expects(value: object, shown: str) -> None:
    assert magic_numbers.show(value) == shown


def test_every_magic_number_belongs_to_a_group() -> None:
    source = (ROOT / magic_numbers.MODULE).read_text(encoding="utf-8")
    groups = magic_numbers.groups(source)
    assert magic_numbers.UNGROUPED not in groups
    assert {name for names in groups.values() for name in names} == set(magic.NUMBERS)


# --- planted faults --------------------------------------------------------------

PNG = (  # one grey pixel
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAA"
    "AABJRU5ErkJggg=="
)
CHAPTER = {
    "number": 1,
    "part": "Data",
    "title": "A title",
    "note": "A note.",
    "verdict": "holds",
    "finding": "It holds.",
}


def write_notebook(path: Path, chapter: dict, alt: str = "") -> None:
    """Write a notebook with one figure."""
    figure = {
        "output_type": "display_data",
        "data": {"image/png": PNG},
        "metadata": {"image/png": {"alt": alt} if alt else {}},
    }
    cells: list[dict] = [
        {"cell_type": "markdown", "id": "a", "metadata": {}, "source": "# A title"},
        {
            "cell_type": "code",
            "id": "b",
            "execution_count": 1,
            "metadata": {},
            "source": "show()",
            "outputs": [figure],
        },
    ]
    metadata = {
        "kernelspec": {"name": "python3", "display_name": "Python 3"},
        "chapter": chapter,
    }
    notebook = {"nbformat": 4, "nbformat_minor": 5, "metadata": metadata}
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps({**notebook, "cells": cells}), encoding="utf-8")


def plan(root: Path, numbers: range) -> None:
    """Write ``chapters.yml`` for the given numbers."""
    entries = [
        {"number": n, "part": "Data", "file": f"{n:02}_x", "title": "T", "note": "N"}
        for n in numbers
    ]
    path = root / verdicts.PLANNED
    path.parent.mkdir(exist_ok=True)
    path.write_text(yaml.safe_dump(entries), encoding="utf-8")


def test_a_strict_build_fails_on_planted_faults(tmp_path: Path) -> None:
    """A book of one page passes; with three faults it fails and names each."""
    root = tmp_path / "mini"
    root.mkdir()
    shutil.copy(ROOT / "_config.yml", root)
    ignore = shutil.ignore_patterns("__pycache__", "*.png")
    for folder in ("_ext", "_static"):
        shutil.copytree(ROOT / "book" / folder, root / "book" / folder, ignore=ignore)
    (root / "book" / "references.bib").touch()
    plan(root, range(1, verdicts.COUNT + 1))
    toc = root / "_toc.yml"
    index = root / "index.md"
    index.write_text("# Index\n\n```{verdict-table}\n```\n", encoding="utf-8")
    (root / "other.md").write_text("# Other\n", encoding="utf-8")
    toc.write_text(
        "format: jb-book\nroot: index\nchapters:\n- file: other\n", encoding="utf-8"
    )
    control = build(root, tmp_path)
    assert control.returncode == 0, control.stderr

    # The page with the table is not touched: it must notice the notebook.
    write_notebook(root / "notebooks" / "01_x.ipynb", CHAPTER)
    (root / "other.md").write_text("# Other\n\n[](#nowhere)\n", encoding="utf-8")
    toc.write_text(
        toc.read_text(encoding="utf-8") + "- file: notebooks/01_x\n", encoding="utf-8"
    )
    for attempt in ("first", "second, with nothing changed"):
        faulty = build(root, tmp_path)
        assert faulty.returncode != 0, attempt
        assert "nowhere" in faulty.stderr, attempt
        assert "a figure has no description" in faulty.stderr, attempt
        assert "chapter 1 is a notebook now" in faulty.stderr, attempt


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"verdict": "perhaps"}, "not one of holds, within limits, corrected"),
        ({"number": 2}, "the metadata say chapter 2"),
        ({"part": "Cooking"}, "no part 'Cooking'"),
        ({"finding": None}, "lacks finding"),
    ],
)
def test_a_wrongly_described_chapter_is_refused(
    tmp_path: Path, change: dict, message: str
) -> None:
    described = {**CHAPTER, **change}
    chapter = {key: value for key, value in described.items() if value is not None}
    plan(tmp_path, range(2, verdicts.COUNT + 1))
    path = tmp_path / "notebooks" / "01_x.ipynb"
    write_notebook(path, CHAPTER)
    assert len(verdicts.read_chapters(tmp_path)) == verdicts.COUNT
    write_notebook(path, chapter)
    with pytest.raises(verdicts.ChapterError, match=re.escape(message)):
        verdicts.read_chapters(tmp_path)


def test_a_missing_chapter_is_noticed(tmp_path: Path) -> None:
    plan(tmp_path, range(2, verdicts.COUNT + 1))
    with pytest.raises(verdicts.ChapterError, match="numbered 1 to 17"):
        verdicts.read_chapters(tmp_path)


def test_a_figures_description_is_found_by_its_bytes(tmp_path: Path) -> None:
    path = tmp_path / "a.ipynb"
    write_notebook(path, CHAPTER, alt="One grey pixel")
    notebook = json.loads(path.read_text(encoding="utf-8"))
    (about,) = figures.described(notebook).values()
    assert about["alt"].strip() == "One grey pixel"


def test_a_page_links_the_first_use_of_a_word_of_the_glossary(
    pages: dict[Path, BeautifulSoup],
) -> None:
    for path, soup in pages.items():
        links = [term.parent for term in soup.select("a > .term")]
        targets = [str(link["href"]) for link in links if link]
        assert len(set(targets)) == len(targets), path.name  # each word once
        for link in links:
            assert link is not None
            assert "glossary.html#term-" in str(link["href"])
            assert len(str(link.get("title", ""))) > 10, path.name
            assert link.find_parent(["h1", "h2", "h3", "pre", "code", "table"]) is None
    assert not page(pages, "book/glossary.html").select("a > .term")
    words = page(pages, "05_cross_entropy_takes_logits.html").select("a > .term")
    assert {"logits", "softmax"} <= {word.get_text() for word in words}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a batch", ["batch"]),
        ("Batches", ["Batch"]),
        ("minibatch, batch-wise", []),
        ("the mixed precision of a batch", ["mixed precision", "batch"]),
    ],
)
def test_words_of_the_glossary_are_whole_words(text: str, found: list[str]) -> None:
    known = dict.fromkeys(["batch", "mixed precision", "mixed"], ("", "", ""))
    pattern = terms.pattern_of(known)
    assert [match["term"] for match in pattern.finditer(text)] == found
