"""Signed distance functions of the six classes and of the things that are no class.

A solid is a distance function in its own frame plus the points of its convex hull,
which place it exactly on the ground. Formulas: I. Quilez, "Distance functions",
https://iquilezles.org/articles/distfunctions/.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from solids.textures import Array

Distance = Callable[[Array], Array]
ANY_TURN = (0.0, 0.0, np.pi)
UP = np.array([0, 1, 0], np.float32)


@dataclass(frozen=True)
class Solid:
    """A shape in its own frame.

    `hull` [n, 3] grown by `rounding` contains the solid and touches its outline;
    `poses` are the ways it may rest: (tilt about x, turn about y, spread of the turn),
    in radians. The spread is small where a side view would hide what the object is.
    """

    distance: Distance
    hull: Array
    rounding: float
    poses: tuple[tuple[float, float, float], ...]


def norm(v: Array) -> Array:
    """Euclidean length along the last axis."""
    return np.sqrt(np.einsum("...i,...i->...", v, v))


def _box(q: Array, half: Array) -> Array:
    outside = np.abs(q) - half
    return norm(np.maximum(outside, 0)) + np.minimum(outside.max(-1), 0)


def _radial(p: Array) -> Array:
    """Cylinder coordinates (distance from the y axis, y)."""
    return np.stack([np.hypot(p[..., 0], p[..., 2]), p[..., 1]], -1)


def _circle(radius: float, y: float, points: int = 32) -> Array:
    a = np.linspace(0, 2 * np.pi, points, endpoint=False)
    return np.stack([radius * np.cos(a), np.full(points, y), radius * np.sin(a)], -1)


def _segment(q: Array, a: Array, b: Array) -> Array:
    """Vector from the nearest point of the segment a-b to each point q."""
    along = np.clip(((q - a) @ (b - a)) / ((b - a) @ (b - a)), 0, 1)
    return q - a - along[..., None] * (b - a)


def ball(rng: np.random.Generator) -> Solid:
    """A sphere, at most slightly flattened."""
    axes = 0.68 * np.array([1, rng.uniform(0.86, 1), 1], np.float32)

    def distance(p: Array) -> Array:
        k0, k1 = norm(p / axes), norm(p / axes**2)
        return k0 * (k0 - 1) / np.maximum(k1, 1e-6)

    # The lowest points of an ellipsoid of revolution in any pose lie on its outline.
    a = np.linspace(0, 2 * np.pi, 64)
    meridian = np.stack([np.cos(a), np.sin(a), 0 * a], -1)
    turned = meridian[:, [2, 1, 0]]
    return Solid(distance, np.vstack([meridian, turned]) * axes, 0, (ANY_TURN,))


def cube(rng: np.random.Generator) -> Solid:
    """A box with nearly equal sides and bevelled edges."""
    bevel = rng.uniform(0.02, 0.13)
    half = 0.52 * rng.uniform(0.86, 1.1, 3).astype(np.float32) - bevel
    corners = np.array(np.meshgrid(*[(-1, 1)] * 3)).reshape(3, -1).T * half
    return Solid(lambda p: _box(p, half) - bevel, corners, bevel, (ANY_TURN,))


def cone(rng: np.random.Generator) -> Solid:
    """A round cone with a pointed or slightly cut tip, standing or on its side."""
    bevel = rng.uniform(0.01, 0.05)
    base, tip = rng.uniform(0.5, 0.68), rng.choice([0.0, rng.uniform(0.02, 0.1)])
    half = rng.uniform(0.55, 0.72)
    corner, top = np.array([base, -half]), np.array([tip, half])

    def distance(p: Array) -> Array:
        q = _radial(p)
        side = _segment(q, corner, top)
        cap = np.maximum(np.abs(q[..., 1]) - half, 0)
        rim = np.where(q[..., 1] < 0, base, tip)
        disc = np.hypot(np.maximum(q[..., 0] - rim, 0), np.abs(q[..., 1]) - half)
        slope = (top - corner)[::-1] * np.array([1, -1])
        inside = ((q - corner) @ slope < 0) & (cap == 0)
        nearest = np.minimum(norm(side), disc)
        return np.where(inside, -nearest, nearest).astype(np.float32) - bevel

    lying = np.pi / 2 + np.arctan((base - tip) / (2 * half))
    hull = np.vstack([_circle(base, -half), _circle(tip, half)])
    sideways = [(lying, side * np.pi / 2, 0.8) for side in (-1, 1)]
    return Solid(distance, hull, bevel, (ANY_TURN, ANY_TURN, *sideways))


def ring(rng: np.random.Generator) -> Solid:
    """A ring of round to square section, flat, leaning back, or upright."""
    half = rng.uniform([0.13, 0.11], [0.2, 0.22]).astype(np.float32)
    bevel = float(half.min()) * rng.uniform(0.35, 0.99)
    middle = 0.72 - float(half[0])
    section = half - bevel

    def distance(p: Array) -> Array:
        return _box(_radial(p) - np.array([middle, 0], np.float32), section) - bevel

    rim = middle + float(section[0])
    hull = np.vstack([_circle(rim, y, 64) for y in (-section[1], section[1])])
    poses = (ANY_TURN, (-0.75, 0, 0.7), (np.pi / 2, 0, 0.9))
    return Solid(distance, hull, bevel, poses)


def mug(rng: np.random.Generator) -> Solid:
    """A hollow cup with a handle, upright."""
    wall, bevel = rng.uniform(0.05, 0.08), 0.025
    radius, half = rng.uniform(0.4, 0.5), rng.uniform(0.44, 0.6)
    taper = rng.uniform(-0.05, 0.16)
    loop, thick = rng.uniform(0.2, 0.3), rng.uniform(0.06, 0.09)
    section = np.array([loop * rng.uniform(0.85, 1.05), loop], np.float32) / 2

    def distance(p: Array) -> Array:
        q = _radial(p)
        r = radius * (1 + taper * q[..., 1] / half)
        shell = np.stack([q[..., 0] - r, np.abs(q[..., 1]) - half], -1) + bevel
        outer = norm(np.maximum(shell, 0)) + np.minimum(shell.max(-1), 0) - bevel
        hollow = np.maximum(q[..., 0] - r + wall, -half + 2 * wall - q[..., 1])
        cup = np.maximum(outer, -hollow)
        h = p - np.array([radius, 0, 0], np.float32)
        bow = _box(h[..., :2], section) - loop / 2
        handle = np.hypot(bow, h[..., 2]) - thick
        handle = np.maximum(handle, r - wall / 2 - q[..., 0])  # none inside the cup
        return np.minimum(cup, handle).astype(np.float32) * 0.92

    reach = radius + float(section[0]) + loop / 2 + thick
    ends = [_circle(radius * (1 + s * taper), s * half) for s in (-1, 1)]
    hull = np.vstack([*ends, [[reach, 0, 0]]])
    # The handle, at +x, is to the left or the right of the cup, seldom behind it.
    return Solid(distance, hull, 0, ((0, 0, 1.1), (0, np.pi, 1.1)))


def star(rng: np.random.Generator) -> Solid:
    """A thick five-pointed star, flat, leaning back, or upright."""
    bevel, points = rng.uniform(0.02, 0.07), 5
    outer, inner = 0.78, 0.78 * rng.uniform(0.44, 0.56)
    half = rng.uniform(0.12, 0.22)
    turn = np.pi / points
    tip = np.array([outer, 0])
    notch = inner * np.array([np.cos(turn), np.sin(turn)])

    def distance(p: Array) -> Array:
        # Fold the plane into one half of one point of the star.
        angle = np.arctan2(p[..., 0], p[..., 2])
        angle = np.abs((angle + turn) % (2 * turn) - turn)
        radius = np.hypot(p[..., 0], p[..., 2])
        q = np.stack([radius * np.cos(angle), radius * np.sin(angle)], -1)
        edge = notch - tip
        offset = q - tip
        inside = edge[0] * offset[..., 1] - edge[1] * offset[..., 0] > 0
        flat = norm(_segment(q, tip, notch)) * np.where(inside, -1, 1)
        both = np.stack([flat, np.abs(p[..., 1]) - half], -1)
        solid = norm(np.maximum(both, 0)) + np.minimum(both.max(-1), 0)
        return solid.astype(np.float32) - bevel

    a = 2 * turn * np.arange(points)
    tips = np.stack([outer * np.sin(a), 0 * a, outer * np.cos(a)], -1)
    hull = np.vstack([tips + UP * half, tips - UP * half])
    # Upright it stands on two points: the fifth is on top at a quarter turn about x.
    poses = (ANY_TURN, (-0.8, 0, 0.7), (-np.pi / 2, 0, 0.8))
    return Solid(distance, hull, bevel, poses)


CLASSES: dict[str, Callable[[np.random.Generator], Solid]] = {
    f.__name__: f for f in (ball, cone, cube, mug, ring, star)
}


def pebble(rng: np.random.Generator) -> Solid:
    """A small flat stone."""
    half = rng.uniform([0.08, 0.03, 0.06], [0.16, 0.06, 0.12]).astype(np.float32)
    corners = np.array(np.meshgrid(*[(-1, 1)] * 3)).reshape(3, -1).T * half * 0.4
    bevel = float(half[1]) * 0.9

    def distance(p: Array) -> Array:
        k0, k1 = norm(p / half), norm(p / half**2)
        return k0 * (k0 - 1) / np.maximum(k1, 1e-6) * 0.8

    return Solid(distance, corners, bevel, (ANY_TURN,))


def stick(rng: np.random.Generator) -> Solid:
    """A thin twig lying on the ground."""
    end = np.array([rng.uniform(0.3, 0.6), 0, 0], np.float32)
    radius = rng.uniform(0.025, 0.05)
    hull = np.stack([-end, end])
    return Solid(lambda p: norm(_segment(p, -end, end)) - radius, hull, radius,
                 (ANY_TURN,))  # fmt: skip


def post(rng: np.random.Generator) -> Solid:
    """A thin upright pole; in front of the object it is the occluder."""
    end = UP * rng.uniform(0.5, 0.9)
    radius = rng.uniform(0.04, 0.07)
    hull = np.stack([-end, end])
    return Solid(lambda p: norm(_segment(p, -end, end)) - radius, hull, radius,
                 (ANY_TURN,))  # fmt: skip


def board(rng: np.random.Generator) -> Solid:
    """A narrow upright board; in front of the object it is the occluder."""
    half = rng.uniform([0.06, 0.5, 0.02], [0.11, 0.85, 0.03]).astype(np.float32)
    corners = np.array(np.meshgrid(*[(-1, 1)] * 3)).reshape(3, -1).T * half
    return Solid(lambda p: _box(p, half) - 0.01, corners, 0.01, ((0, 0, 0.5),))


DISTRACTORS = {f.__name__: f for f in (pebble, stick)}
OCCLUDERS = {f.__name__: f for f in (post, board)}
