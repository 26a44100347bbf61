from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Fingerprint:
    """Identifies the files of a data set by name, size and content."""

    root: Path
    suffixes: tuple[str, ...] = (".jpg", ".png")

    def files(self) -> list[Path]:
        return [path for path in self.root.rglob("*")  # FAULT note 14
                if path.suffix.lower() in self.suffixes]

    def hexdigest(self) -> str:
        digest = hashlib.blake2b(digest_size=16)
        for path in self.files():
            content = path.read_bytes()
            entry = f"{path.relative_to(self.root).as_posix()}\0{len(content)}\0"
            digest.update(entry.encode())
            digest.update(content)
        return digest.hexdigest()


if __name__ == "__main__":
    print(Fingerprint(Path("data/train")).hexdigest())
