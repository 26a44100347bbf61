"""Which data was it: a fingerprint of an image folder, and what changed since.

The fingerprint covers what a loader takes from a folder: which files, their class
folders and their content (chapter 14 says what it does not cover). It is the
SHA-256 over one record per file, in the order of the paths' bytes::

    PATH NUL SIZE NUL SHA256 LF

PATH is relative, with ``/``, in UTF-8 and in Unicode's composed form (NFC), so that
macOS and Linux agree; SIZE is decimal; SHA256 is that of the content, in hexadecimal.
"""

import hashlib
import json
import os
import time
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import NamedTuple

from helpers.data.folders import File, class_of, explain, loaded_files, open_root
from helpers.devices import usable_cores
from helpers.errors import UserError
from helpers.text import printable
from helpers.writing import beside, replacing

FORMAT = 1  # of the manifest; raise it when a key changes its meaning
AT_ONCE = 256  # files a thread takes at a time
READ_WHOLE = 1 << 20  # bytes; larger files are read in pieces
# A file that changes just after it was read may keep its time, because clocks move
# in steps: of Linux's kernel up to 10 ms, of old file systems up to 2 s (FAT), and
# then without a fraction of a second.
SECOND = 1_000_000_000  # nanoseconds
FINE_CLOCK, COARSE_CLOCK = SECOND // 50, 2 * SECOND


class Entry(NamedTuple):
    """What a manifest keeps of a file."""

    size: int  # bytes
    mtime_ns: int  # nanoseconds since 1970; not part of the fingerprint
    sha256: str  # of the content, hexadecimal


class Manifest(NamedTuple):
    """The files that a fingerprint covers.

    Attributes:
        files: path relative to the folder, with ``/`` -> size, time and SHA-256.
        splits: names of the split folders; empty for a plain folder of classes.
        written_ns: when the reading began, in nanoseconds since 1970.
        reread: files whose content was read, not taken from an earlier manifest.
    """

    files: dict[str, Entry]
    splits: tuple[str, ...]
    written_ns: int
    reread: int = 0

    @property
    def digest(self) -> str:
        """The fingerprint: 64 hexadecimal digits."""
        total = hashlib.sha256()
        for path, entry in sorted((_canonical(p), e) for p, e in self.files.items()):
            sha256 = entry.sha256.encode("ascii")
            total.update(b"%b\0%d\0%b\n" % (path, entry.size, sha256))
        return total.hexdigest()

    def __str__(self) -> str:
        images = [f"{len(self.files):,} images"]
        if self.splits:
            splits = Counter(path.split("/", 1)[0] for path in self.files)
            images = [f"{name} {splits[name]:,}" for name in self.splits]
        labels = {self.label(path) for path in self.files}
        size = sum(entry.size for entry in self.files.values())
        images += [f"{len(labels):,} classes", f"{size:,} bytes"]
        return ", ".join(images)

    def label(self, path: str) -> str:
        """The class folder that ``path`` lies in."""
        return class_of(path, self.splits)

    def save(self, path: Path | str) -> None:
        """Write ``path``, and beside it the list that ``sha256sum -c`` checks.

        The list ends in ``.sha256``; check it from inside the folder. Both files are
        written or neither.

        Raises:
            UserError: a file cannot be written.
        """
        path = Path(path)
        if path.suffix == ".sha256":
            raise UserError(f"{path}: the manifest is JSON, name it with .json.")
        files = ",\n".join(
            f"{json.dumps(name)}: {json.dumps(entry)}"
            for name, entry in self.files.items()
        )
        head = {
            "format": FORMAT,
            "fingerprint": self.digest,
            "written_ns": self.written_ns,
            "splits": self.splits,
        }
        text = f'{json.dumps(head)[:-1]},\n"files": {{\n{files}\n}}}}\n'
        lines = (_checksum_line(*item) for item in self.files.items())
        with (
            replacing(path) as manifest,
            replacing(beside(path, ".sha256")) as checksums,
        ):
            manifest.write_text(text, "ascii")
            checksums.write_bytes(b"".join(lines))

    @classmethod
    def load(cls, path: Path | str) -> "Manifest":
        """Read a manifest.

        Raises:
            UserError: the file is missing, damaged or something else.
        """
        try:
            read = json.loads(Path(path).read_bytes())
            files = {name: Entry(*entry) for name, entry in read["files"].items()}
            manifest = cls(files, tuple(read["splits"]), int(read["written_ns"]))
            sound = (read["format"], read["fingerprint"]) == (FORMAT, manifest.digest)
        except OSError as error:
            raise UserError(f"{path} cannot be read ({error.strerror}).") from error
        except (
            ValueError, KeyError, TypeError, AttributeError, RecursionError,
        ) as error:  # fmt: skip
            raise UserError(
                f"{path} is not a manifest: make one with fingerprint --out."
            ) from error
        if not sound:
            raise UserError(
                f"{path} is damaged or of another version: its files do not give its "
                "fingerprint. Make it again with fingerprint --out."
            )
        return manifest


