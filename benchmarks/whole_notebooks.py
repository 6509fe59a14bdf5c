"""Does any notebook lose anything in silence on its way to a page and to paper?

Each notebook of a folder is rendered as it is stored, by the press's own exporters, or with `--run`
built by `notebook-press build`. Page and PDF are then compared with the notebook by a check that
knows nothing of the press. A line tells what each notebook came to, and below it stands whatever is
missing without a line that names it. Ends with 1 if there is any such loss.

    python benchmarks/whole_notebooks.py FOLDER
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import nbformat

sys.path.insert(0, str(Path(__file__).parent.parent / "tests" / "support"))
from whole import lost_on_paper, silent_losses

from notebook_press.errors import PressError
from notebook_press.rendering import exporters

FORMATS = ("html", "pdf", "pptx")
FAILED_TO_RUN = 4  # as the press ends then
COUNTED = ("not_shown", "lesser_forms", "scripts_not_run", "hidden")


def main() -> int:
    """Check each notebook, and return 1 if one of them lost anything in silence, or has no page."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--run", action="store_true", help="build each by the press")
    parser.add_argument("--only", default="", help="a part of the names to choose")
    given = parser.parse_args()
    totals: Counter[str] = Counter()
    for path in sorted(given.folder.glob("*.ipynb")):
        if given.only in path.stem:
            began = time.perf_counter()
            came_to, losses = check(path, given.run)
            totals.update(came_to, notebooks=1, with_a_loss=bool(losses), lost=len(losses))
            seconds = time.perf_counter() - began
            print(f"{path.stem}: {in_words(came_to)}; {len(losses)} lost ({seconds:.1f} s)")
            print("".join(f"    {line}\n" for line in losses), end="", flush=True)
    print(in_words(totals))
    return 1 if totals["lost"] else 0


def in_words(counts: Counter[str]) -> str:
    return ", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in counts.items())


def check(path: Path, run: bool) -> tuple[Counter[str], list[str]]:
    """What a notebook came to, and what it lost in silence on its page and on paper."""
    with tempfile.TemporaryDirectory() as folder:
        made = (built if run else rendered)(path, Path(folder))
        if made is None:
            return Counter(did_not_run=1), []
        if isinstance(made, str):
            return Counter(), [made]
        notebook, pages, came_to = made
        losses = silent_losses(notebook, pages["html"].decode("utf-8"), path.parent)
        pdf = Path(folder) / "page.pdf"
        pdf.write_bytes(pages["pdf"])
        return came_to, losses + lost_on_paper(notebook, text_of(pdf))


Made = tuple[nbformat.NotebookNode, dict[str, bytes], Counter[str]]


def rendered(path: Path, _folder: Path) -> Made | str:
    """A notebook as it is stored, its pages, and how much of it came to what; or why not."""
    notebook = nbformat.read(path, as_version=4)
    try:
        page, pages = exporters.render_pages(notebook, path.stem, FORMATS, path.parent)
    except PressError as error:
        return f"no page: {error}"
    return notebook, pages, Counter(booked.fate for booked in page.account)


def built(path: Path, folder: Path) -> Made | str | None:
    """A notebook as the press ran it, its pages, and how much of it came to what; or why not.

    None if it does not run here, which says nothing of its page.
    """
    command = [sys.executable, "-c", "import notebook_press.cli as c; c.main()", "build", str(path)]
    command += ["--reports", str(folder), "--to", ",".join(FORMATS), "--run-timeout", "300"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=path.parent, check=False)
    made = {file.suffix[1:]: file for file in (folder / "default").glob("*.*")}
    if done.returncode == FAILED_TO_RUN:
        return None
    if done.returncode:
        return f"no page: {(done.stdout + done.stderr).strip()[-300:]}"
    notebook = nbformat.read(made["ipynb"], as_version=4)
    noted = json.loads(made["json"].read_text("utf-8"))
    pages = {each: made[each].read_bytes() for each in FORMATS}
    return notebook, pages, Counter({name: noted.get(name, 0) for name in COUNTED})


def text_of(pdf: Path) -> str:
    """The text of a PDF as poppler's pdftotext reads it, or pypdf where there is none."""
    if shutil.which("pdftotext"):
        command = ["pdftotext", "-layout", str(pdf), "-"]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout
    import pypdf

    return "\n".join(page.extract_text() for page in pypdf.PdfReader(pdf).pages)


if __name__ == "__main__":
    sys.exit(main())
