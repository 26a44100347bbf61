"""Turn a scene into pixels: sphere tracing, soft light, a camera.

Sphere tracing after J. C. Hart (The Visual Computer 12, 1996); the soft shadow is
I. Quilez's estimate, https://iquilezles.org/articles/rmshadows/.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from solids import textures
from solids.scene import Body, Scene
from solids.shapes import UP, norm
from solids.textures import Array, linear, ramp, smoothstep, value_noise

SIZE = 96  # pixels a side of the finished image
SAMPLES = 3  # rays a pixel along each side
FOCAL = 2.5  # focal length over half the sensor's width: 44 degrees of view
STEPS, SHADOW_STEPS = 56, 22
HIT = 2e-3  # a ray this near a surface has hit it; 1/10 of a pixel at the object
FAR = 60.0


class Photo(NamedTuple):
    """A finished image with what is known about it.

    `image` is RGB, `mask` (mode "1") is the visible part of the object, `occluded`
    the share of the object that something else hides.
    """

    image: Image.Image
    mask: Image.Image
    occluded: float


def rays(scene: Scene) -> Array:
    """Unit directions [n * n, 3] through the pixels' samples, row by row."""
    camera, n = scene.camera, SIZE * SAMPLES
    forward = camera.target - camera.eye
    forward /= norm(forward)
    right = np.cross(UP, forward)
    right /= norm(right)
    up = np.cross(forward, right)
    c, s = np.float32(np.cos(camera.roll)), np.float32(np.sin(camera.roll))
    right, up = c * right + s * up, c * up - s * right
    at = ((np.arange(n, dtype=np.float32) + 0.5) / n * 2 - 1) / np.float32(FOCAL)
    d = forward + at[None, :, None] * right - at[:, None, None] * up
    return (d / norm(d)[..., None]).reshape(-1, 3).astype(np.float32)


def trace(body: Body, eye: Array, d: Array) -> Array:
    """Distance [n] along each ray [n, 3] to the body, infinite where it misses."""
    to_eye = eye - body.centre
    b = d @ to_eye
    inside = b * b - (to_eye @ to_eye - body.radius**2)
    t = np.full(len(d), np.inf, np.float32)
    active = np.flatnonzero((inside > 0) & (b < 0))
    depth = -b[active] - np.sqrt(inside[active])
    leave = -b[active] + np.sqrt(inside[active])
    for _ in range(STEPS):
        gap = body.distance(eye + d[active] * depth[:, None])
        hit = gap < HIT
        t[active[hit]] = depth[hit]
        on = ~hit & (depth < leave)
        active, depth, leave = active[on], depth[on] + gap[on], leave[on]
    return t


def shadow(body: Body, p: Array, light: Array, softness: float) -> Array:
    """Share [n] of the light that passes the body on its way to points [n, 3]."""
    to_p = p - body.centre
    b = to_p @ light
    miss = np.sqrt(np.maximum((to_p * to_p).sum(-1) - b * b, 0))
    lit = np.ones(len(p), np.float32)
    # Rays that pass further away than the penumbra is wide stay fully lit.
    penumbra = body.radius * (1 + 4 * softness)
    active = np.flatnonzero((miss < penumbra) & (b < body.radius))
    depth = np.maximum(-b[active] - 1.5 * body.radius, 0.02)
    for _ in range(SHADOW_STEPS):
        gap = body.distance(p[active] + light * depth[:, None])
        seen = np.clip(0.5 + 0.5 * gap / (softness * depth), 0, 1)
        lit[active] = np.minimum(lit[active], seen)
        on = (seen > 0) & (depth < body.radius * 1.5 - b[active])
        step = np.clip(np.abs(gap), 0.03, 0.35)
        active, depth = active[on], (depth + step)[on]
    return lit * lit * (3 - 2 * lit)


def normals(body: Body, p: Array) -> Array:
    """Unit normals [n, 3] by differences along a tetrahedron's corners."""
    corners = np.array([[1, -1, -1], [-1, -1, 1], [-1, 1, -1], [1, 1, 1]], np.float32)
    n = sum(body.distance(p + k * 2 * HIT)[:, None] * k for k in corners)
    return n / np.maximum(norm(n), 1e-9)[:, None]