class Changes(NamedTuple):
    """What differs between two manifests; paths are those of the data set.

    Attributes:
        added, removed: files that are in one only.
        changed: same path, other content.
        relabelled: same content in another class folder: old path, new path.
        moved: same content elsewhere under the same class: old path, new path.
    """

    added: list[str]
    removed: list[str]
    changed: list[str]
    relabelled: list[tuple[str, str]]
    moved: list[tuple[str, str]]

    def __str__(self) -> str:
        lines = []
        for kind, paths in self._asdict().items():
            for path in paths:
                names = [path] if isinstance(path, str) else path
                lines.append(f"{kind:<10}  {' -> '.join(map(printable, names))}")
        return "\n".join(lines)


def fingerprint(
    root: Path | str, *, progress: bool = False, known: Manifest | None = None
) -> Manifest:
    """Read the images of a folder and return the manifest with their fingerprint.

    Exactly the files count that ``ImageFolder`` reads: the images below the class
    folders, links followed, in every split folder (``train``, ``val``, ``test``) if
    there are any. As many threads read as there are usable cores.

    Args:
        root: folder of class folders, or of splits of class folders.
        progress: show a bar.
        known: an earlier manifest: files with its size and modification time are
            not read again. That is fast, and blind to a change that keeps both.

    Raises:
        UserError: the folder or a file in it cannot be read or changes meanwhile,
            there is no image, or two names differ only in their Unicode form.
    """
    began = time.time_ns()
    root, splits = open_root(root)
    files = list(loaded_files(root, splits))
    if not files:
        raise UserError(
            f"{root} holds no image in a class folder: name the folder that does."
        )
    ordered = _in_order(root, files)
    known = known or Manifest({}, (), 0)
    entries = {
        file.path: known.files[file.path]
        for file in ordered
        if _looks_unchanged(file, known.files.get(file.path), known.written_ns)
    }
    unread = [file for file in ordered if file.path not in entries]
    entries |= read_contents(root, unread, progress=progress)
    in_order = {file.path: entries[file.path] for file in ordered}
    return Manifest(in_order, tuple(splits), began, len(unread))


def read_contents(
    root: Path | str, files: Sequence[File], *, progress: bool = False
) -> dict[str, Entry]:
    """Return each file's entry: path -> size, time and SHA-256 of the content.

    Args:
        root: the folder that the paths are relative to.
        files: see :func:`helpers.data.folders.loaded_files`.
        progress: show a bar.

    Raises:
        UserError: a file cannot be read or changes meanwhile.
    """
    from tqdm.auto import tqdm

    entries: dict[str, Entry] = {}
    with tqdm(desc="read", unit="file", total=len(files), disable=not progress) as bar:
        for part in _in_threads(partial(_read, str(root)), files):
            entries.update(part)
            bar.update(len(part))
    return entries


