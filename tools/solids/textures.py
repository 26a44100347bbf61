"""Procedural patterns and palettes: everything that covers a surface.

A pattern maps points to `(mix, height)`. `mix` in [0, 1] chooses a place on a
three-colour ramp, `height` in [0, 1] gives the ground its relief. No photograph is
used anywhere. Noise after K. Perlin, "An image synthesizer" (SIGGRAPH 1985); cells
after S. Worley, "A cellular texture basis function" (SIGGRAPH 1996).
"""

from collections.abc import Callable
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating[Any]]  # float32 in practice
Pattern = Callable[[Array, int], tuple[Array, Array]]

# Odd constants spread the lattice coordinates over 32 bits (Teschner et al.,
# "Optimized spatial hashing", 2003); the two multipliers are those of the "lowbias32"
# integer hash (C. Wellons, hash-prospector, 2018).
AXIS_PRIMES = (73856093, 19349663, 83492791)
MULTIPLIERS = (0x21F0AAAD, 0x735A2D97)


def cell_hash(cells: NDArray[np.int64], seed: int) -> Array:
    """Hash integer lattice points [..., D] to repeatable numbers in [0, 1)."""
    h = np.full(cells.shape[:-1], seed & 0xFFFFFFFF, np.uint32)
    for axis in range(cells.shape[-1]):
        h ^= cells[..., axis].astype(np.uint32) * np.uint32(AXIS_PRIMES[axis])
    for multiplier in MULTIPLIERS:
        h ^= h >> np.uint32(16)
        h *= np.uint32(multiplier)
    h ^= h >> np.uint32(15)
    return (h >> np.uint32(8)).astype(np.float32) / np.float32(2**24)


