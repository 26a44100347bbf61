"""Draw one scene at random: what stands where, in which light, seen by which camera.

The world has y up and the ground at y = 0; the camera looks towards +z. Lengths are
in units of which an object measures about 1.5.
"""

from dataclasses import dataclass, replace

import numpy as np

from solids import textures
from solids.shapes import CLASSES, DISTRACTORS, OCCLUDERS, Solid, norm
from solids.textures import Array

SPLITS = ("train", "val")


@dataclass(frozen=True)
class Body:
    """A solid at its place. `centre` [3], `rotation` [3, 3] from own frame to world."""

    solid: Solid
    kind: str
    centre: Array
    rotation: Array
    scale: float
    radius: float
    pattern: textures.Pattern
    colours: Array
    gloss: float
    seed: int

    def distance(self, p: Array) -> Array:
        """Signed distance of world points [..., 3]."""
        local = (p - self.centre) @ self.rotation / np.float32(self.scale)
        return self.solid.distance(local) * np.float32(self.scale)


@dataclass(frozen=True)
class Ground:
    """A patterned plane; `scale` is tiles per unit length, `angle` its turn."""

    name: str
    palette: str
    scale: float
    angle: float
    relief: float
    seed: int


@dataclass(frozen=True)
class Camera:
    """A pinhole camera and its sensor; `noise` is in grey levels, `quality` JPEG's."""

    eye: Array
    target: Array
    roll: float
    exposure: float
    balance: Array
    noise: float
    quality: int
    seed: int


@dataclass(frozen=True)
class Scene:
    """Everything that `render.photograph` needs, and the facts that metadata tells."""

    target: Body
    props: tuple[Body, ...]
    ground: Ground
    backdrop: str
    camera: Camera
    light: Array
    warmth: float
    softness: float
    colour: str
    texture: str
    split: str


def rest(
    solid: Solid, rng: np.random.Generator, scale: float, place: Array
) -> tuple[Array, Array, float]:
    """Put a solid on the ground at `place` (x, z) in one of its poses.

    Returns its centre, its rotation, and the radius of a sphere that contains it.
    """
    tilt, turn, spread = solid.poses[rng.integers(len(solid.poses))]
    turn += rng.uniform(-spread, spread)
    (ct, st), (ca, sa) = [(np.cos(a), np.sin(a)) for a in (tilt, turn)]
    about_x = np.array([[1, 0, 0], [0, ct, -st], [0, st, ct]])
    about_y = np.array([[ca, 0, sa], [0, 1, 0], [-sa, 0, ca]])
    rotation = about_y @ about_x
    lowest = (solid.hull @ rotation.T)[:, 1].min() - solid.rounding
    centre = np.array([place[0], -lowest * scale, place[1]])
    radius = (norm(solid.hull).max() + solid.rounding) * scale
    return centre.astype(np.float32), rotation.astype(np.float32), float(radius)


def _pick(rng: np.random.Generator, names: dict) -> str:
    return list(names)[rng.integers(len(names))]


def _prop(rng: np.random.Generator, kinds: dict, place: Array) -> Body:
    """A distractor or an occluder in a quiet natural colour."""
    kind = _pick(rng, kinds)
    solid = kinds[kind](rng)
    centre, rotation, radius = rest(solid, rng, 1, place)
    tone = rng.uniform(0.1, 0.5) * (1 + rng.uniform(-0.2, 0.2, 3))
    colours = np.stack([tone * k for k in (0.6, 1, 1.3)]).astype(np.float32)
    seed = int(rng.integers(2**31))
    return Body(solid, kind, centre, rotation, 1, radius, textures.mottled, colours,
                0.05, seed)  # fmt: skip


def draw_ground(rng: np.random.Generator, split: str) -> Ground:
    """A ground pattern with one of the split's palettes."""
    return Ground(
        name=_pick(rng, textures.GROUNDS[split]),
        palette=_pick(rng, textures.PALETTES[split]),
        scale=rng.uniform(1.3, 2.6),
        angle=rng.uniform(0, np.pi),
        relief=rng.uniform(0.25, 0.6),
        seed=int(rng.integers(2**31)),
    )


