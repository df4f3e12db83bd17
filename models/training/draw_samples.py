"""Draws the ten sample pictures, one per CIFAR-10 class, as binary PPM files.

    python draw_samples.py --out ../samples [--check CIFAR10-VIT]

Nothing is taken from a data set: every picture is drawn here from smooth outlines, colour gradients and seeded noise. Coordinates run
from 0 to 100 in both directions. `--check` asks a trained model (a Hugging Face directory) what it sees.
"""
import argparse
import math
import pathlib

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from scenes import SCENES

SIZE, OVER = 128, 4
FULL = SIZE * OVER
UNIT = FULL / 100


def smooth(points, steps=10):
    """A closed Catmull-Rom curve through the points."""
    p = np.array(points, float)
    before, after, beyond = np.roll(p, 1, 0), np.roll(p, -1, 0), np.roll(p, -2, 0)
    t = np.linspace(0, 1, steps, endpoint=False)[:, None, None]
    curve = 0.5 * (2 * p + (after - before) * t + (2 * before - 5 * p + 4 * after - beyond) * t ** 2
                   + (3 * p - before - 3 * after + beyond) * t ** 3)
    return curve.transpose(1, 0, 2).reshape(-1, 2)


class Picture:
    def __init__(self, seed):
        self.random = np.random.RandomState(seed)
        self.image = Image.new("RGB", (FULL, FULL))

    def noise(self, grain):
        """Smooth noise in [-1, 1] of the size of the picture; `grain` is the size of its spots."""
        n = max(2, int(100 / grain))
        spots = Image.fromarray(self.random.uniform(0, 255, (n, n)).astype(np.uint8))
        return np.asarray(spots.resize((FULL, FULL), Image.BICUBIC), float) / 127.5 - 1

    def paint(self, mask, top, bottom, texture=0.0, grain=3.0):
        """Fills a mask with a gradient over its own height, and noise on it."""
        box = mask.getbbox()
        if box is None:
            return
        t = np.clip((np.arange(FULL) - box[1]) / max(1, box[3] - box[1]), 0, 1)[:, None, None]
        colour = np.array(top, float) * (1 - t) + np.array(bottom, float) * t
        colour = np.broadcast_to(colour, (FULL, FULL, 3))
        if texture:
            colour = colour + texture * (self.noise(grain) + 0.6 * self.noise(grain / 2.5))[..., None]
        fill = Image.fromarray(np.clip(colour, 0, 255).astype(np.uint8))
        self.image.paste(fill, (0, 0), mask)

    def mask(self, draw, blur=0.0):
        mask = Image.new("L", (FULL, FULL))
        draw(ImageDraw.Draw(mask))
        return mask.filter(ImageFilter.GaussianBlur(blur * UNIT)) if blur else mask

    def band(self, y0, y1, top, bottom, texture=0.0, grain=3.0, blur=0.0):
        self.paint(self.mask(lambda d: d.rectangle((0, y0 * UNIT, FULL, y1 * UNIT), fill=255), blur), top, bottom, texture, grain)

    def shape(self, points, top, bottom=None, texture=0.0, grain=3.0, blur=0.15, curved=True):
        line = smooth(points) if curved else np.array(points, float)
        outline = [tuple(p) for p in line * UNIT]
        self.paint(self.mask(lambda d: d.polygon(outline, fill=255), blur), top, bottom or top, texture, grain)

    def oval(self, x, y, rx, ry, top, bottom=None, texture=0.0, grain=3.0, blur=0.15, turn=0.0):
        c, s = math.cos(math.radians(turn)), math.sin(math.radians(turn))
        angles = np.linspace(0, 2 * math.pi, 60, endpoint=False)
        points = [(x + rx * math.cos(a) * c - ry * math.sin(a) * s, y + rx * math.cos(a) * s + ry * math.sin(a) * c) for a in angles]
        self.shape(points, top, bottom, texture, grain, blur, curved=False)

    def limb(self, points, widths, top, bottom=None, texture=0.0, blur=0.15):
        """A tapering band along a line: legs, necks, tails."""
        p = np.array(points, float)
        d = np.gradient(p, axis=0)
        side = np.stack([-d[:, 1], d[:, 0]], 1) / np.linalg.norm(d, axis=1, keepdims=True)
        w = np.array(widths, float)[:, None] / 2
        self.shape(np.concatenate([p + side * w, (p - side * w)[::-1]]), top, bottom, texture, blur=blur)

    def line(self, points, colour, width=0.8, blur=0.1):
        scaled = [(x * UNIT, y * UNIT) for x, y in points]
        mask = self.mask(lambda d: d.line(scaled, fill=255, width=max(1, int(width * UNIT)), joint="curve"), blur)
        self.paint(mask, colour, colour)

    def grass(self, y0, y1, dark, light, blades=500, length=7):
        """Blades over a band, larger towards the viewer."""
        draw = ImageDraw.Draw(self.image)
        for y in np.sort(self.random.uniform(y0, y1, blades)):
            x, near = self.random.uniform(-2, 102), 0.4 + (y - y0) / max(1, y1 - y0)
            tip = (x + self.random.uniform(-2, 2) * near, y - self.random.uniform(0.4, 1) * length * near)
            mix = self.random.uniform(0, 1)
            colour = tuple(int(a + (b - a) * mix) for a, b in zip(dark, light))
            draw.line([(x * UNIT, y * UNIT), (tip[0] * UNIT, tip[1] * UNIT)], fill=colour, width=max(1, int(0.6 * near * UNIT)))

    def spots(self, count, box, size, colours, blur=2.0):
        """Soft spots: leaves, stones, clouds."""
        for _ in range(count):
            x, y = self.random.uniform(box[0], box[2]), self.random.uniform(box[1], box[3])
            r = self.random.uniform(*size)
            colour = colours[self.random.randint(len(colours))]
            self.oval(x, y, r * self.random.uniform(0.8, 1.6), r * self.random.uniform(0.5, 1), colour, blur=blur)

    def soften(self, radius):
        """Blurs all that is drawn so far: a background out of focus."""
        self.image = self.image.filter(ImageFilter.GaussianBlur(radius * UNIT))

    def finish(self, grain=4.0):
        """Down to the final size, with the noise of a small camera."""
        small = np.asarray(self.image.resize((SIZE, SIZE), Image.LANCZOS), float)
        noise = self.random.normal(0, grain, (SIZE, SIZE, 1)) + self.random.normal(0, grain / 2, (SIZE, SIZE, 3))
        return Image.fromarray(np.clip(small + noise, 0, 255).astype(np.uint8))


