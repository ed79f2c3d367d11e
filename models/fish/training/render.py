"""Renders the fish that the demonstration model is trained on and judged by.

Every picture is drawn from numbers: a body outline, fins, a colour scheme, a pattern, a pose, water, light, blur,
noise and JPEG loss. A picture is a function of (split, label, index) alone, so any set can be drawn again. Nothing
here was photographed.

    python render.py --split held-out --count 60 --out ../held-out
"""

import argparse
import io
import pathlib
import zlib

import numpy as np
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter

LABELS = ["empty", "salmon", "seabass", "seabream", "tilapia", "trout"]

# Height over length, back and belly colours, tail fork depth, pattern, dorsal fin from/to (share of the body), height.
SPECIES = {
    "salmon": dict(deep=(0.21, 0.25), back=(62, 82, 104), belly=(206, 212, 216), fork=0.35, pattern="few", dorsal=(0.42, 0.56, 0.5)),
    "trout": dict(deep=(0.23, 0.28), back=(104, 110, 62), belly=(214, 196, 160), fork=0.12, pattern="spots", dorsal=(0.42, 0.58, 0.5)),
    "seabass": dict(deep=(0.25, 0.30), back=(110, 122, 128), belly=(226, 230, 232), fork=0.45, pattern="plain", dorsal=(0.30, 0.80, 0.55)),
    "seabream": dict(deep=(0.40, 0.47), back=(134, 138, 146), belly=(224, 224, 216), fork=0.55, pattern="gold", dorsal=(0.25, 0.85, 0.35)),
    "tilapia": dict(deep=(0.36, 0.43), back=(112, 104, 92), belly=(190, 180, 164), fork=0.0, pattern="bars", dorsal=(0.22, 0.90, 0.45)),
}


def generator(split, label, index):
    return np.random.default_rng(zlib.crc32(f"{split}/{label}/{index}".encode()))


def water(rng, size):
    """A gradient from the light above to the depth below, with plants, bubbles and net lines as distraction."""
    top = np.array([rng.uniform(40, 150), rng.uniform(110, 190), rng.uniform(120, 210)])
    bottom = top * rng.uniform(0.25, 0.8)
    ramp = np.linspace(0, 1, size)[:, None, None]
    sheet = (top * (1 - ramp) + bottom * ramp) * np.ones((size, size, 1))
    clouds = rng.normal(0, 1, (6, 6, 1))
    clouds = np.asarray(Image.fromarray(clouds[:, :, 0].astype(np.float32)).resize((size, size), Image.BICUBIC))
    image = Image.fromarray(np.clip(sheet + clouds[:, :, None] * rng.uniform(4, 18), 0, 255).astype(np.uint8))
    draw = ImageDraw.Draw(image, "RGBA")
    for _ in range(rng.integers(0, 4)):
        x, width = rng.uniform(0, size), rng.uniform(2, 8) * size / 128
        lean = rng.uniform(-0.3, 0.3) * size
        draw.line([(x, size), (x + lean, size * rng.uniform(0.2, 0.8))], fill=(40, int(rng.uniform(60, 110)), 40, 150), width=int(width) + 1)
    for _ in range(rng.integers(0, 12)):
        x, y, r = rng.uniform(0, size), rng.uniform(0, size), rng.uniform(1, 4) * size / 128
        draw.ellipse([x - r, y - r, x + r, y + r], outline=(230, 240, 245, 130))
    if rng.random() < 0.25:
        step = rng.uniform(12, 28) * size / 128
        for k in np.arange(-size, 2 * size, step):
            draw.line([(k, 0), (k + size * 0.4, size)], fill=(30, 40, 40, 70))
            draw.line([(k, 0), (k - size * 0.4, size)], fill=(30, 40, 40, 70))
    return image