def _sky(scene: Scene) -> tuple[Array, Array, Array]:
    horizon, zenith, accent = textures.BACKDROPS[scene.split][scene.backdrop]
    return linear(horizon), linear(zenith), linear(accent)


def backdrop(scene: Scene, d: Array) -> Array:
    """An out-of-focus distance: a gradient, soft hills and discs of light."""
    horizon, zenith, accent = _sky(scene)
    seed = scene.ground.seed
    angle = np.arctan2(d[:, 0], d[:, 2])
    rise = smoothstep(-0.08, 0.45, d[:, 1])[:, None]
    colour = horizon + (zenith - horizon) * rise
    wide = np.stack([angle * 5, d[:, 1] * 5], -1)
    haze = value_noise(wide, seed)[:, None] - 0.5
    colour = colour * (1 + 0.5 * haze)
    rng = np.random.default_rng(seed)
    for _ in range(7):  # discs: enough to be seen in the narrow strip of sky
        x, y, r = rng.uniform([-0.6, -0.05, 0.03], [0.6, 0.35, 0.09])
        away = np.hypot(angle - x, d[:, 1] - y)
        disc = smoothstep(r, r * 0.75, away)[:, None] * rng.uniform(0.1, 0.4)
        colour = colour + (accent - colour) * disc
    return colour


def _light(scene: Scene) -> tuple[Array, Array, Array]:
    """Colour of the lamp, of the sky above, and of the light off the ground."""
    cool, warm = np.array([0.94, 0.98, 1.06]), np.array([1.12, 1.0, 0.84])
    lamp = 2.3 * (cool + (warm - cool) * scene.warmth)
    sky = 0.35 * (_sky(scene)[1] + 0.6)
    palette = textures.PALETTES[scene.split][scene.ground.palette]
    return lamp.astype(np.float32), sky, 0.45 * linear(palette[1])


def shade_ground(scene: Scene, bodies: list[Body], p: Array, across: float) -> Array:
    """Colours [n, 3] of ground points; `across` is how far apart two samples are."""
    ground, light = scene.ground, scene.light
    c, s = np.cos(ground.angle), np.sin(ground.angle)
    turn = np.array([[c, s], [-s, c]], np.float32)
    pattern = textures.GROUNDS[scene.split][ground.name]

    def look(at: Array) -> tuple[Array, Array]:
        return pattern(at[:, [0, 2]] @ turn * np.float32(ground.scale), ground.seed)

    mix, height = look(p)
    # Relief: a slope that faces the light is brighter. One difference is enough.
    slope = look(p - light * np.float32(across))[1] - height
    relief = np.clip(1 - ground.relief * slope, 0.55, 1.5)[:, None]
    palette = textures.PALETTES[scene.split][ground.palette]
    # Three fifths of the contrast: the ground is the stage and not the subject.
    albedo = ramp(0.22 + 0.6 * mix, np.stack([linear(c) for c in palette]))
    lit, open_sky = np.ones(len(p), np.float32), np.ones(len(p), np.float32)
    for body in bodies:
        lit *= shadow(body, p, light, scene.softness)
        close = np.maximum(body.distance(p), 0) / (0.35 * body.radius)
        open_sky *= 1 - 0.6 * np.exp(-close)
    lamp, sky, _ = _light(scene)
    direct = lamp * (light[1] * lit)[:, None] * relief
    return albedo * (direct + sky * open_sky[:, None] * relief)


