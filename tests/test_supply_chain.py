"""What others wrote and this project runs: pinned, hashed, licensed, looked after."""

import importlib.metadata
import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parent.parent
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
PRESS = tomllib.loads((ROOT / "src" / "notebook-press" / "pyproject.toml").read_text())
ASKED = [PYPROJECT["project"]["dependencies"], PRESS["project"]["dependencies"]]
ASKED += PYPROJECT["dependency-groups"].values()
DIRECT = [Requirement(text) for group in ASKED for text in group if isinstance(text, str)]

# The last version with a fault that could reach a report, and where the next one mends it.
FAULTY = {
    "nbconvert": "7.17.0",  # CVE-2026-39377 and CVE-2026-39378, mended in 7.17.1
    "keras": "3.15.0",  # unpickling, HDF5 groups and archive bombs: release notes of 3.15.1
}


def pins() -> list[Requirement]:
    """What the lock pins for this Python on this system."""
    lock = (ROOT / "requirements.lock").read_text()
    lines = re.findall(r"^[a-z0-9].*==[^\\\n]*", lock, re.MULTILINE)
    found = [Requirement(line) for line in lines]
    return [pin for pin in found if pin.marker is None or pin.marker.evaluate()]


def named(name: str) -> Requirement:
    return next(item for item in DIRECT if item.name == name)


@pytest.mark.promise("Every pin of the lock has a hash, whatever system and Python it is for.")
def test_every_pin_of_the_lock_has_a_hash():
    lock = (ROOT / "requirements.lock").read_text()
    entries = re.split(r"\n(?=[^\s#])", lock.strip())
    assert [each for each in entries if not re.search(r"--hash=sha256:[0-9a-f]{64}\b", each)] == []
    assert all(re.match(r"[a-z0-9-]+==", each) for each in entries)
    assert "--generate-hashes" in (ROOT / "Makefile").read_text()


def test_what_is_installed_is_what_the_lock_pins():
    pinned = {pin.name: str(pin.specifier).removeprefix("==") for pin in pins()}
    assert {name: importlib.metadata.version(name) for name in pinned} == pinned


@pytest.mark.promise(
    "The nbconvert with the faults that are known of it is neither allowed nor installed."
)
@pytest.mark.promise("A Keras without the hardening of 2026 is neither allowed nor installed.")
@pytest.mark.parametrize(("name", "faulty"), FAULTY.items())
def test_a_version_with_a_known_fault_is_neither_allowed_nor_installed(name, faulty):
    assert not named(name).specifier.contains(faulty)
    assert Version(importlib.metadata.version(name)) > Version(faulty)


def audit() -> list[str]:
    """What `make audit` gives to pip-audit."""
    makefile = (ROOT / "Makefile").read_text()
    return re.search(r"^\t\.venv/bin/pip-audit (.*)$", makefile, re.MULTILINE)[1].split()


@pytest.mark.slow
@pytest.mark.promise(
    "The audit asks about every package that the lock pins for this system and this Python."
)
def test_the_audit_reads_every_pin_of_the_lock_and_its_hash():
    command = [sys.executable, "-m", "pip_audit", "--dry-run", "--progress-spinner", "off"]
    answer = subprocess.run(
        [*command, *audit()], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert f"would have audited {len(pins())} packages" in answer.stderr


@pytest.mark.promise("An audit that gets no answer for a package is red.")
def test_an_audit_that_gets_no_answer_for_a_package_is_red():
    # Without this option pip-audit leaves such a package out and ends with 0.
    assert "--strict" in audit()


@pytest.mark.slow
@pytest.mark.promise("Every package states its licence or brings its text.")
def test_the_licence_of_every_package_is_listed():
    command = [sys.executable, "-m", "piplicenses", "--with-system", "--format", "json"]
    answer = subprocess.run(command, capture_output=True, text=True, check=True)
    listed = {canonicalize_name(row["Name"]): row["License"] for row in json.loads(answer.stdout)}
    assert {pin.name for pin in pins()} <= set(listed)
    unknown = {name for name, licence in listed.items() if licence in ("", "UNKNOWN")}
    makefile = (ROOT / "Makefile").read_text()
    assert unknown == set(re.search(r"^LICENCE_READ = ([^#]*)", makefile, re.MULTILINE)[1].split())


def test_a_package_that_states_no_licence_brings_its_text():
    for name in ("namex", "axe-playwright-python"):
        files = importlib.metadata.files(name) or []
        (text,) = (path.read_text() for path in files if path.name == "LICENSE")
        assert re.search("Apache License, Version 2.0|MIT License", text)


def record() -> str:
    return (ROOT / "docs" / "dependencies.md").read_text()


def test_every_direct_dependency_was_looked_at():
    rows = re.findall(r"^\| `([^`]+)` \| 20\d\d-\d\d \|", record(), re.MULTILINE)
    assert rows == list(dict.fromkeys(item.name for item in DIRECT))


def test_a_doubtful_dependency_is_argued_for():
    doubtful = re.findall(r"^\| `([^`]+)` .* doubtful \|$", record(), re.MULTILINE)
    assert set(doubtful) <= set(re.findall(r"\*\*([^*]+)\*\*", record()))
