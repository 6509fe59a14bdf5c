"""The press killed, and the disk full, at every point at which it changes something on the disk.

What counts as wrong stands in `crash_driver.py`: a published file that is neither old nor new, a
`check` that fails afterwards, a build that does not repair everything, and anything left behind.
"""

import subprocess
import sys
from pathlib import Path

import pytest
from drivers import last_words
from snapshots import published

from notebook_press.builds import build
from notebook_press.events import Silence
from notebook_press.making import open_reports
from notebook_press.publishing.check import check
from notebook_press.request import Request

CASES = {"first": 2, "second": 1, "failed": 2, "index": 1, "pending": 2, "check": 2}
"""What is struck, and at which points: each, or each other one where another case has them too."""


@pytest.mark.promise(
    "A publication that was killed anywhere is finished by the next command, up to the index."
)
@pytest.mark.slow
@pytest.mark.parametrize(("case", "every"), CASES.items())
def test_whatever_is_struck_at_whatever_point_nothing_is_lost(tmp_path, case, every):
    driver = Path(__file__).with_name("crash_driver.py")
    outcome = last_words(driver, tmp_path, case, every, timeout=1200)
    assert outcome["wrong"] == []
    assert outcome["struck"] == len(range(0, outcome["points"], every))
    assert {"open", "write", "fsync", "os.rename", "os.remove", "os.mkdir"} <= set(outcome["kinds"])


SMALL_DISK_PRESS = """
import resource, sys
from notebook_press.cli import main
limit = int(sys.argv.pop(1))
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
main()
"""


@pytest.fixture
def story(write_notebook):
    return write_notebook("print(factor)", parameters="factor: int = 2  # a number")


@pytest.mark.slow
@pytest.mark.promise(
    "A disk that fills up while a notebook runs ends the build with 7, not with 4 as a failed"
    " notebook does."
)
@pytest.mark.parametrize("limit", [2_000, 20_000], ids=["notebook", "page"])
def test_a_disk_that_takes_no_large_file_ends_with_7_and_leaves_the_report(
    story, project, limit, no_kernel
):
    request = Request((story,), ("html",))
    build(request, Silence())
    old = published(project)
    story.write_text(story.read_text().replace("print(factor)", "print(factor, 'again')"))
    command = [sys.executable, "-c", SMALL_DISK_PRESS, str(limit), "build", story, "--to", "html"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    line = done.stderr.splitlines()[-1]
    assert done.returncode == 7
    assert f"exit 7 (publishing failed): {project / 'reports'}/.press/staging" in line
    assert "File too large; make room or mend the permissions" in line
    assert published(project) == old
    build(request, Silence())
    assert published(project) != old
    assert check(open_reports(project / "reports")) == ()
