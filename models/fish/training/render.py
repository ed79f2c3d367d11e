"""Procedural renderer of fish pictures: every picture is a function of (label, seed, size).

Nothing here is a photograph. A fish is described in body coordinates (u runs from the snout to the tail, v from the
belly to the back, both in body lengths); each pixel is mapped back to them, so any picture size gives the same scene.
"""

import argparse
import io
import os

import numpy as np
from PIL import Image, ImageFilter

LABELS = ["salmon", "trout", "seabass", "seabream", "tilapia", "empty"]

# Ranges a species is drawn from. Colours are (back, side, belly) in 0..1; um is where the body is deepest.
SPECIES = {
    "salmon": dict(
        depth=(0.21, 0.27), um=(0.36, 0.42), sharp=(0.55, 0.68), back=(0.22, 0.30, 0.38), side=(0.66, 0.70, 0.74),
        belly=(0.90, 0.90, 0.90), fork=(0.05, 0.09), tail=(0.15, 0.19), tail_height=(0.11, 0.14),
        dorsal=[(0.42, 0.55, 0.085, False)], anal=(0.70, 0.80, 0.06), adipose=True,
    ),
    "trout": dict(
        depth=(0.23, 0.29), um=(0.36, 0.43), sharp=(0.50, 0.62), back=(0.36, 0.35, 0.18), side=(0.66, 0.60, 0.40),
        belly=(0.88, 0.82, 0.66), fork=(0.0, 0.02), tail=(0.13, 0.17), tail_height=(0.11, 0.14),
        dorsal=[(0.42, 0.57, 0.08, False)], anal=(0.70, 0.80, 0.06), adipose=True,
    ),
    "seabass": dict(
        depth=(0.24, 0.29), um=(0.33, 0.40), sharp=(0.62, 0.75), back=(0.30, 0.34, 0.33), side=(0.72, 0.75, 0.73),
        belly=(0.92, 0.92, 0.90), fork=(0.03, 0.06), tail=(0.14, 0.18), tail_height=(0.10, 0.13),
        dorsal=[(0.34, 0.52, 0.10, True), (0.57, 0.74, 0.075, False)], anal=(0.64, 0.77, 0.07), adipose=False,
    ),
    "seabream": dict(
        depth=(0.40, 0.49), um=(0.30, 0.37), sharp=(0.48, 0.60), back=(0.42, 0.44, 0.47), side=(0.78, 0.78, 0.76),
        belly=(0.93, 0.92, 0.88), fork=(0.08, 0.13), tail=(0.18, 0.23), tail_height=(0.15, 0.19),
        dorsal=[(0.28, 0.80, 0.075, True)], anal=(0.60, 0.80, 0.06), adipose=False,
    ),
    "tilapia": dict(
        depth=(0.39, 0.48), um=(0.33, 0.42), sharp=(0.50, 0.62), back=(0.34, 0.35, 0.33), side=(0.58, 0.57, 0.52),
        belly=(0.80, 0.76, 0.68), fork=(-0.05, -0.02), tail=(0.17, 0.21), tail_height=(0.14, 0.18),
        dorsal=[(0.26, 0.84, 0.09, True)], anal=(0.60, 0.80, 0.08), adipose=False,
    ),
}


