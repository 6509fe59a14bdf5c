r"""Take the README's pictures in Chromium: a report's opening, and the sliders of a sweep's page.

The sweep is that of docs/sweeps.md, which takes ten minutes on two cores:

    make sweep GRID="hidden_units=16,32,64,128 learning_rate=0.003,0.01" REPEAT=seed=0..4 \
        PARAMS="-p repeats 1" MAXIMIZE=validation_accuracy NAME=width DATASET=mnist
"""

import io
import os
import shutil
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

__all__ = ["main", "photograph"]

ROOT = Path(__file__).parent.parent
PICTURES = {
    "docs/report.png": ("reports/default/02_network.html", ""),
    "docs/sweep.png": ("reports/sweeps/width/index.html", "#turn-the-parameters"),
}
"""Of each picture the page, and where on it the window opens."""
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
WIDTH, HEIGHT = 1280, 860  # of the window, in CSS pixels
SHARPNESS = 1.5  # pixels of the picture for each of these
COLOURS = 256
MOST_BYTES = 300_000


def photograph(address: str, browser: str) -> bytes:
    """What opens at an address as a PNG of few colours, as a reader with a light screen sees it."""
    options = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=browser, args=options)
        page = chromium.new_page(
            viewport={"width": WIDTH, "height": HEIGHT},
            device_scale_factor=SHARPNESS,
            color_scheme="light",
            reduced_motion="reduce",  # which scrolls at once
        )
        page.goto(address)
        taken = page.screenshot(animations="disabled")
        chromium.close()
    picture = io.BytesIO()
    Image.open(io.BytesIO(taken)).convert("RGB").quantize(COLOURS).save(
        picture, format="png", optimize=True
    )
    return picture.getvalue()


def main() -> None:
    """Write the pictures of those pages that are published."""
    browser = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)
    if not browser:
        sys.exit("expected Chromium, found none: install it, or set CHROMIUM to the program's path")
    for name, (page, place) in PICTURES.items():
        if not (ROOT / page).is_file():
            print(f"{name}: left as it is, for {page} is not published")
            continue
        picture = photograph(f"{(ROOT / page).as_uri()}{place}", browser)
        if len(picture) > MOST_BYTES:
            sys.exit(f"expected a picture of at most {MOST_BYTES:,} bytes, found {len(picture):,}")
        (ROOT / name).write_bytes(picture)
        print(f"{name}: {len(picture):,} bytes")


if __name__ == "__main__":
    main()