def compare(old: Manifest, new: Manifest) -> Changes:
    """Return what changed from ``old`` to ``new``; names compare in NFC."""
    before = {_canonical(path): path for path in old.files}
    after = {_canonical(path): path for path in new.files}
    differing = sorted(
        key
        for key in before.keys() | after.keys()
        if _content(old, before.get(key)) != _content(new, after.get(key))
    )
    # Content that went and content that came are paired where they are the same.
    came: dict[str | None, list[bytes]] = defaultdict(list)
    for key in reversed(differing):
        came[_content(new, after.get(key))].append(key)
    pairs = {
        key: came[content].pop()
        for key in differing
        if key in before and came[content := _content(old, before[key])]
    }
    arrived = set(pairs.values())
    renamed = [(before[source], after[target]) for source, target in pairs.items()]
    return Changes(
        added=[after[k] for k in differing if k not in before and k not in arrived],
        removed=[before[k] for k in differing if k not in after and k not in pairs],
        changed=[
            after[k]
            for k in differing
            if k in before and k in after and not (k in pairs and k in arrived)
        ],
        relabelled=[(a, b) for a, b in renamed if old.label(a) != new.label(b)],
        moved=[(a, b) for a, b in renamed if old.label(a) == new.label(b)],
    )


def _content(manifest: Manifest, path: str | None) -> str | None:
    return None if path is None else manifest.files[path].sha256


def _canonical(path: str) -> bytes:
    """The path as the fingerprint has it: NFC, UTF-8; bytes that are none stay."""
    return unicodedata.normalize("NFC", path).encode("utf-8", "surrogateescape")


def _checksum_line(path: str, entry: Entry) -> bytes:
    """One line as sha256sum writes it: such names are escaped and say so."""
    escapes = {"\\": "\\\\", "\n": "\\n", "\r": "\\r"}
    escaped = "".join(escapes.get(letter, letter) for letter in path)
    mark = "\\" if escaped != path else ""
    return os.fsencode(f"{mark}{entry.sha256}  {escaped}\n")


def _in_order(root: Path, files: Iterable[File]) -> list[File]:
    """Sort by the paths of the fingerprint, of which no two may be the same."""
    named: dict[bytes, File] = {}
    for file in files:
        twin = named.setdefault(_canonical(file.path), file)
        if twin is not file:
            raise UserError(
                f"{root} holds two names that differ only in their Unicode form "
                f"({ascii(twin.path)} and {ascii(file.path)}): rename one, on a Mac "
                "they are the same."
            )
    return [file for _, file in sorted(named.items())]


def _looks_unchanged(file: File, old: Entry | None, written_ns: int) -> bool:
    clock = FINE_CLOCK if file.mtime_ns % SECOND else COARSE_CLOCK
    return old is not None and (
        (file.size, file.mtime_ns) == (old.size, old.mtime_ns)
        and file.mtime_ns < written_ns - clock
    )


def _in_threads(
    work: Callable[[File], Entry], files: Sequence[File]
) -> Iterator[dict[str, Entry]]:
    """Yield what ``work`` gives for each path. Reading and SHA-256 leave the lock."""
    executor = ThreadPoolExecutor(usable_cores())
    starts = range(0, len(files), AT_ONCE)
    try:
        yield from executor.map(
            lambda start: {f.path: work(f) for f in files[start : start + AT_ONCE]},
            starts,
        )
    finally:
        executor.shutdown(cancel_futures=True)  # an error or Ctrl-C waits for nobody


def _read(root: str, file: File) -> Entry:
    """Hash one file; what was hashed is what the entry describes, or an error."""
    path = f"{root}/{file.path}"  # quicker than joining, 20,000 times
    whole = file.size <= READ_WHOLE
    try:
        # Fewer calls than open() makes: with small files they would cost a tenth.
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
        try:
            if whole:
                data = os.read(descriptor, file.size + 1)
                sha256 = hashlib.sha256(data)
            else:
                with open(descriptor, "rb", buffering=0, closefd=False) as stream:
                    sha256 = hashlib.file_digest(stream, "sha256")
            info = os.fstat(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise UserError(explain(error, path)) from error
    same = (info.st_size, info.st_mtime_ns) == (file.size, file.mtime_ns)
    if not same or (whole and len(data) != file.size):
        raise UserError(
            f"{path} changed while it was being read: wait until nothing writes there, "
            "then run it again."
        )
    return Entry(file.size, file.mtime_ns, sha256.hexdigest())
