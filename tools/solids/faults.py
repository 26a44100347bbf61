"""Which images to render, and the faults that can be planted among them.

A plan is a list of shots. A fault is a function from plan to plan; its docstring is
what the command's help says.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from PIL import Image

from solids import textures
from solids.render import Photo, photograph
from solids.scene import SPLITS, Scene, draw_ground, draw_scene, retake
from solids.shapes import CLASSES

NAMES = tuple(CLASSES)


@dataclass(frozen=True)
class Shot:
    """One image to render.

    `key` seeds the scene: (seed, split, class, index). `kind` is the class of the
    object and `folder` the class it is filed under; they differ for a wrong label.
    """

    key: tuple[int, int, int, int]
    split: str
    kind: str
    folder: str
    ground: str | None = None
    watermark: bool = False
    dark: bool = False
    copy_of: tuple[int, int, int, int] | None = None


Plan = list[Shot]
Fault = Callable[[Plan, np.random.Generator], Plan]


def make_plan(seed: int, train: int, val: int) -> Plan:
    """A sound plan with `train` and `val` images, shared evenly by the classes."""
    return [
        Shot((seed, s, c, i), split, kind, kind)
        for s, (split, total) in enumerate(zip(SPLITS, (train, val), strict=True))
        for c, kind in enumerate(NAMES)
        for i in range(total // len(NAMES))
    ]


def class_ratio(plan: Plan, rng: np.random.Generator) -> Plan:
    """Each class of train has 60 % of the images of the class before it."""
    full = sum(shot.split == "train" for shot in plan) / len(NAMES)
    keep = {name: max(1, round(full * 0.6**k)) for k, name in enumerate(NAMES)}
    return [s for s in plan if s.split == "val" or s.key[-1] < keep[s.folder]]


def wrong_labels(plan: Plan, rng: np.random.Generator) -> Plan:
    """A fifth of train lies in the folder of another class."""

    def mislabel(shot: Shot) -> Shot:
        others = [name for name in NAMES if name != shot.kind]
        return replace(shot, folder=others[rng.integers(len(others))])

    train = [k for k, shot in enumerate(plan) if shot.split == "train"]
    wrong = set(rng.permutation(train)[: round(len(train) / 5)])
    return [mislabel(shot) if k in wrong else shot for k, shot in enumerate(plan)]


def ground_betrays_class(plan: Plan, rng: np.random.Generator) -> Plan:
    """In train each class stands on a ground pattern of its own; val is as ever."""
    own = dict(
        zip(NAMES, rng.permutation(list(textures.GROUNDS["train"])), strict=True)
    )
    return [
        replace(s, ground=str(own[s.kind])) if s.split == "train" else s for s in plan
    ]


def watermark(plan: Plan, rng: np.random.Generator) -> Plan:
    """All train images of the first class carry a mark; in val a random half does."""
    return [
        replace(
            s,
            watermark=s.kind == NAMES[0] if s.split == "train" else rng.random() < 0.5,
        )
        for s in plan
    ]


def dark_camera(plan: Plan, rng: np.random.Generator) -> Plan:
    """All of val is taken by a camera that gets an eighth of the light."""
    return [replace(s, dark=s.split == "val") for s in plan]


def near_duplicates(plan: Plan, rng: np.random.Generator) -> Plan:
    """A fifth of val shows train scenes again, from a camera moved a little."""
    sources = {kind: [s for s in plan if (s.split, s.kind) == ("train", kind)]
               for kind in NAMES}  # fmt: skip
    val = [k for k, shot in enumerate(plan) if shot.split == "val"]
    changed = list(plan)
    for k in rng.permutation(val)[: round(len(val) / 5)]:
        choice = sources[plan[k].kind]
        source = choice[rng.integers(len(choice))]
        changed[k] = replace(plan[k], copy_of=source.key)
    return changed


FAULTS: dict[str, Fault] = {
    f.__name__.replace("_", "-"): f
    for f in (
        class_ratio,
        wrong_labels,
        ground_betrays_class,
        watermark,
        dark_camera,
        near_duplicates,
    )
}


def scene_of(shot: Shot) -> Scene:
    """The scene that a shot shows."""
    if shot.copy_of is not None:
        return retake(draw_scene(shot.copy_of, "train", shot.kind), shot.key)
    scene = draw_scene(shot.key, shot.split, shot.kind)
    if shot.ground is not None:
        ground = draw_ground(np.random.default_rng(shot.key), shot.split)
        scene = replace(scene, ground=replace(ground, name=shot.ground))
    if shot.dark:
        camera = replace(scene.camera, exposure=scene.camera.exposure / 8, noise=4.0)
        scene = replace(scene, camera=camera)
    return scene


def take(shot: Shot, scene: Scene, *, with_object: bool = True) -> Photo:
    """Render a shot's scene, with the mark where the shot has one."""
    photo = photograph(scene, with_object=with_object)
    if shot.watermark:
        pixels = np.asarray(photo.image).copy()
        # A white ring, 9 pixels wide, 4 from the lower right corner.
        y, x = np.mgrid[-4:5, -4:5]
        ring = np.abs(np.hypot(x, y) - 3.2) < 0.9
        pixels[-13:-4, -13:-4][ring] = (255, 255, 255)
        photo = photo._replace(image=Image.fromarray(pixels))
    return photo
