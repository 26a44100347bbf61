"""Write the images, masks and metadata; pack them; show them on one sheet."""

import json
import multiprocessing
import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from PIL import Image
from tqdm import tqdm

from solids.faults import NAMES, Plan, Shot, scene_of, take
from solids.render import SIZE
from solids.scene import SPLITS

# The time stamp of every member of the archive: the earliest that zip can hold.
EPOCH = (1980, 1, 1, 0, 0, 0)


class Job(NamedTuple):
    """A shot and where it goes; `name` is "train/ball/ball_0000.jpg"."""

    shot: Shot
    name: str
    out: Path
    with_object: bool


def _render(job: Job) -> dict[str, object]:
    """Render and write one image with its mask; return its metadata."""
    scene = scene_of(job.shot)
    photo = take(job.shot, scene, with_object=job.with_object)
    image, mask = job.out / job.name, job.out / "masks" / job.name
    photo.image.save(image, quality=scene.camera.quality, optimize=True)
    photo.mask.save(mask.with_suffix(".png"), optimize=True)
    facts: dict[str, object] = {
        "file": job.name,
        "split": job.shot.split,
        "class": job.shot.folder,
        "position": [round(float(scene.target.centre[k]), 2) for k in (0, 2)],
        "bbox": list(photo.mask.getbbox() or (0, 0, 0, 0)),
        "occluded": round(float(photo.occluded), 3),
        "colour": scene.colour,
        "texture": scene.texture,
        "ground": scene.ground.name,
        "palette": scene.ground.palette,
        "backdrop": scene.backdrop,
        "light": [round(float(x), 2) for x in scene.light],
        "props": [body.kind for body in scene.props],
        "quality": scene.camera.quality,
        "seed": list(job.shot.key),
    }
    if job.shot.folder != job.shot.kind:
        facts["true_class"] = job.shot.kind
    if job.shot.copy_of is not None:
        facts["copy_of"] = list(job.shot.copy_of)
    if job.shot.watermark:
        facts["watermark"] = True
    return facts


def _jobs(plan: Plan, out: Path, with_object: bool) -> Iterator[Job]:
    count: Counter[str] = Counter()
    for shot in sorted(plan, key=lambda s: s.key):
        folder = f"{shot.split}/{shot.folder}"
        name = f"{folder}/{shot.folder}_{count[folder]:04d}.jpg"
        yield Job(shot, name, out, with_object)
        count[folder] += 1


def write(
    plan: Plan, out: Path, processes: int = 1, *, with_object: bool = True
) -> list[dict[str, object]]:
    """Render a plan into `out` and return the metadata, sorted by file name.

    `with_object` is that of `render.photograph`. Every image has its own seed, so
    the number of processes changes no byte.
    """
    for split in SPLITS:
        for name in NAMES:
            (out / split / name).mkdir(parents=True, exist_ok=True)
            (out / "masks" / split / name).mkdir(parents=True, exist_ok=True)
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        work = pool.imap_unordered(_render, _jobs(plan, out, with_object))
        facts = list(tqdm(work, "rendering", total=len(plan), unit="image"))
    facts.sort(key=lambda row: str(row["file"]))
    rows = ",\n".join(json.dumps(row, separators=(",", ":")) for row in facts)
    (out / "metadata.json").write_text(f"[\n{rows}\n]\n", encoding="utf-8")
    return facts


def pack(root: Path, archive: Path) -> None:
    """Zip a rendered folder: sorted members, one time stamp, so equal bytes.

    Images are stored as they are, since they are compressed already.
    """
    files = sorted(path for path in root.rglob("*") if path.is_file())
    with zipfile.ZipFile(archive, "w") as target:
        for path in tqdm(files, "packing", unit="file"):
            member = zipfile.ZipInfo(path.relative_to(root).as_posix(), EPOCH)
            member.external_attr = 0o644 << 16  # the Unix permission bits
            text = path.suffix in {".json", ".txt"}
            method = zipfile.ZIP_DEFLATED if text else zipfile.ZIP_STORED
            target.writestr(member, path.read_bytes(), method)


def contact_sheet(root: Path, columns: int = 8, gap: int = 4) -> Image.Image:
    """The first images of each class: a row for train, below it a row for val."""
    rows = [sorted((root / split / name).glob("*.jpg"))[:columns]
            for name in NAMES for split in SPLITS]  # fmt: skip
    pitch = SIZE + gap
    size = (columns * pitch + gap, len(rows) * pitch + gap)
    sheet = Image.new("RGB", size, "white")
    for j, row in enumerate(rows):
        for i, path in enumerate(row):
            sheet.paste(Image.open(path), (gap + i * pitch, gap + j * pitch))
    return sheet