def write_ppm(path, image):
    path.write_bytes(b"P6\n%d %d\n255\n" % image.size + image.tobytes())


def check(folder, images):
    """What a trained model sees in each picture, resized as its preprocessor says."""
    import torch
    from train_vit import normalize
    from vit import CLASSES, load_hf

    net, right = load_hf(folder), 0
    for name, image in images.items():
        x = torch.from_numpy(np.asarray(image.resize((32, 32), Image.BILINEAR)).copy()).permute(2, 0, 1)
        with torch.no_grad():
            p = net(normalize(x[None])).softmax(1)[0]
        best = p.argsort(descending=True)[:3].tolist()
        right += CLASSES[best[0]] == name
        print(f"{name:11s}", *(f"{CLASSES[i]} {p[i]:.2f}" for i in best))
    print(f"{right} of {len(images)} right")


def main():
    p = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    p.add_argument("--out", required=True)
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--check", help="Hugging Face directory of a trained ViT")
    a = p.parse_args()
    out = pathlib.Path(a.out)
    out.mkdir(parents=True, exist_ok=True)
    images = {}
    for i, (name, scene) in enumerate(SCENES.items()):
        picture = Picture(a.seed * 100 + i)
        scene(picture)
        images[name] = picture.finish()
        write_ppm(out / f"{name}.ppm", images[name])
    if a.check:
        check(a.check, images)


if __name__ == "__main__":
    main()
