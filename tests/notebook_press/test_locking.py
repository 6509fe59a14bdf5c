"""One build at a time: another one fails at once or waits, and is told for whom."""

import threading

import pytest

from notebook_press.errors import LockedError
from notebook_press.locking import locked


def test_a_second_build_that_does_not_wait_is_refused(tmp_path):
    with (
        locked(tmp_path, wait=True, announce=print),
        pytest.raises(LockedError, match=r"another build \(process \d+, started"),
        locked(tmp_path, wait=False, announce=print),
    ):
        pass


def test_a_second_build_that_waits_says_for_whom_and_then_goes_on(tmp_path):
    said, entered = [], threading.Event()
    release = threading.Event()

    def hold() -> None:
        with locked(tmp_path, wait=True, announce=print):
            entered.set()
            release.wait(20)

    holder = threading.Thread(target=hold)
    holder.start()
    entered.wait(20)

    def announce(line: str) -> None:
        said.append(line)
        release.set()

    with locked(tmp_path, wait=True, announce=announce):
        holder.join(20)
    assert "waiting for another build (process " in said[0]


def test_the_folder_is_free_again_after_an_error(tmp_path):
    with pytest.raises(ZeroDivisionError), locked(tmp_path, wait=True, announce=print):
        raise ZeroDivisionError
    with locked(tmp_path, wait=False, announce=print):
        pass
