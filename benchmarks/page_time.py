"""What pages take: seconds to make them from an executed notebook, and to answer in a browser.

Each format is made and checked as `notebook-press build` does it, without a kernel: in a fresh
process with all its imports, and in this process once it is warm. A fresh process of HTML and PDF
together is what a build adds to its kernel's time, and more, since a build imports meanwhile. Then
headless Chromium opens the published page beside the notebook, from the disk, with an empty cache,
and times until the document is there, until it has loaded, and until it answers: a choice of a
number in the confusion matrix shows its images, and the drawing's network reads a blank sheet.

    python benchmarks/page_time.py reports/default/02_network.ipynb --rounds 5
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent
PUBLISHED = ROOT / "reports" / "default" / "02_network.ipynb"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
TOGETHER = "html,pdf"
FORMATS = ("html", "pdf", TOGETHER, "pptx")
BUSY = 1.5  # processes that want to run
MOST_SECONDS, MOST_BYTES, MOST_MILLISECONDS = 3.0, 1_500_000, 1000.0

Seconds = dict[str, list[float]]  # by format, one number a round

# Runs in the page before its own scripts: looks every millisecond whether it answers.
WATCH = """
const watch = setInterval(() => {
  const pair = document.querySelector(".confusion details:not([open])");
  const reader = document.querySelector(".draw-a-digit");
  if (!pair || !reader || !reader.readDigit) return;
  clearInterval(watch);
  pair.querySelector("summary").click();
  const shown = pair.querySelector("img");
  const scores = reader.readDigit(new Uint8Array(28 * 28));
  if (!pair.open || !shown.checkVisibility() || scores.length !== 10) return;
  shown.decode().then(() => requestAnimationFrame(() => setTimeout(() => {
    window.answered = performance.now();  // after the frame that shows it
  })));
}, 1);
"""
TIMES = """() => {
  const { domContentLoadedEventEnd, loadEventEnd } = performance.getEntriesByType("navigation")[0];
  return { document: domContentLoadedEventEnd, load: loadEventEnd, answers: window.answered };
}"""
FINISHED = "performance.getEntriesByType('navigation')[0].loadEventEnd > 0 && window.answered > 0"


def make(notebook: Path, formats: str, folder: Path) -> float:
    """Return the seconds that making and checking a notebook's pages takes in this process."""
    start = time.perf_counter()
    sys.modules.setdefault("rfc3987_syntax", None)  # as `notebook-press` does: see its `cli.main`
    from notebook_press.notebook import read_notebook
    from notebook_press.rendering.exporters import render_pages

    executed = read_notebook(notebook)
    _, contents = render_pages(executed, notebook.stem, formats.split(","), notebook.parent)
    for name, content in contents.items():
        (folder / f"{notebook.stem}.{name}").write_bytes(content)
    return time.perf_counter() - start


def make_afresh(notebook: Path, formats: str, folder: Path) -> float:
    """Return the seconds that a process takes which only makes these pages."""
    command = [sys.executable, __file__, str(notebook), "--make", formats, "--folder", str(folder)]
    start = time.perf_counter()
    subprocess.run(command, check=True)
    return time.perf_counter() - start


def make_in_turn(notebook: Path, rounds: int) -> tuple[Seconds, Seconds, dict[str, int]]:
    """Return the seconds of each format, fresh and warm, and the bytes of each page."""
    fresh: Seconds = {formats: [] for formats in FORMATS}
    warm: Seconds = {formats: [] for formats in FORMATS}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for formats in FORMATS:
            make(notebook, formats, folder)  # warms this process up
        for _ in range(rounds):
            for formats in FORMATS:
                fresh[formats].append(make_afresh(notebook, formats, folder))
                warm[formats].append(make(notebook, formats, folder))
        sizes = {path.name: path.stat().st_size for path in sorted(folder.iterdir())}
    return fresh, warm, sizes


def visit(page: Path, browser: str, rounds: int) -> list[dict[str, float]]:
    """Return, for each visit, the milliseconds from its start to each event."""
    from playwright.sync_api import sync_playwright

    options = ["--disable-gpu", *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    times = []
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=browser, args=options)
        for _ in range(rounds + 1):
            context = chromium.new_context(viewport={"width": 1280, "height": 900})
            context.add_init_script(WATCH)
            opened = context.new_page()
            opened.goto(page.as_uri())
            opened.wait_for_function(FINISHED, timeout=10_000)
            times.append(opened.evaluate(TIMES))
            context.close()
        chromium.close()
    return times[1:]  # the first warms the browser up


def report_making(fresh: Seconds, warm: Seconds, sizes: dict[str, int]) -> None:
    """Print the seconds of each format, medians over the rounds, and the pages' sizes."""
    for formats in FORMATS:
        target = f"  (target: at most {MOST_SECONDS:.0f} s)" if formats == TOGETHER else ""
        seconds = [statistics.median(times[formats]) for times in (fresh, warm)]
        name = formats.replace(",", " and ")
        print(f"{name:<14}{seconds[0]:>8.2f} s fresh{seconds[1]:>8.2f} s warm{target}")
    for name, size in sizes.items():
        target = f"  (target: at most {MOST_BYTES:,})" if name.endswith("html") else ""
        print(f"{name:<20}{size:>12,} bytes{target}")


def report_visits(visits: list[dict[str, float]]) -> None:
    """Print the milliseconds until each event, medians over the visits, and the slowest."""
    for event in ("document", "load", "answers"):
        times = [visited[event] for visited in visits]
        target = f"  (target: at most {MOST_MILLISECONDS:.0f} ms)" if event == "answers" else ""
        print(f"{event:<14}{statistics.median(times):>8.0f} ms{max(times):>8.0f} slowest{target}")


def main() -> None:
    """Measure the formats in turn, then the visits, and print them side by side."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("notebook", type=Path, nargs="?", default=PUBLISHED)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path, help="also write the figures here")
    parser.add_argument("--make", metavar="FORMATS", help=argparse.SUPPRESS)  # a fresh process
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    notebook = arguments.notebook.resolve()
    if arguments.make:
        make(notebook, arguments.make, arguments.folder)
        return
    page = notebook.with_suffix(".html")
    for path in (notebook, page):
        if not path.is_file():
            sys.exit(f"{path}: expected a published report; run `make report` first")
    load = os.getloadavg()[0]
    print(f"medians of {arguments.rounds} rounds, the formats in turn; load before {load:.1f}")
    if load > BUSY:
        print("the machine is busy: take these figures again when it is idle")
    fresh, warm, sizes = make_in_turn(notebook, arguments.rounds)
    report_making(fresh, warm, sizes)
    browser = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)
    visits = visit(page, browser, arguments.rounds) if browser else []
    if visits:
        report_visits(visits)
    else:
        print("no visits: install Chromium, or set CHROMIUM to the program's path")
    if arguments.json:
        figures = {"fresh": fresh, "warm": warm, "bytes": sizes, "visits": visits, "load": load}
        arguments.json.write_text(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    main()