def smoothstep(low, high, x):
    t = np.clip((x - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)


def clouds(rng, width, height, cells):
    """Smooth noise in 0..1 with about `cells` blobs across."""
    small = rng.random((max(2, cells * height // width), cells)).astype(np.float32)
    return np.clip(np.asarray(Image.fromarray(small).resize((width, height), Image.BICUBIC)), 0, 1)


def cell_spots(rng, u, v, frequency, density, size):
    """Jittered round spots, one at most in each cell of a grid over the body; 0..1 by pixel."""
    n = 64
    table = rng.random((n, n, 4)).astype(np.float32)
    x, y = u * frequency + 8, v * frequency + 24
    ix, iy = np.floor(x).astype(np.int32), np.floor(y).astype(np.int32)
    entry = table[np.clip(iy, 0, n - 1), np.clip(ix, 0, n - 1)]
    distance = np.hypot(x - ix - 0.3 - 0.4 * entry[..., 0], y - iy - 0.3 - 0.4 * entry[..., 1])
    radius = size * (0.6 + 0.6 * entry[..., 2])
    return smoothstep(1.15, 0.75, distance / radius) * (entry[..., 3] < density)


def background(rng, width, height, x, y):
    hues = [(0.10, 0.34, 0.42), (0.08, 0.26, 0.45), (0.20, 0.38, 0.28), (0.30, 0.36, 0.26), (0.42, 0.47, 0.48),
            (0.16, 0.20, 0.22), (0.55, 0.60, 0.60)]
    water = np.array(hues[rng.integers(len(hues))], np.float32) * rng.uniform(0.7, 1.35) + rng.normal(0, 0.03, 3)
    slope = rng.uniform(-0.5, 0.3)
    light = 1 + slope * (y - 0.5) + rng.uniform(0, 0.5) * (clouds(rng, width, height, int(rng.integers(3, 7))) - 0.5)
    picture = water[None, None] * light[..., None]
    if rng.random() < 0.5:  # caustics
        strength = rng.uniform(0.03, 0.14)
        ripple = np.abs(clouds(rng, width, height, int(rng.integers(8, 16))) - 0.5)
        picture = picture + (strength * smoothstep(0.12, 0.0, ripple))[..., None]
    if rng.random() < 0.3:  # bottom
        edge = rng.uniform(0.7, 0.95) + 0.05 * np.sin(x * rng.uniform(3, 9) + rng.uniform(0, 6))
        sand = np.array((0.55, 0.48, 0.36)) * rng.uniform(0.5, 1.1)
        grain = 0.75 + 0.5 * clouds(rng, width, height, 40)
        w = smoothstep(-0.03, 0.05, y - edge)[..., None] * 0.8
        picture = picture * (1 - w) + sand * grain[..., None] * w
    if rng.random() < 0.3:  # net
        picture = picture * (1 - net(rng, x, y)[..., None])
    return picture.astype(np.float32), water.astype(np.float32)


def net(rng, x, y):
    pitch, angle = rng.uniform(0.07, 0.2), rng.uniform(0, np.pi / 2)
    a, b = x * np.cos(angle) + y * np.sin(angle), y * np.cos(angle) - x * np.sin(angle)
    a = a + 0.02 * np.sin(b * rng.uniform(3, 9))
    thin = rng.uniform(0.04, 0.1)
    near = np.minimum(np.abs(a / pitch % 1 - 0.5), np.abs(b / pitch % 1 - 0.5))
    return rng.uniform(0.2, 0.6) * smoothstep(thin, thin * 0.4, near)


def bubbles(rng, picture, x, y, count):
    for _ in range(count):
        cx, cy, r = rng.random(), rng.random(), rng.uniform(0.006, 0.03)
        d = np.hypot(x - cx, y - cy) / r
        ring = smoothstep(0.4, 0.9, d) * smoothstep(1.15, 0.95, d)
        picture = picture + (0.35 * ring + 0.06 * (d < 1))[..., None]
    return picture


def weeds(rng, picture, x, y):
    """Long blades and drifting lumps, so that `empty` is more than plain water."""
    for _ in range(int(rng.integers(1, 7))):
        root, lean, width = rng.random(), rng.uniform(-0.3, 0.3), rng.uniform(0.008, 0.03)
        top = rng.uniform(0.2, 0.8)
        centre = root + lean * (1 - y) + 0.03 * np.sin(y * rng.uniform(5, 14) + rng.uniform(0, 6))
        w = smoothstep(width, width * 0.5, np.abs(x - centre) / np.clip((y - top) * 2, 0.05, 1)) * (y > top) * 0.8
        colour = np.array((0.18, 0.32, 0.14)) * rng.uniform(0.5, 1.5)
        picture = picture * (1 - w[..., None]) + colour * w[..., None]
    return picture


def body_profile(rng, spec, u):
    um, a = rng.uniform(*spec["um"]), rng.uniform(*spec["sharp"])
    t = np.clip(u, 1e-4, 1 - 1e-4)
    b = a * (1 - um) / um
    shape = (t / um) ** a * ((1 - t) / (1 - um)) ** b
    depth = rng.uniform(*spec["depth"])
    stalk = 0.032 * smoothstep(0.6, 1.0, u) * (u < 1.08)
    share = rng.uniform(0.50, 0.56)
    return depth * share * shape + stalk, depth * (1 - share) * shape + stalk, depth


def fins(rng, spec, u, v, top, bottom, px):
    """Coverage of the fins, and how much of a ray pattern shows in them."""
    cover = np.zeros_like(u)
    length, height, fork = rng.uniform(*spec["tail"]), rng.uniform(*spec["tail_height"]), rng.uniform(*spec["fork"])
    t = np.clip((u - 0.96) / length, 0, 1)
    reach = 0.03 + (height - 0.03) * t ** 0.8
    middle = 1 - np.clip(np.abs(v) / height, 0, 1)
    end = 0.96 + length - fork * middle if fork > 0 else 0.96 + length + fork * (1 - middle) ** 2 * 1.6
    tail = np.clip((reach - np.abs(v)) / px + 0.5, 0, 1) * np.clip((end - u) / px + 0.5, 0, 1) * (u > 0.95)
    cover = np.maximum(cover, tail)
    for start, stop, tall, spiny in spec["dorsal"]:
        tall = tall * rng.uniform(0.75, 1.2)
        t = np.clip((u - start) / (stop - start), 0, 1)
        curve = np.minimum(1, t * 5) * (1 - 0.65 * t) * (t < 1)
        if spiny:
            curve = curve * (0.72 + 0.28 * (1 - (t * rng.integers(8, 12)) % 1))
        cover = np.maximum(cover, np.clip((top + tall * curve - v) / px + 0.5, 0, 1) * (v > 0) * (curve > 0.01))
    start, stop, tall = spec["anal"]
    t = np.clip((u - start) / (stop - start), 0, 1)
    curve = np.minimum(1, t * 4) * (1 - 0.7 * t) * (t < 1) * rng.uniform(0.8, 1.2)
    cover = np.maximum(cover, np.clip((bottom + tall * curve + v) / px + 0.5, 0, 1) * (v < 0) * (curve > 0.01))
    t = np.clip((u - 0.36) / 0.12, 0, 1)
    curve = np.minimum(1, t * 4) * (1 - t) * rng.uniform(0.7, 1.2)
    cover = np.maximum(cover, np.clip((bottom + 0.06 * curve + v) / px + 0.5, 0, 1) * (v < 0) * (curve > 0.01))
    if spec["adipose"]:
        lump = np.hypot((u - 0.80) / 0.035, (v - np.max(top * (np.abs(u - 0.80) < 0.02)) - 0.008) / 0.022)
        cover = np.maximum(cover, smoothstep(1.1, 0.9, lump))
    return cover


def markings(rng, label, colour, u, v, across, depth):
    dark = np.array((0.08, 0.08, 0.09), np.float32)
    if label == "salmon":
        w = cell_spots(rng, u, v, rng.uniform(22, 28), rng.uniform(0.25, 0.5), 0.20) * (across > 0.22) * 0.8
    elif label == "trout":
        w = cell_spots(rng, u, v, rng.uniform(22, 30), rng.uniform(0.65, 0.95), 0.26) * (across > -0.55) * 0.85
        band = np.exp(-((across - 0.02) / 0.24) ** 2) * rng.uniform(0.25, 0.65) * smoothstep(0.12, 0.3, u)
        colour = colour * (1 - band[..., None]) + np.array((0.82, 0.38, 0.38)) * band[..., None]
    elif label == "seabass":
        line = smoothstep(0.10, 0.03, np.abs(across - 0.2 + 0.15 * u))
        w = rng.uniform(0.1, 0.4) * line
    elif label == "seabream":
        w = smoothstep(1.1, 0.7, np.hypot((u - 0.27) / 0.045, (v - 0.08 * depth / 0.45) / 0.06)) * rng.uniform(0.5, 0.9)
        gold = smoothstep(1.2, 0.6, np.hypot((u - 0.085) / 0.05, (across - 0.65) / 0.6)) * rng.uniform(0.4, 0.9)
        colour = colour * (1 - gold[..., None]) + np.array((0.88, 0.70, 0.22)) * gold[..., None]
        stripes = 0.12 * (0.5 + 0.5 * np.sin(v * rng.uniform(120, 170)))
        colour = colour * (1 - stripes[..., None])
    else:
        count, phase = rng.uniform(7, 10), rng.uniform(0, 6)
        bars = smoothstep(-0.1, 0.6, np.sin(u * count * 2 * np.pi + phase + 0.8 * v / depth))
        w = bars * rng.uniform(0.35, 0.7) * (u > 0.2) * smoothstep(-0.9, -0.2, across)
    w = np.asarray(w, np.float32)[..., None]
    return colour * (1 - w) + dark * w


def draw_fish(rng, label, picture, water, x, y, aspect, scale, centre, px):
    spec = SPECIES[label]
    angle, flip = rng.normal(0, 0.26), rng.choice((-1, 1))
    yaw = rng.uniform(0.82, 1.0)  # turned away a little: the body looks shorter
    dx, dy = (x - centre[0]) * aspect, y - centre[1]
    length = scale * min(aspect, 1.25)
    u = (dx * np.cos(angle) + dy * np.sin(angle)) * flip / (length * yaw) + 0.55
    v = -(dy * np.cos(angle) - dx * np.sin(angle)) / length
    v = v + rng.uniform(-0.05, 0.05) * np.sin((u - 0.2) * np.pi) + rng.uniform(-0.12, 0.12) * np.clip(u - 0.55, 0, 1) ** 2
    px = px / length
    top, bottom, depth = body_profile(rng, spec, u)
    body = np.clip((top - v) / px + 0.5, 0, 1) * np.clip((bottom + v) / px + 0.5, 0, 1) * (u > 0) * (u < 1.04)
    across = np.where(v > 0, v / np.maximum(top, 1e-3), v / np.maximum(bottom, 1e-3))
    tint = rng.normal(0, 0.035, 3)
    back, side, belly = (np.array(spec[k]) * rng.uniform(0.82, 1.15) + tint for k in ("back", "side", "belly"))
    w_back, w_belly = smoothstep(0.0, 0.85, across)[..., None], smoothstep(-0.1, -0.8, across)[..., None]
    colour = side * (1 - w_back) + back * w_back
    colour = colour * (1 - w_belly) + belly * w_belly
    sheen = 1 + rng.uniform(0.02, 0.08) * np.sin(u * 190) * np.sin(v * 190)
    colour = markings(rng, label, colour * sheen[..., None], u, v, across, depth)
    gill = smoothstep(0.014, 0.004, np.abs(u - 0.215 + 0.9 * (v / depth) ** 2 * 0.12)) * (np.abs(across) < 0.75)
    colour = colour * (1 - 0.4 * gill[..., None])
    fin_colour = (back * 0.7 + side * 0.3) * (0.85 + 0.15 * np.sin(u * 150 + v * 60))[..., None]
    alpha = np.maximum(fins(rng, spec, u, v, top, bottom, px) * rng.uniform(0.65, 0.95), body)
    colour = fin_colour * (1 - body[..., None]) + colour * body[..., None]
    pectoral = smoothstep(1.1, 0.8, np.hypot((u - 0.31) / 0.075, (v + 0.14 * depth + 0.4 * (u - 0.3)) / 0.025))
    colour = colour * (1 - 0.45 * pectoral[..., None]) + fin_colour * 0.45 * pectoral[..., None]
    eye = np.hypot(u - 0.085, v - 0.10 * depth) / rng.uniform(0.018, 0.024)
    ring, pupil = smoothstep(1.15, 0.95, eye)[..., None], smoothstep(0.75, 0.5, eye)[..., None]
    colour = colour * (1 - ring) + np.array((0.85, 0.80, 0.62)) * ring
    colour = colour * (1 - pupil) + 0.04 * pupil
    light = rng.uniform(0.75, 1.15) * (1 + rng.uniform(-0.15, 0.2) * np.clip(across, -1, 1))
    haze = rng.beta(1.4, 3.2) * 0.62
    colour = colour * light[..., None] * (1 - haze) + water * haze
    return picture * (1 - alpha[..., None]) + colour * alpha[..., None]


def render(label, seed, longest=128, clean=False):
    """The picture of `label` for `seed`, `longest` pixels wide; `clean` leaves out the camera's faults."""
    rng = np.random.default_rng([seed, LABELS.index(label)])
    aspect = float(rng.choice((1.0, 4 / 3, 4 / 3, 3 / 2)))
    width, height = longest, round(longest / aspect)
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    x, y = (x + 0.5) / width, (y + 0.5) / height
    picture, water = background(rng, width, height, x, y)
    if rng.random() < (0.45 if label == "empty" else 0.12):
        picture = weeds(rng, picture, x, y)
    if label != "empty":
        scale = rng.uniform(0.52, 0.82)
        centre = (0.5 + rng.uniform(-0.1, 0.1), 0.5 + rng.uniform(-0.12, 0.12))
        if rng.random() < 0.15:  # a second one of the kind, further off
            far = (rng.uniform(0.15, 0.85), rng.uniform(0.15, 0.85))
            picture = draw_fish(rng, label, picture, water, x, y, aspect, scale * 0.5, far, 1 / height)
        picture = draw_fish(rng, label, picture, water, x, y, aspect, scale, centre, 1 / height)
    if rng.random() < 0.4:
        picture = bubbles(rng, picture, x, y, int(rng.integers(1, 14)))
    if rng.random() < 0.08:
        picture = picture * (1 - 0.6 * net(rng, x, y)[..., None])
    return camera(rng, picture, width, clean)


def camera(rng, picture, width, clean):
    gain, contrast = rng.uniform(0.8, 1.25), rng.uniform(0.8, 1.15)
    cast = rng.normal(1, 0.05, 3)
    blur, noise = rng.uniform(0, 1.0) ** 2 * 1.1 * width / 128, rng.uniform(0, 0.035)
    if clean:
        gain, contrast, blur, noise = 1.05, 1.0, 0.0, 0.004
    picture = ((picture - 0.45) * contrast + 0.45) * gain * cast
    image = Image.fromarray((np.clip(picture, 0, 1) * 255).astype(np.uint8))
    if blur > 0.3:
        image = image.filter(ImageFilter.GaussianBlur(blur))
    grain = rng.normal(0, noise * 255, (image.height, image.width, 3))
    return Image.fromarray(np.clip(np.asarray(image, np.float32) + grain, 0, 255).astype(np.uint8))


def jpeg(image, quality):
    stream = io.BytesIO()
    image.save(stream, "JPEG", quality=quality)
    return stream.getvalue()


def jpeg_quality(seed):
    return int(np.random.default_rng([seed, 77]).integers(45, 91))


def main():
    parser = argparse.ArgumentParser(description="Write rendered pictures to <out>/<label>/NNN.jpg.")
    parser.add_argument("--out", required=True)
    parser.add_argument("--seed", type=int, default=9_000_000)
    parser.add_argument("--per-class", type=int, default=60)
    parser.add_argument("--longest", type=int, default=128)
    parser.add_argument("--clean", action="store_true")
    options = parser.parse_args()
    for label in LABELS:
        os.makedirs(os.path.join(options.out, label), exist_ok=True)
        for index in range(options.per_class):
            seed = options.seed + index
            data = jpeg(render(label, seed, options.longest, options.clean), jpeg_quality(seed))
            with open(os.path.join(options.out, label, f"{index:03d}.jpg"), "wb") as file:
                file.write(data)


if __name__ == "__main__":
    main()
