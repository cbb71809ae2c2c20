"""Draws the icons of the home screen as the product's sign is drawn: ``python -m tools.icons`` after a change of it."""

from __future__ import annotations

from pathlib import Path

from PIL import Image, ImageDraw

FOLDER = Path(__file__).resolve().parent.parent / "static" / "img"
SIDES, FINER, RASTER = (192, 512), 4, 32  # drawn larger and reduced, on the raster of gridops.svg
BLUE, WHITE, PALE = (6, 111, 209), (255, 255, 255), (180, 212, 241)
FIELDS = ((7, 7, WHITE), (17, 7, PALE), (7, 17, PALE), (17, 17, WHITE))


def draw(side: int) -> Image.Image:
    """The sign on a full square: telephones cut the corners themselves."""
    unit = side * FINER / RASTER
    image = Image.new("RGB", (side * FINER, side * FINER), BLUE)
    pen = ImageDraw.Draw(image)
    for left, top, colour in FIELDS:
        box = [left * unit, top * unit, (left + 8) * unit, (top + 8) * unit]
        pen.rounded_rectangle(box, radius=2 * unit, fill=colour)
    return image.resize((side, side), Image.Resampling.LANCZOS)


if __name__ == "__main__":
    for size in SIDES:
        draw(size).save(FOLDER / f"gridops-{size}.png", optimize=True)