def shade_body(
    scene: Scene, body: Body, bodies: list[Body], p: Array, d: Array
) -> Array:
    """Colours [n, 3] of surface points p [n, 3] seen along directions d [n, 3]."""
    n, light = normals(body, p), scene.light
    local = (p - body.centre) @ body.rotation / np.float32(body.scale)
    albedo = ramp(body.pattern(local, body.seed)[0], body.colours)
    lit = smoothstep(-0.05, 0.15, n @ light)
    for other in bodies:
        lit *= shadow(other, p + n * np.float32(0.02), light, scene.softness)
    facing = np.clip(n @ light, 0, 1) * lit
    # A second probe of the distance finds creases and hollows.
    open_sky = np.clip(body.distance(p + n * np.float32(0.2)) / 0.2, 0, 1)
    open_sky = 0.35 + 0.65 * open_sky
    up = 0.5 + 0.5 * n[:, 1]
    contact = 1 - 0.65 * np.exp(-p[:, 1] / 0.22) * (1 - up)
    lamp, sky, bounce = _light(scene)
    ambient = sky * up[:, None] + bounce * (1 - up)[:, None]
    diffuse = albedo * (
        lamp * facing[:, None] + ambient * (open_sky * contact)[:, None]
    )
    half = light - d
    half /= norm(half)[:, None]
    power = 12 + 130 * body.gloss  # satin to glazed
    shine = np.clip((n * half).sum(-1), 0, 1) ** power * facing
    # Schlick's approximation of the Fresnel reflection (1994).
    rim = (1 - np.clip(-(n * d).sum(-1), 0, 1)) ** 5 * (0.15 + body.gloss) * open_sky
    return diffuse + lamp * (body.gloss * shine)[:, None] + sky * rim[:, None]


def develop(scene: Scene, radiance: Array) -> Image.Image:
    """Expose, tone-map, reduce to pixels and add the sensor's noise."""
    camera, n = scene.camera, SIZE * SAMPLES
    at = np.linspace(-1, 1, n, dtype=np.float32)
    corner = 1 - 0.14 * (at[:, None] ** 2 + at[None, :] ** 2)  # vignette
    x = radiance.reshape(n, n, 3) * corner[..., None] * camera.balance
    x = x * np.float32(0.62 * camera.exposure)
    # Filmic curve of K. Narkowicz (2015), a fit to the ACES reference transform.
    x = np.clip(x * (2.51 * x + 0.03) / (x * (2.43 * x + 0.59) + 0.14), 0, 1)
    srgb = np.where(x <= 0.0031308, 12.92 * x, 1.055 * x ** (1 / 2.4) - 0.055)
    pixels = srgb.reshape(SIZE, SAMPLES, SIZE, SAMPLES, 3).mean((1, 3)) * 255
    noise = np.random.default_rng(camera.seed).normal(0, camera.noise, pixels.shape)
    pixels = np.clip(np.round(pixels + noise), 0, 255).astype(np.uint8)
    return Image.fromarray(pixels)


def _mask(hit: NDArray[np.bool_]) -> Image.Image:
    cover = hit.reshape(SIZE, SAMPLES, SIZE, SAMPLES).mean((1, 3))
    return Image.fromarray(cover >= 0.5)


def photograph(scene: Scene, *, with_object: bool = True) -> Photo:
    """Render a scene.

    Args:
        scene: from `scene.draw_scene`.
        with_object: False leaves the object and its shadow out (the mask is then
            empty), to measure what the surroundings alone give away.
    """
    eye, d = scene.camera.eye, rays(scene)
    ground_at = np.where(d[:, 1] < -1e-4, -eye[1] / np.minimum(d[:, 1], -1e-4), FAR)
    bodies = [scene.target, *scene.props] if with_object else list(scene.props)
    depths = [trace(body, eye, d) for body in bodies]
    stack = np.stack([np.minimum(ground_at, FAR).astype(np.float32), *depths])
    nearest = stack.argmin(0)
    t = stack.min(0)
    p = eye + d * t[:, None]

    radiance = backdrop(scene, d)
    on_ground = np.flatnonzero((nearest == 0) & (t < FAR / 3))
    # The relief step is about half a tile's joint, in world units.
    step = 0.06 / scene.ground.scale
    colour = shade_ground(scene, bodies, p[on_ground], step)
    fog = smoothstep(4.5, 11, t[on_ground])[:, None]
    radiance[on_ground] += (colour - radiance[on_ground]) * (1 - fog)
    for k, body in enumerate(bodies, 1):
        seen = np.flatnonzero(nearest == k)
        radiance[seen] = shade_body(scene, body, bodies, p[seen], d[seen])

    image = develop(scene, radiance)
    if not with_object:
        return Photo(image, _mask(np.zeros(len(d), bool)), 0.0)
    visible, whole = nearest == 1, depths[0] < ground_at
    return Photo(image, _mask(visible), 1 - visible.sum() / max(whole.sum(), 1))
