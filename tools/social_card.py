"""Draw the picture that a shared link shows, from the verdicts and the book's style.

    python tools/social_card.py book/_static/social-card.png

Needs Chromium; the colours and signs are those of the book's style sheet.
"""

import shutil
import sys
import tempfile
from pathlib import Path

import click

import browser
import record
from helpers.errors import UserError

sys.path.insert(0, str(record.ROOT / "book" / "_ext"))

from seventeen.verdicts import read_chapters, style_of

WIDTH, HEIGHT = 1200, 630  # pixels; what most sites show whole
PAGE = """<!doctype html>
<html data-theme="light"><meta charset="utf-8">
<link rel="stylesheet" href="{style}">
<style>
  body {{ background: #fbf8f3; color: #22262c; margin: 0; padding: 64px 72px;
          font-family: var(--notes-serif); width: 1056px; }}
  header {{ display: flex; gap: 34px; align-items: center; }}
  img {{ width: 132px; height: 132px; }}
  h1 {{ font-size: 62px; line-height: 1.12; margin: 0; font-weight: 600; }}
  p.told {{ font-size: 33px; margin: 52px 0 22px; }}
  ol {{ display: grid; gap: 12px; grid-template-columns: repeat(9, 1fr);
        list-style: none; margin: 0; padding: 0; }}
  li {{ align-items: center; background: var(--verdict-tint); border-radius: 6px;
        border: 1px solid var(--verdict); color: var(--verdict); display: flex;
        flex-direction: column; font-size: 44px; font-weight: 600; gap: 4px;
        line-height: 1.1; padding: 12px 0 14px; }}
  li::after {{ background: currentColor; content: ""; height: 26px; width: 26px;
        mask: var(--verdict-sign) no-repeat center / contain; }}
</style>
<header><img src="{seal}" alt="">
<h1>Seventeen Notes<br>on an Image Classifier</h1></header>
<p class="told">PyTorch training advice, put to the test.</p>
<ol>{tiles}</ol>
"""


@click.command()
@click.argument("path", type=click.Path(dir_okay=False, path_type=Path))
def main(path: Path) -> None:
    """Draw the card into the PNG file PATH."""
    static = record.ROOT / "book" / "_static"
    tiles = "".join(
        f'<li class="{style_of(chapter.verdict)}">{chapter.number}</li>'
        for chapter in read_chapters(record.ROOT)
    )
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder, "card.html")
        style, seal = (static / name for name in ("seventeen.css", "seal.svg"))
        page.write_text(
            PAGE.format(style=style.as_uri(), seal=seal.as_uri(), tiles=tiles), "utf-8"
        )
        picture = Path(folder, "card.png")
        try:
            browser.run(
                "--hide-scrollbars",
                f"--window-size={WIDTH},{HEIGHT}",
                f"--screenshot={picture}",
                page.as_uri(),
            )
        except UserError as error:
            raise SystemExit(f"{error}") from error
        shutil.copy(picture, path)


if __name__ == "__main__":
    main()
