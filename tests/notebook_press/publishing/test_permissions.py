"""A reports folder that this user may read and not write."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from drivers import last_words

pytestmark = pytest.mark.slow

# Permissions mean nothing to root, so the press is run as another user once all is imported. A
# second publication was cut short in the folder; then its permissions are taken, then given back.
DRIVER = """
import json, os, shutil, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from crash_driver import Case, in_child, make, nothing, prepare, press
from snapshots import published

def as_another_user():
    os.umask(0)
    if os.getuid() == 0:
        os.setgroups([]), os.setgid(65534), os.setuid(65534)

def allow(folder):
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o777 if path.is_dir() else 0o666)

def outcome(place, mode, act):
    case.restore(case.before)
    reports = project / "reports"
    if place == "reports":
        shutil.rmtree(reports / ".press")
    allow(folder)
    (project / place).chmod(mode)
    old = published(project)
    code, line = in_child(project, act, as_another_user)
    same = published(project) == old
    allow(project)
    mended = in_child(project, make(3), as_another_user)[0]
    return [code, line, same, mended, in_child(project, press("check", "reports"), nothing)[0]]

folder = Path(sys.argv[2])
prepare(folder)
case = Case(folder, "pending")
project = case.project
acts = {"check": press("check", "reports"), "build": make(3)}
places = {name: 0o555 for name in ("reports", "reports/.press", "reports/default")}
places["reports/default/story.html"] = 0
print(json.dumps({f"{place} {name}": outcome(place, mode, act)
                  for place, mode in places.items() for name, act in acts.items()}))
"""


@pytest.fixture(scope="module")
def outcomes() -> Iterator[dict[str, Any]]:
    """Of each place and command: exit code, last line, whether all stayed, how it was mended."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield last_words("-c", DRIVER, Path(__file__).parent, folder)


@pytest.mark.parametrize("command", ["check", "build"])
@pytest.mark.parametrize("place", ["reports", "reports/.press", "reports/default"])
def test_a_folder_that_can_t_be_written_ends_with_7_and_stays_as_it_is(outcomes, place, command):
    code, line, same, *_ = outcomes[f"{place} {command}"]
    assert (code, same) == (7, True)
    assert f"{place}/" in line
    assert "Permission denied; make room or mend the permissions" in line


def test_once_the_permissions_are_mended_the_next_build_mends_the_rest(outcomes):
    assert [ended[3:] for ended in outcomes.values()] == [[0, 0]] * len(outcomes)


@pytest.mark.parametrize("command", ["check", "build"])
def test_a_file_that_can_t_be_read_is_replaced(outcomes, command):
    assert outcomes[f"reports/default/story.html {command}"][0] == 0