def _object_colours(rng: np.random.Generator, ground: Array) -> tuple[str, Array]:
    """A colour that is not that of the ground, with its dark and its light tone."""
    while True:
        name = _pick(rng, textures.COLOURS)
        base = textures.linear(textures.COLOURS[name]) * rng.uniform(0.85, 1.15, 3)
        # Cube roots are roughly even steps to the eye, as in CIE L* (CIE 1976).
        if norm(np.cbrt(base) - np.cbrt(ground)) > 0.3:
            break
    contrast = rng.uniform(0.25, 0.5)
    dark, light = base * (1 - contrast), base * (1 + contrast) + 0.2 * contrast
    return name, np.clip(np.stack([dark, base, light]), 0, 1).astype(np.float32)


def draw_scene(key: tuple[int, ...], split: str, kind: str) -> Scene:
    """Draw the scene that belongs to `key`; equal arguments give equal scenes.

    Args:
        key: what the image's own random generator is seeded with.
        split: "train" or "val"; decides grounds, palettes, textures, backdrops.
        kind: name of the class. Nothing but the shape depends on it.
    """
    rng, shape_rng = (
        np.random.default_rng(s) for s in np.random.SeedSequence(key).spawn(2)
    )
    ground = draw_ground(rng, split)
    backdrop = _pick(rng, textures.BACKDROPS[split])
    middle = textures.linear(textures.PALETTES[split][ground.palette][1])
    colour, colours = _object_colours(rng, middle)
    texture = _pick(rng, textures.TEXTURES[split])
    scale, place = rng.uniform(0.92, 1.2), rng.uniform(-0.25, 0.25, 2)
    gloss = rng.uniform(0, 0.5)

    solid = CLASSES[kind](shape_rng)
    centre, rotation, radius = rest(solid, shape_rng, scale, place)
    target = Body(solid, kind, centre, rotation, scale, radius,
                  textures.TEXTURES[split][texture], colours, gloss,
                  int(rng.integers(2**31)))  # fmt: skip

    elevation, far = rng.uniform(0.32, 0.68), rng.uniform(3.4, 4.2)
    eye = far * np.array([0, np.sin(elevation), -np.cos(elevation)])
    aim = np.array([*rng.uniform(-0.35, 0.35, 1), rng.uniform(0.4, 0.75), 0])
    azimuth, height = rng.uniform(-1.9, 1.9), rng.uniform(0.55, 1.15)
    light = np.array([np.sin(azimuth), np.tan(height), -np.cos(azimuth)])

    props = []
    for _ in range(rng.choice([0, 1, 2, 3], p=[0.5, 0.2, 0.2, 0.1])):
        a, reach = rng.uniform(-np.pi, np.pi), rng.uniform(1.25, 1.9)
        near = place + reach * np.array([np.cos(a), np.sin(a)])
        props.append(_prop(rng, DISTRACTORS, near))
    if rng.random() < 0.12:
        side, forward = rng.uniform(-0.6, 0.6), rng.uniform(0.3, 0.42)
        towards = (eye[[0, 2]] - place) * forward
        props.append(_prop(rng, OCCLUDERS, place + towards + [side, 0]))

    camera = Camera(
        eye=(eye + [place[0] * 0.3, 0, 0]).astype(np.float32),
        target=aim.astype(np.float32),
        roll=rng.uniform(-0.06, 0.06),
        exposure=rng.uniform(0.85, 1.2),
        balance=1 + rng.uniform(-0.06, 0.06, 3).astype(np.float32),
        noise=rng.uniform(0.5, 3.2),
        quality=int(rng.integers(62, 88)),
        seed=int(rng.integers(2**31)),
    )
    return Scene(target, tuple(props), ground, backdrop, camera,
                 (light / norm(light)).astype(np.float32), rng.uniform(0, 1),
                 rng.uniform(0.08, 0.2), colour, texture, split)  # fmt: skip


def retake(scene: Scene, key: tuple[int, ...]) -> Scene:
    """The same scene a moment later: the camera has moved a little, new noise."""
    rng = np.random.default_rng(key)
    camera = replace(
        scene.camera,
        eye=scene.camera.eye + rng.normal(0, 0.03, 3).astype(np.float32),
        exposure=scene.camera.exposure * rng.uniform(0.96, 1.04),
        quality=int(rng.integers(62, 88)),
        seed=int(rng.integers(2**31)),
    )
    return replace(scene, camera=camera)
