"""Take the README's picture: the opening of the published report, in Chromium."""

import io
import os
import shutil
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

__all__ = ["main", "photograph"]

ROOT = Path(__file__).parent.parent
REPORT = ROOT / "reports" / "default" / "02_network.html"
PICTURE = ROOT / "docs" / "report.png"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
WIDTH, HEIGHT = 1280, 860  # of the window, in CSS pixels
SHARPNESS = 1.5  # pixels of the picture for each of these
COLOURS = 256
MOST_BYTES = 300_000


def photograph(report: Path, browser: str) -> bytes:
    """The opening of a page as a PNG of few colours, as a reader with a light screen sees it."""
    options = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=browser, args=options)
        page = chromium.new_page(
            viewport={"width": WIDTH, "height": HEIGHT},
            device_scale_factor=SHARPNESS,
            color_scheme="light",
        )
        page.goto(report.as_uri())
        taken = page.screenshot(animations="disabled")
        chromium.close()
    picture = io.BytesIO()
    Image.open(io.BytesIO(taken)).convert("RGB").quantize(COLOURS).save(
        picture, format="png", optimize=True
    )
    return picture.getvalue()


def main() -> None:
    """Write `docs/report.png`."""
    browser = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)
    if not browser:
        sys.exit("expected Chromium, found none: install it, or set CHROMIUM to the program's path")
    if not REPORT.is_file():
        sys.exit(f"{REPORT}: expected a published report; run `make report DATASET=mnist` first")
    picture = photograph(REPORT, browser)
    if len(picture) > MOST_BYTES:
        sys.exit(f"expected a picture of at most {MOST_BYTES:,} bytes, found {len(picture):,}")
    PICTURE.write_bytes(picture)
    print(f"{PICTURE.relative_to(ROOT)}: {len(picture):,} bytes")


if __name__ == "__main__":
    main()
