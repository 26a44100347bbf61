"""Pack the built book into one zip file that needs no network.

    python tools/archive.py          after `make book`; `make archive` does both

The same book gives the same bytes: names are sorted, and every file has the same
date and rights. The zip's only folder holds ``index.html``, and a file of its
SHA-256 lies beside it, for ``sha256sum --check``.
"""

import hashlib
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path

import helpers
import record
from helpers.errors import UserError
from helpers.writing import replacing

BUILD = record.ROOT / "_build"
NAME = f"seventeen-notes-{helpers.__version__}"
LICENCES = ("LICENSE", "LICENSE-CONTENT")
# What no page of the book asks for: source maps, and templates and translations
# that the theme leaves beside its style, and the picture of the README.
UNUSED = (
    ".buildinfo",
    "*.map",
    "objects.inv",
    "_static/*.html",
    "_static/locales/*/*/*",
    "_static/readme-*",
)
EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest date that a zip file can hold
RIGHTS = 0o100644 << 16  # a plain file that everyone may read


def files(html: Path) -> dict[str, Path]:
    """Return {name inside the book: file} of everything that is packed."""
    found = {
        path.relative_to(html).as_posix(): path
        for path in html.rglob("*")
        if path.is_file()
        and not any(path.relative_to(html).match(unused) for unused in UNUSED)
    }
    return found | {name: record.ROOT / name for name in LICENCES}


def pack(html: Path, target: Path) -> Path:
    """Write the zip file and, beside it, its SHA-256; return the second.

    Raises:
        UserError: if there is no built book in ``html``.
    """
    if not (html / "index.html").exists():
        raise UserError(f"no built book in {html}: run `make book` first")
    return pack_files(files(html), target)


def pack_files(names: Mapping[str, Path], target: Path) -> Path:
    """Write {name: file} into a zip file and, beside it, its SHA-256; return that."""
    checksum = target.with_name(f"{target.name}.sha256")
    with replacing(target) as part, replacing(checksum) as line:
        _pack(names, target.stem, part)
        digest = hashlib.sha256(part.read_bytes()).hexdigest()
        line.write_text(f"{digest}  {target.name}\n", "utf-8")
    return checksum


def _pack(names: Mapping[str, Path], folder: str, part: Path) -> None:
    with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as packed:
        for name, path in sorted(names.items()):
            entry = zipfile.ZipInfo(f"{folder}/{name}", EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3  # Unix, on every system
            entry.external_attr = RIGHTS
            packed.writestr(entry, path.read_bytes())


def main() -> None:
    """Pack the book that `make book` has built."""
    target = BUILD / f"{NAME}.zip"
    try:
        checksum = pack(BUILD / "html", target)
    except UserError as error:
        sys.exit(str(error))
    size = target.stat().st_size / 1e6
    print(f"The book to take away: {target.relative_to(record.ROOT)} ({size:.1f} MB),")
    print(f"with its checksum in {checksum.relative_to(record.ROOT)}")


if __name__ == "__main__":
    main()
