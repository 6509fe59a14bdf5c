"""The small project that `chaos.py` builds, and the reader of what it publishes.

Run as a program it is the reader: it opens every published file until it is told to stop, and says
how many reads there were and which of them were torn.
"""

import hashlib
import json
import os
import random
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import psutil

from processes import new_mark, with_mark

ROOT = Path(__file__).parent.parent
SOURCES = (ROOT / "src", ROOT / "src" / "notebook-press")
NAMES = ("first", "second", "third")
KEPT = {"lock"}  # files that the press may keep in its private folder
PRESS = "from notebook_press.cli import main; main()"
CODE = """import time
from notebook_press import author
time.sleep(0.3)
author.answer(f"It is {number}.")
author.record(number=number)"""
UNCHANGED, PROSE = 0.1, 0.25  # shares of the rounds: nothing is changed, or (below it) prose only


class Project:
    """Three notebooks in a folder, and the commands that are run on them.

    Attributes:
        mark: What every process bears that is started here.
        stop: A file that tells the reader to stop once it is there.
    """

    def __init__(self, folder: Path) -> None:
        self.folder, self.mark, self.stop = folder, new_mark(), folder / "stop"
        self.reports, self._log = folder / "reports", folder / "log.txt"
        self.numbers = dict.fromkeys(NAMES, 0)
        self._prose = dict.fromkeys(NAMES, 0)
        (folder / "pyproject.toml").write_text("[tool.notebook-press]\n")
        for name in ("notebooks", "tmp", "runtime", "ipython"):
            (folder / name).mkdir()
        for name in NAMES:
            self._write(name)

    def _write(self, name: str) -> None:
        prose = f"# What is the answer?\n\nWritten {self._prose[name]} times."
        cells = [
            nbformat.v4.new_markdown_cell(prose),
            nbformat.v4.new_code_cell(f"number = {self.numbers[name]}\n{CODE}"),
            nbformat.v4.new_code_cell("number"),
        ]
        kernel = {"name": "python3", "display_name": "python3", "language": "python"}
        notebook = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})
        nbformat.write(notebook, self.folder / "notebooks" / f"{name}.ipynb")

    def change(self, dice: random.Random) -> None:
        """Make one report stale, or none."""
        share, name = dice.random(), dice.choice(NAMES)
        if share < UNCHANGED:
            return
        if share < PROSE:
            self._prose[name] += 1
            self._write(name)
        else:
            self.change_code(name)

    def change_code(self, name: str) -> None:
        """Make a report stale that has to be run again."""
        self.numbers[name] += 1
        self._write(name)

    def start(self, command: str, jobs: int = 1) -> psutil.Popen:
        """Return a press that has just been started, to build or to check the reports."""
        notebooks = [f"notebooks/{name}.ipynb" for name in NAMES]
        given = {"build": [*notebooks, "-j", str(jobs)], "check": ["reports"]}[command]
        folders = {"TMPDIR": "tmp", "JUPYTER_RUNTIME_DIR": "runtime", "IPYTHONDIR": "ipython"}
        environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join(map(str, SOURCES)),
            **{variable: str(self.folder / name) for variable, name in folders.items()},
        }
        with self._log.open("ab") as log:
            return psutil.Popen(
                [sys.executable, "-c", PRESS, command, *given],
                cwd=self.folder,
                env=with_mark(self.mark, environment),
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def last_words(self) -> str:
        """Return the last line that a press wrote."""
        return (self._log.read_text(errors="replace").splitlines() or [""])[-1]

    def is_publishing(self) -> bool:
        """Whether a report is ready and waits to be put in its place."""
        return any(self.reports.glob(".press/staging/*/*/*.json"))

    def invalid_manifests(self) -> list[str]:
        """Return which manifests are none, or name a file that is not what they say."""
        wrong = [] if any(self.reports.glob("default/*.json")) else ["no manifest at all"]
        for path in sorted(self.reports.glob("default/*.json")):
            try:
                files = json.loads(path.read_bytes())["files"]
            except (ValueError, KeyError) as error:
                wrong.append(f"{path.name}: {error!r}")
                continue
            for name, expected in files.items():
                content = (
                    (path.parent / name).read_bytes() if (path.parent / name).exists() else b""
                )
                if hashlib.sha256(content).hexdigest() != expected["sha256"]:
                    wrong.append(f"{path.name}: {name} is another")
        return wrong

    def leftovers(self) -> list[str]:
        """Return the temporary files and folders that are there, and clear them away.

        What is cleared is not counted again after the next round.
        """
        private = [path for path in self.reports.glob(".press/**/*") if path.is_file()]
        left = [path for path in private if path.name not in KEPT]
        left += [path for name in ("tmp", "runtime") for path in (self.folder / name).iterdir()]
        named = [self._kind(path) for path in left]
        for path in left:
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
        return named

    def _kind(self, path: Path) -> str:
        """Return where a file lies, with what is random in its name left out."""
        name = f"*{path.suffix}" if path.suffix else re.sub(r"[a-z0-9_]{8}$", "*", path.name)
        return f"{path.parent.relative_to(self.folder)}/{name}"

    def stale(self) -> list[str]:
        """Return which reports do not hold the number that their notebook has now."""
        found = {}
        for path in sorted(self.reports.glob("default/*.json")):
            found[path.stem] = json.loads(path.read_bytes())["results"].get("number")
        return [name for name in NAMES if found.get(name) != self.numbers[name]]

    def start_reader(self) -> subprocess.Popen[str]:
        """Return the reader, just started; it stops when `stop` is there and prints what it saw."""
        command = [sys.executable, __file__, str(self.reports), str(self.stop)]
        return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def is_whole(name: str, content: bytes) -> bool:
    """Whether a published file has its end: each format says where that is."""
    ending = Path(name).suffix
    if ending in (".json", ".ipynb"):
        try:
            return isinstance(json.loads(content), dict)
        except ValueError:
            return False
    ends = {".html": b"</html>", ".pdf": b"%%EOF"}
    return content.rstrip().endswith(ends[ending]) if ending in ends else True


def read_all(reports: Path, seen: set[Path], found: dict) -> None:
    """Open every published file once; one that was there before and is gone counts as torn."""
    digests = {}
    there = {
        path for path in (reports / "index.html", *reports.glob("default/*")) if path.is_file()
    }
    for path in sorted(seen | there):
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            found["torn"].append(f"{path.name} was gone")
            continue
        found["reads"] += 1
        if not is_whole(path.name, content):
            found["torn"].append(f"{path.name} had {len(content)} bytes")
        elif path.suffix == ".json":
            digests |= {n: file["sha256"] for n, file in json.loads(content)["files"].items()}
        digests.setdefault(f"found {path.name}", hashlib.sha256(content).hexdigest())
        seen.add(path)
    named = [name for name in digests if f"found {name}" in digests]
    found["ahead"] += sum(digests[name] != digests[f"found {name}"] for name in named)


def main() -> None:
    """Read until told to stop, or until whoever started this is gone; print what was seen."""
    reports, stop = Path(sys.argv[1]), Path(sys.argv[2])
    parent, seen, found = os.getppid(), set(), {"reads": 0, "ahead": 0, "torn": []}
    while not stop.exists() and os.getppid() == parent:
        read_all(reports, seen, found)
        time.sleep(0.001)
    print(json.dumps(found))


if __name__ == "__main__":
    main()
