"""One build of a report at a time: another fails at once or waits, and is told for whom."""

import json
import signal
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest
from drivers import last_words

from notebook_press.errors import LockedError
from notebook_press.publishing.lock import Waiting, report_locked

HOLD = """
import sys
from pathlib import Path
from notebook_press.publishing.lock import Waiting, report_locked
with report_locked(Path(sys.argv[1]), 'default', 'story', Waiting()):
    print("held", flush=True)
    sys.stdin.read()
"""


def held(folder, announce=None):
    """A report, held where nobody else holds it, or after waiting for it."""
    return report_locked(folder, "default", "story", Waiting(announce))


def place(folder):
    return folder / ".press" / "locks" / "default" / "story"


def test_a_second_build_that_waits_says_for_whom_and_then_goes_on(tmp_path):
    said, holder = [], ExitStack()
    holder.enter_context(held(tmp_path))
    with held(tmp_path, announce=lambda line: (said.append(line), holder.close())):
        assert "waiting for another build (process " in said[0]


def test_a_lock_whose_owner_was_killed_is_free_and_nothing_is_left_of_it(tmp_path):
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with holder:
        assert holder.stdout.readline() == "held\n"
        with (
            pytest.raises(LockedError, match=rf"process {holder.pid}, started"),
            held(tmp_path),
        ):
            pass
        holder.send_signal(signal.SIGKILL)
    assert (place(tmp_path) / "owner.json").exists()
    with held(tmp_path):
        pass
    left = {path.name: path.read_bytes() for path in place(tmp_path).iterdir()}
    assert left == {"lock": b""}


DEAD = 2**22 + 1  # more than a system hands out: proc(5), pid_max


@pytest.mark.promise("The note of a build that was killed does not pass for one at work.")
@pytest.mark.parametrize(
    "note",
    [
        {"process": DEAD, "started": "10:00:00"},
        {"process": -1, "started": "10:00:00"},
        {"process": 10**30, "started": "10:00:00"},
        {"process": "1", "started": "10:00:00"},
        {"process": 1, "started": "\x1b[31mnow"},
        {"process": 1},
        [],
    ],
    ids=str,
)
def test_a_note_that_says_nothing_true_names_nobody(tmp_path, note):
    with held(tmp_path):
        (place(tmp_path) / "owner.json").write_text(json.dumps(note))
        with (
            pytest.raises(LockedError, match=r": another build is at work here"),
            held(tmp_path),
        ):
            pass


@pytest.mark.promise("Two builds never work in one reports folder at once.")
@pytest.mark.slow
def test_builds_that_start_at_the_same_moment_never_mix(tmp_path):
    outcome = last_words(Path(__file__).with_name("contest_driver.py"), tmp_path, 30)
    assert outcome["wrong"] == []
    assert set(outcome["codes"]) == {"0", "8"}  # some were refused, none failed
