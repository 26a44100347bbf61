from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

import torch


@dataclass
class RunInfo:
    data_root: str
    seed: int
    model: str
    fingerprint: str = ""
    metrics: dict = field(default_factory=dict)


class Fingerprint:
    """One value for all wave files below a folder; folders are the labels."""

    def __init__(self, root: Path, pattern: str = "*.wav"):
        self.root = root
        self.files = sorted(root.rglob(pattern))

    def _add(self, md, path: Path) -> None:
        data = path.read_bytes()
        name = path.relative_to(self.root).as_posix()
        md.update(f"{name}\0{len(data)}\0".encode())
        md.update(data)

    def hexdigest(self) -> str:
        md = hashlib.blake2b(digest_size=20)
        for path in self.files:
            self._add(md, path)
        return md.hexdigest()


class RunStore:
    def __init__(self, folder: Path):
        self.folder = folder
        self.folder.mkdir(parents=True, exist_ok=True)

    def save(self, info: RunInfo, net: torch.nn.Module) -> None:
        info.fingerprint = Fingerprint(Path(info.data_root)).hexdigest()
        torch.save(net.state_dict(), self.folder / "weights.pt")
        (self.folder / "run.json").write_text(json.dumps(asdict(info), indent=2))

    def load(self, net: torch.nn.Module) -> RunInfo:
        info = RunInfo(**json.loads((self.folder / "run.json").read_text()))
        now = Fingerprint(Path(info.data_root)).hexdigest()
        if now != info.fingerprint:
            raise RuntimeError(f"data in {info.data_root} have changed since training")
        net.load_state_dict(torch.load(self.folder / "weights.pt", weights_only=True))
        return info
