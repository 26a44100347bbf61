"""Let Lighthouse judge the built book, and fail below 95.

Needs Node and a network: ``npx`` fetches Lighthouse. The book is served as GitHub
Pages does it, text compressed by gzip and kept for ten minutes.
"""

import gzip
import io
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import BinaryIO

import browser
from browsing import BOOK, CHAPTER, COMPRESSED, Handler, serve
from helpers.errors import UserError

LIGHTHOUSE = "lighthouse@13"
PASS = 95  # of 100
PAGES = (
    "book/welcome.html",
    "notebooks/01_imagefolder_layout.html",
    CHAPTER,
    "notebooks/12_gradcam_last_conv.html",
)


class LikePages(Handler):
    """Compress text and let the browser keep what it has, as GitHub Pages does."""

    def end_headers(self) -> None:
        """Skip what the tests forbid."""
        self.send_header("Cache-Control", "max-age=600")
        super(Handler, self).end_headers()

    def send_head(self) -> BinaryIO | io.BytesIO | None:
        """Send a text compressed, anything else as it is."""
        path = Path(self.translate_path(self.path))
        if path.suffix not in COMPRESSED or not path.is_file():
            return super().send_head()
        data = gzip.compress(path.read_bytes())
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(str(path)))
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        return io.BytesIO(data)


def judge(address: str, chromium: str) -> dict:
    """Return Lighthouse's report on one page."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.json")
        subprocess.run(
            [
                *("npx", "--yes", LIGHTHOUSE, address, "--quiet"),
                *("--output=json", f"--output-path={report}"),
                "--chrome-flags=--headless --no-sandbox --disable-gpu",
            ],
            env={**os.environ, "CHROME_PATH": chromium},
            check=True,
        )
        return json.loads(report.read_text(encoding="utf-8"))


def main() -> None:
    """Print the four scores of each page, and what cost points."""
    try:
        chromium = browser.find()
    except UserError as error:
        sys.exit(str(error))
    if shutil.which("npx") is None:
        sys.exit("Node's npx is needed: apt install npm")
    if not BOOK.exists():
        sys.exit("There is no book to judge yet: run make book")
    worst = 100
    with serve(BOOK, LikePages) as address:
        for name in PAGES:
            report = judge(address + name, chromium)
            scores = {
                category["title"]: round(100 * (category["score"] or 0))
                for category in report["categories"].values()
            }
            worst = min(worst, *scores.values())
            print(f"{name}: {', '.join(f'{k} {v}' for k, v in scores.items())}")
            for category in report["categories"].values():
                for reference in category["auditRefs"]:
                    audit = report["audits"][reference["id"]]
                    score = audit["score"]
                    if reference["weight"] and score is not None and score < 0.9:
                        print(f"  {audit['title']} {audit.get('displayValue', '')}")
    if worst < PASS:
        sys.exit(f"A score is {worst}; {PASS} is wanted.")


if __name__ == "__main__":
    main()
