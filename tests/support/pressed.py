"""Reports of the project's own notebooks, made by the real press, and what is in them."""

import gzip
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import numpy as np
from filelock import FileLock
from PIL import ExifTags, Image, ImageDraw

ROOT = Path(__file__).parents[2]
NOTEBOOKS = ROOT / "notebooks"
QUICK = NOTEBOOKS / "profiles" / "quick.yaml"
SMALL = Path(__file__).with_name("small.yaml")
KEPT = ROOT / "build" / "test_reports"
PRESS = Path(sys.executable).with_name("notebook-press")

NAMES = ("01_data", "02_network", "03_rivals", "04_convolution", "05_trust", "06_yours")
PATHS = [NOTEBOOKS / f"{name}.ipynb" for name in NAMES]
LETTERS = 25  # classes of the folder of images
SECRETS = ("Ann Author", "2026:11:28 17:30:00", "Piazza Navona", "by the fountain")
"""What the file of the photograph says besides its pixels."""


class NotPressedError(Exception):
    """The press ended with another status than 0; what it said."""


def press(
    *notebooks: Path,
    reports: Path,
    run: str = "default",
    profile: Path | None = QUICK,
    strict: bool = False,
    environment: dict[str, str] | None = None,
    **parameters: object,
) -> Path:
    """Build reports, HTML and PDF, as a user would; return the folder that they are in.

    Raises:
        NotPressedError: The press says that something is wrong.
    """
    command = [PRESS, "build", *notebooks, "--reports", reports, "--name", run]
    command += ["--profile", profile] if profile else []
    command += ["--strict"] * strict
    for name, value in parameters.items():
        command += ["-p", name, str(value)]
    done = subprocess.run(
        command, env=os.environ | (environment or {}), capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise NotPressedError(done.stdout + done.stderr)
    return reports / run


def kept_reports(session: str) -> Path:
    """The folder of the reports on small data: four runs, made where they are not up to date.

    `default` has every notebook on scikit-learn's digits, measured for it; `again` those that keep
    what takes long, from what the first run kept; `folder` two notebooks on a folder of images;
    `photographs` the last one with a photograph of somebody's.

    Args:
        session: What names this run of the tests, whose other workers need not ask again.
    """
    KEPT.mkdir(parents=True, exist_ok=True)
    whole, reports = KEPT / "whole", KEPT / "reports"
    with FileLock(KEPT / "lock"):
        if not whole.is_file():  # another run was cut short, perhaps between the first two
            shutil.rmtree(reports, ignore_errors=True)
        elif whole.read_text() == session:
            return reports
        whole.unlink(missing_ok=True)
        _press_all(reports)
        whole.write_text(session)
    return reports


def kept_reports_on_mnist(data: Path) -> Path:
    """The folder of the reports on MNIST with the quick profile, made where not up to date.

    Args:
        data: The folder that holds `mnist`, `qmnist` and so on.
    """
    environment = {
        "HANDWRITING_CACHE": str(KEPT / "cache_on_mnist"),
        "HANDWRITING_DATA": str(data.absolute()),
    }
    reports = KEPT / "reports_on_mnist"
    return press(*PATHS, reports=reports, environment=environment, dataset="mnist")


def _press_all(reports: Path) -> None:
    """Bring the three runs up to date, from an empty cache."""
    cache = KEPT / "cache"
    shutil.rmtree(cache, ignore_errors=True)
    environment = {
        "HANDWRITING_CACHE": str(cache),
        "HANDWRITING_DATA": "",
        "OMP_NUM_THREADS": "1",
        "TF_NUM_INTRAOP_THREADS": "1",
    }
    keep = [path for path in PATHS if path.stem != "02_network"]
    digits = {"reports": reports, "profile": SMALL, "environment": environment, "dataset": "digits"}
    press(*PATHS, run="default", **digits)
    press(*keep, run="again", **digits)
    folder = digits | {"dataset": _write_letters(KEPT / "data" / "my <b>letters")}
    sigmoid = {"output_activation": "sigmoid", "repeats": 1, "epochs": 3}
    press(*PATHS[:2], run="folder", **folder, **sigmoid)
    own = {"images": _write_photograph(KEPT / "data" / "Ann in Rome"), "truth": "names"}
    press(PATHS[-1], run="photographs", **digits, **own)


def _write_letters(folder: Path) -> Path:
    """Write images of 12 by 10 pixels whose labels are 0 to 25 without 3; the same always."""
    random = np.random.default_rng(0)
    middles = random.integers(60, 190, (LETTERS + 1, 12, 10))
    classes = np.setdiff1d(np.arange(LETTERS + 1), 3)
    folder.mkdir(parents=True, exist_ok=True)
    for part, count in (("train", 5), ("t10k", 1)):
        labels = np.repeat(classes, count)
        images = middles[labels] + random.integers(-60, 60, (len(labels), 12, 10))
        write_idx(folder / f"{part}-images-idx3-ubyte.gz", images)
        write_idx(folder / f"{part}-labels-idx1-ubyte.gz", labels)
    return folder


def _write_photograph(folder: Path) -> Path:
    """Write a photograph of a 1 and a 7, whose file says by whom, when and where it was taken."""
    picture = Image.new("RGB", (400, 300), (225, 222, 215))
    draw = ImageDraw.Draw(picture)
    draw.line([(120, 90), (120, 210)], fill=(30, 30, 80), width=14)
    draw.line([(230, 95), (300, 95), (250, 210)], fill=(30, 30, 80), width=14, joint="curve")
    exif = picture.getexif()
    exif[ExifTags.Base.Artist], exif[ExifTags.Base.DateTime] = SECRETS[:2]
    exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSAreaInformation] = SECRETS[2]
    folder.mkdir(parents=True, exist_ok=True)
    picture.save(folder / "17_Ann.jpg", exif=exif, comment=SECRETS[3].encode())
    return folder / "17_Ann.jpg"


def write_idx(path: Path, array: np.ndarray) -> None:
    """Write numbers from 0 to 255 as an IDX file."""
    header = bytes([0, 0, 8, array.ndim]) + np.array(array.shape, ">i4").tobytes()
    path.write_bytes(gzip.compress(header + array.astype(np.uint8).tobytes(), mtime=0))


def manifest(report: Path) -> dict:
    """What the press notes of a report; a report is its path without an ending."""
    return json.loads(report.with_suffix(".json").read_text())


def text(report: Path) -> str:
    return report.with_suffix(".html").read_text(encoding="utf-8")


def outputs(report: Path) -> list[nbformat.NotebookNode]:
    notebook = nbformat.read(report.with_suffix(".ipynb"), as_version=4)
    return [output for cell in notebook.cells for output in cell.get("outputs", [])]


def shown(report: Path, kind: str) -> list[nbformat.NotebookNode]:
    """What the notebook says to its page in one way."""
    displayed = [each for each in outputs(report) if each.output_type == "display_data"]
    return [each for each in displayed if each.metadata["notebook_press"]["kind"] == kind]


def said(report: Path) -> str:
    return " ".join(output.data["text/plain"] for output in shown(report, "say"))


def details(report: Path, kind: str) -> list[dict]:
    """Caption, alternative text and the like of what is shown in one way."""
    return [output.metadata["notebook_press"] for output in shown(report, kind)]