def outline(length, height, taper):
    """The body from snout to the root of the tail, upper edge there, lower edge back."""
    t = np.linspace(0, 1, 40)
    half = height / 2 * (np.sin(np.pi * t**0.75)) ** 0.8 * (1 - taper * t) + height * 0.06 * t
    x = (t - 0.5) * length
    return np.concatenate([np.stack([x, -half], 1), np.stack([x[::-1], half[::-1] * 0.95], 1)]), x, half


def fish(rng, label, size):
    """One fish on a transparent square of four times the size it will have."""
    kind = SPECIES[label]
    big = size * 2
    layer = Image.new("RGBA", (big, big))
    draw = ImageDraw.Draw(layer)
    length = big * rng.uniform(0.5, 0.78)
    height = length * rng.uniform(*kind["deep"])
    body, x, half = outline(length, height, rng.uniform(0.2, 0.35))
    centre = np.array([big / 2, big / 2])
    tint = rng.normal(0, 10, 3) + rng.normal(0, 8)
    back = np.clip(np.array(kind["back"]) + tint, 0, 255)
    belly = np.clip(np.array(kind["belly"]) + tint, 0, 255)
    fin = tuple(int(v) for v in back * rng.uniform(0.7, 0.95)) + (int(rng.uniform(170, 240)),)

    root = centre + [length * 0.47, 0]
    spread, reach = height * rng.uniform(0.42, 0.6), length * rng.uniform(0.16, 0.22)
    notch = root + [reach * (1 - kind["fork"] * rng.uniform(0.8, 1.2)), 0]
    draw.polygon([tuple(p) for p in (root + [-4, -height * 0.08], root + [reach, -spread], notch, root + [reach, spread], root + [-4, height * 0.08])], fill=fin)
    start, end, rise = kind["dorsal"]
    at = lambda share: np.interp((share - 0.5) * length, x, half)
    ridge = [centre + [(s - 0.5) * length, -at(s) + 2] for s in np.linspace(start, end, 8)]
    crest = [p - [0, height * rise * rng.uniform(0.5, 0.75) * np.sin(np.pi * (0.15 + 0.85 * k / 7)) ** 0.6] for k, p in enumerate(ridge)]
    draw.polygon([tuple(p) for p in ridge + crest[::-1]], fill=fin)
    low = centre + [length * 0.2, at(0.7) * 0.9]
    draw.polygon([tuple(low), tuple(low + [length * 0.1, height * 0.3]), tuple(low + [length * 0.12, 0])], fill=fin)

    mask = Image.new("L", (big, big))
    ImageDraw.Draw(mask).polygon([tuple(p) for p in centre + body], fill=255)
    rows = (np.arange(big)[:, None] - centre[1]) / height + 0.5
    ramp = np.clip(rows, 0, 1)[:, :, None] ** rng.uniform(0.7, 1.4)
    paint = Image.fromarray(np.broadcast_to(back * (1 - ramp) + belly * ramp, (big, big, 3)).astype(np.uint8))
    marks = ImageDraw.Draw(paint, "RGBA")
    pattern(rng, marks, kind["pattern"], centre, length, height, back)
    layer.paste(paint, (0, 0), mask)

    eye, r = centre + [-length * 0.40, -height * 0.1], height * rng.uniform(0.05, 0.08)
    draw.ellipse([*(eye - r), *(eye + r)], fill=(235, 235, 220, 255))
    draw.ellipse([*(eye - r * 0.6), *(eye + r * 0.6)], fill=(15, 15, 20, 255))
    gill = centre + [-length * 0.27, 0]
    draw.arc([*(gill - [height * 0.15, height * 0.3]), *(gill + [height * 0.15, height * 0.3])], -70, 70, fill=tuple(int(v) for v in back * 0.7) + (200,), width=max(2, big // 160))
    draw.polygon([tuple(gill + [length * 0.06, height * 0.1]), tuple(gill + [length * 0.2, height * 0.3]), tuple(gill + [length * 0.07, height * 0.25])], fill=fin)
    return layer


def pattern(rng, draw, name, centre, length, height, back):
    dark = tuple(int(v) for v in back * 0.45)
    if name in ("spots", "few"):
        count = rng.integers(45, 80) if name == "spots" else rng.integers(4, 11)
        for _ in range(count):
            p = centre + [rng.uniform(-0.42, 0.45) * length, (rng.uniform(-0.45, 0.3) if name == "spots" else rng.uniform(-0.45, -0.1)) * height]
            r = height * rng.uniform(0.018, 0.042)
            red = name == "spots" and rng.random() < 0.3
            draw.ellipse([*(p - r), *(p + r)], fill=((178, 60, 40) if red else dark) + (210,))
        if name == "spots":
            draw.line([tuple(centre + [-length * 0.4, 0]), tuple(centre + [length * 0.46, 0])], fill=(206, 112, 120, int(rng.uniform(60, 130))), width=int(height * 0.14))
    elif name == "bars":
        for share in np.linspace(-0.25, 0.4, rng.integers(6, 9)):
            p = centre + [(share + rng.normal(0, 0.008)) * length, 0]
            width = length * rng.uniform(0.018, 0.034)
            draw.polygon([tuple(p + [-width, -height]), tuple(p + [width, -height]), tuple(p + [width * 0.4, height * 0.35]), tuple(p + [-width * 0.4, height * 0.35])], fill=dark + (int(rng.uniform(90, 170)),))
    elif name == "gold":
        p = centre + [-length * 0.37, -height * 0.24]
        draw.ellipse([*(p - [length * 0.035, height * 0.05]), *(p + [length * 0.035, height * 0.05])], fill=(226, 186, 60, 230))
        p = centre + [-length * 0.25, -height * 0.16]
        draw.ellipse([*(p - [length * 0.03, height * 0.09]), *(p + [length * 0.03, height * 0.09])], fill=dark + (200,))
    else:
        draw.line([tuple(centre + [-length * 0.3, -height * 0.14]), tuple(centre + [length * 0.46, 0])], fill=dark + (110,), width=max(2, int(height * 0.02)))


def picture(split, label, index, size=128, quality=None):
    """The picture of one (split, label, index), as the bytes of a JPEG."""
    rng = generator(split, label, index)
    image = water(rng, size)
    if label != "empty":
        layer = fish(rng, label, size)
        if rng.random() < 0.5:
            layer = layer.transpose(Image.FLIP_LEFT_RIGHT)
        layer = layer.rotate(rng.uniform(-28, 28), resample=Image.BICUBIC)
        scale = rng.uniform(0.8, 1.15)
        layer = layer.resize((int(size * scale),) * 2, Image.LANCZOS)
        spot = [int((size - size * scale) / 2 + rng.uniform(-0.1, 0.1) * size) for _ in range(2)]
        image.paste(layer, tuple(spot), layer)
    haze = Image.new("RGB", image.size, tuple(int(v) for v in np.asarray(image).mean((0, 1))))
    image = Image.blend(image, haze, rng.uniform(0, 0.4))
    image = ImageEnhance.Brightness(image).enhance(rng.uniform(0.65, 1.3))
    image = ImageEnhance.Contrast(image).enhance(rng.uniform(0.75, 1.25))
    image = image.filter(ImageFilter.GaussianBlur(rng.uniform(0, 0.9) * size / 128))
    pixels = np.asarray(image).astype(np.float32) + rng.normal(0, rng.uniform(0, 9), (size, size, 1))
    image = Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=quality or int(rng.uniform(55, 92)))
    return buffer.getvalue()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--split", default="held-out")
    parser.add_argument("--count", type=int, default=60, help="pictures of each label")
    parser.add_argument("--size", type=int, default=128)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    options = parser.parse_args()
    for label in LABELS:
        folder = options.out / label
        folder.mkdir(parents=True, exist_ok=True)
        for index in range(options.count):
            (folder / f"{index:03}.jpg").write_bytes(picture(options.split, label, index, options.size))


if __name__ == "__main__":
    main()