def smoothstep(low: float, high: float, x: Array) -> Array:
    """Cubic step from 0 at `low` to 1 at `high`."""
    t = np.clip((x - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)


def value_noise(p: Array, seed: int) -> Array:
    """Smooth noise in [0, 1] at points [..., D], one lattice cell per unit."""
    cell = np.floor(p).astype(np.int64)
    w = p - cell
    w = w * w * (3 - 2 * w)
    total = np.zeros(p.shape[:-1], np.float32)
    for corner in product((0, 1), repeat=p.shape[-1]):
        offset = np.array(corner)
        weight = np.where(offset == 1, w, 1 - w).prod(-1)
        total += weight * cell_hash(cell + offset, seed)
    return total


def fbm(p: Array, seed: int, octaves: int = 3) -> Array:
    """Fractal noise in [0, 1]: each octave has twice the frequency, half the weight."""
    total = sum(
        value_noise(p * 2.0**k, seed + k) * np.float32(0.5**k) for k in range(octaves)
    )
    return total / np.float32(2 - 2.0 ** (1 - octaves))  # type: ignore[return-value]


def worley(p: Array, seed: int) -> tuple[Array, Array, Array]:
    """Distances to the nearest two scattered points, and a number per nearest point."""
    cell = np.floor(p).astype(np.int64)
    first = np.full(p.shape[:-1], np.inf, np.float32)
    second, name = first.copy(), np.zeros_like(first)
    for shift in product((-1, 0, 1), repeat=p.shape[-1]):
        near = cell + np.array(shift)
        jitter = np.stack(
            [cell_hash(near, seed + 1 + k) for k in range(p.shape[-1])], -1
        )
        gap = near + jitter - p
        distance = np.sqrt((gap * gap).sum(-1))
        second = np.minimum(second, np.maximum(first, distance))
        name = np.where(distance < first, cell_hash(near, seed), name)
        first = np.minimum(first, distance)
    return first, second, name


def _face(joint: float, *insets: Array) -> Array:
    """0 in the joint around a tile, 1 on its face; `insets` reach in from the sides."""
    return smoothstep(joint / 2, joint, np.minimum.reduce(insets))


def planks(p: Array, seed: int) -> tuple[Array, Array]:
    """Boards of different lengths with grain."""
    row = np.floor(p[:, 1])
    rows = row[:, None].astype(np.int64)
    u = p[:, 0] / 4 + cell_hash(rows, seed)  # a board is four widths long
    board = np.stack([row, np.floor(u)], -1).astype(np.int64)
    tone = cell_hash(board, seed + 1)
    grain = fbm(p * np.array([0.7, 7], np.float32) + 31 * tone[:, None], seed + 2)
    x, y = 4 * (u - np.floor(u)), p[:, 1] - row
    face = _face(0.08, x, 4 - x, y, 1 - y)
    return (0.1 + 0.4 * tone + 0.5 * grain) * (0.25 + 0.75 * face), face


def bricks(p: Array, seed: int) -> tuple[Array, Array]:
    """Running bond with light mortar."""
    row = np.floor(p[:, 1])
    u = p[:, 0] / 2 + 0.5 * (row % 2)
    tone = cell_hash(np.stack([np.floor(u), row], -1).astype(np.int64), seed)
    x, y = (u - np.floor(u)) * 2, p[:, 1] - row
    face = _face(0.14, x, 2 - x, y, 1 - y)
    stone = 0.05 + 0.5 * tone + 0.3 * fbm(p * 5, seed + 1)
    return stone * face + 0.95 * (1 - face), face


def checker(p: Array, seed: int) -> tuple[Array, Array]:
    """Two-coloured square tiles."""
    cell = np.floor(p)
    u, v = (p - cell).T
    face = _face(0.05, u, 1 - u, v, 1 - v)
    cloud = 0.25 * fbm(p * 2, seed)
    tile = np.where(cell.sum(-1) % 2 == 0, 0.08, 0.68).astype(np.float32)
    return (tile + cloud) * (0.5 + 0.5 * face), face


def gravel(p: Array, seed: int) -> tuple[Array, Array]:
    """Rounded pebbles lying close together."""
    first, second, tone = worley(p * 2, seed)
    dome = smoothstep(0, 0.45, second - first)
    return (0.1 + 0.85 * tone) * (0.25 + 0.75 * dome), dome


def meadow(p: Array, seed: int) -> tuple[Array, Array]:
    """Short grass: patches under fine blades."""
    bend = 1.5 * value_noise(p, seed + 7)[:, None]
    blades = fbm(p * np.array([13, 5], np.float32) + bend, seed, octaves=2)
    mix = 0.55 * fbm(p * 0.8, seed + 3) + 0.75 * blades - 0.15
    return np.clip(mix, 0, 1), blades


def ripples(p: Array, seed: int) -> tuple[Array, Array]:
    """Wind ripples in sand."""
    phase = 1.3 * p[:, 1] + 1.6 * fbm(p * 0.6, seed)
    wave = 0.5 + 0.5 * np.sin(2 * np.pi * phase)
    return 0.25 + 0.4 * wave + 0.3 * value_noise(p * 16, seed + 5), wave


def terrazzo(p: Array, seed: int) -> tuple[Array, Array]:
    """Polished stone chips in a pale binder."""
    first, second, tone = worley(p * 2, seed)
    chip = smoothstep(0.1, 0.16, second - first) * (tone > 0.35)
    base = 0.78 + 0.12 * value_noise(p * 3, seed + 9)
    return base * (1 - chip) + 1.4 * np.abs(tone - 0.65) * chip, np.ones_like(base)


def hexagons(p: Array, seed: int) -> tuple[Array, Array]:
    """Six-sided tiles: the nearer of two staggered rectangular lattices."""
    size = np.array([1, np.sqrt(3)], np.float32)
    centres = [np.round((p - shift) / size) * size + shift for shift in (0, size / 2)]
    gaps = [p - centre for centre in centres]
    nearer = ((gaps[0] ** 2).sum(-1) < (gaps[1] ** 2).sum(-1))[:, None]
    centre, gap = np.where(nearer, *centres), np.abs(np.where(nearer, *gaps))
    tone = cell_hash(np.round(centre * 4).astype(np.int64), seed)
    # Distance from the centre along the six sides' normals; the side is at 1/2.
    reach = np.maximum(gap[:, 0], gap[:, 0] / 2 + gap[:, 1] * np.sqrt(3) / 2)
    face = smoothstep(0.02, 0.06, 0.5 - reach.astype(np.float32))
    return (0.15 + 0.8 * tone) * face, face


def marble(p: Array, seed: int) -> tuple[Array, Array]:
    """Veined slabs: folded, warped noise. Points may be 2-D or 3-D."""
    warp = fbm(p, seed, octaves=4)
    vein = np.abs(np.sin(3 * p[:, 0] + 2 * p[:, 1] + 9 * warp))
    return 0.95 * np.sqrt(vein), np.ones_like(vein)


def weave(p: Array, seed: int) -> tuple[Array, Array]:
    """Basket weave: strands pass over and under each other."""
    q = p * 1.6
    cell = np.floor(q)
    over = cell.sum(-1) % 2 == 0
    across, along = np.where(over, (q - cell).T, (q - cell).T[::-1])
    strand = np.sin(np.pi * across) * (0.45 + 0.55 * np.sin(np.pi * along))
    tone = cell_hash(cell.astype(np.int64), seed)
    return 0.85 * strand + 0.2 * tone - 0.05, strand


def stripes(p: Array, seed: int) -> tuple[Array, Array]:
    """A rug with stripes of unequal width."""
    u = p[:, 1] * 0.9
    lane = np.floor(u)
    width = 0.25 + 0.5 * cell_hash(lane[:, None].astype(np.int64), seed)
    band = smoothstep(-0.02, 0.02, u - lane - width)
    thread = 0.22 * value_noise(p * np.array([4, 22], np.float32), seed + 1)
    return 0.05 + 0.72 * band + thread, thread


def plain(p: Array, seed: int) -> tuple[Array, Array]:
    """One colour with a trace of unevenness."""
    cloud = 0.45 + 0.1 * value_noise(p * 2, seed)
    return cloud, cloud


def mottled(p: Array, seed: int) -> tuple[Array, Array]:
    """Soft patches, like glazed clay."""
    patch = smoothstep(0.25, 0.75, fbm(p * 3, seed))
    return patch, patch


def bands(p: Array, seed: int) -> tuple[Array, Array]:
    """Painted parallel bands."""
    band = smoothstep(-0.15, 0.15, np.sin(11 * p[:, 1] + seed % 7))
    return 0.15 + 0.6 * band, band


def rings(p: Array, seed: int) -> tuple[Array, Array]:
    """Year rings of turned wood around a slanted axis."""
    radius = np.hypot(p[:, 0] + 0.3 * p[:, 1], p[:, 2])
    ring = 0.5 + 0.5 * np.sin(30 * radius + 5 * fbm(p * 2, seed))
    return 0.2 + 0.6 * ring, ring


def speckle(p: Array, seed: int) -> tuple[Array, Array]:
    """Round spots on a uniform base."""
    first, _, tone = worley(p * 4.5, seed)
    spot = smoothstep(0.36, 0.28, first) if seed % 2 else 1 - (first < 0.32)
    return 0.45 + np.where(tone > 0.5, 0.5, -0.4) * spot, spot  # type: ignore


def camouflage(p: Array, seed: int) -> tuple[Array, Array]:
    """Large flat patches in three tones."""
    level = fbm(p * 2.4, seed)
    mix = 0.1 + 0.4 * smoothstep(0.42, 0.46, level)
    return mix + 0.4 * smoothstep(0.56, 0.6, level), level


# The validation split uses no ground, texture, or palette of the training split.
GROUNDS: dict[str, dict[str, Pattern]] = {
    "train": {
        f.__name__: f for f in (planks, bricks, checker, gravel, meadow, ripples)
    },
    "val": {f.__name__: f for f in (terrazzo, hexagons, marble, weave, stripes)},
}
TEXTURES: dict[str, dict[str, Pattern]] = {
    "train": {f.__name__: f for f in (plain, mottled, bands, rings)},
    "val": {f.__name__: f for f in (speckle, camouflage, marble)},
}
# Ground ramps, dark to light, in sRGB.
PALETTES: dict[str, dict[str, tuple[str, str, str]]] = {
    "train": {
        "oak": ("#5a3a22", "#a5754a", "#dcb688"),
        "terracotta": ("#6f3a2c", "#b96a4f", "#e6b196"),
        "slate": ("#3a4350", "#6f7c8b", "#b4bfca"),
        "moss": ("#34492f", "#6c8a4e", "#b6c684"),
        "linen": ("#857a68", "#c4b79d", "#efe8d6"),
        "denim": ("#2b4364", "#5b7fa6", "#aac4da"),
    },
    "val": {
        "plum": ("#4b2f4a", "#8c6185", "#d0aec6"),
        "lagoon": ("#235558", "#4f9a95", "#b0dccf"),
        "honey": ("#7f5a1d", "#cda04a", "#f3dca0"),
        "chalk": ("#7d8084", "#babcbe", "#f1f0ec"),
        "rose": ("#7c444b", "#c58887", "#f0d0c8"),
    },
}
# Backdrops, horizon to zenith, with an accent for the out-of-focus lights.
BACKDROPS: dict[str, dict[str, tuple[str, str, str]]] = {
    "train": {
        "dawn": ("#ffdcb0", "#86b2dc", "#fff0c0"),
        "garden": ("#e4efc0", "#6fb08a", "#ffffc8"),
        "harbour": ("#e2eef6", "#5f96cc", "#ffffff"),
        "evening": ("#f6bd98", "#6466a8", "#ffdc9c"),
    },
    "val": {
        "orchid": ("#f4d6e6", "#a084c8", "#fff0f8"),
        "studio": ("#f4f3ee", "#a4acb4", "#ffffff"),
        "forest": ("#d6ecd6", "#3f7f74", "#f0ffc8"),
    },
}
# Colours of the solids; both splits use all of them, whatever the class.
COLOURS: dict[str, str] = {
    "coral": "#e2583e", "amber": "#f0a03a", "lemon": "#ecd24a", "lime": "#8fc04a",
    "emerald": "#2f9e6c", "teal": "#2a9d9f", "sky": "#52aee4", "cobalt": "#2f5fc6",
    "violet": "#7b58c4", "magenta": "#c5478f", "ivory": "#efe7d3",
    "graphite": "#5a606b",
}  # fmt: skip


def linear(colour: str) -> Array:
    """Hex sRGB to linear RGB [3] (IEC 61966-2-1)."""
    srgb = np.array([int(colour[k : k + 2], 16) for k in (1, 3, 5)], np.float32) / 255
    low, high = srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4
    return np.where(srgb <= 0.04045, low, high).astype(np.float32)


def ramp(mix: Array, colours: Array) -> Array:
    """Colours [..., 3] at places `mix` on a ramp of three linear colours [3, 3]."""
    at = np.clip(mix, 0, 1)[..., None] * 2
    lower = colours[0] + (colours[1] - colours[0]) * np.minimum(at, 1)
    return lower + (colours[2] - colours[1]) * np.maximum(at - 1, 0)
