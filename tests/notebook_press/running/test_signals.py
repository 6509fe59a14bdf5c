"""A signal's way: it kills at once, waits for what must not be broken, and is not lost."""

import asyncio
import logging
import os
import signal
import subprocess
import sys

import pytest

from notebook_press.running import signals


@pytest.fixture(autouse=True)
def listening():
    """Take signals as a command does, and give them back."""
    handlers = {number: signal.getsignal(number) for number in signals.SIGNALS}
    for number in signals.SIGNALS:
        signal.signal(number, signal.SIG_DFL)
    signals.listen()
    yield
    signals.finish()
    signals._state = signals._State()  # forget what was taken
    logging.getLogger("asyncio").disabled = False
    for number, handler in handlers.items():
        signal.signal(number, handler)


def send(number: int) -> None:
    os.kill(os.getpid(), number)


def is_taken(number: int) -> bool:
    try:
        send(number)
    except KeyboardInterrupt:
        return True
    return False


@pytest.mark.parametrize("number", signals.SIGNALS)
def test_a_signal_interrupts_with_its_number(number):
    with pytest.raises(KeyboardInterrupt) as caught:
        send(number)
    assert (caught.value.args, signals.taken()) == ((number,), number)


@pytest.mark.promise("A second signal does not break the clean-up after the first.")
def test_a_second_signal_is_not_taken_while_the_first_is_cleaned_up_after():
    with pytest.raises(KeyboardInterrupt):
        send(signal.SIGINT)
    assert [is_taken(number) for number in signals.SIGNALS] == [False, False, False]
    assert signals.taken() == signal.SIGINT


@pytest.mark.promise("A signal kills the kernel's process group at once.")
def test_a_signal_kills_at_once_and_only_what_there_is():
    killed = []
    with signals.killing(lambda: killed.append("earlier"), lambda: None):
        pass
    kill = signals.killing(lambda: killed.append("now"), lambda: killed.append("too late"))
    with pytest.raises(KeyboardInterrupt), kill:
        send(signal.SIGTERM)
    assert killed == ["now"]


@pytest.mark.promise("A signal does not break the ending of a kernel's processes.")
def test_a_clean_up_is_not_broken_and_its_end_is_interrupted():
    done = []

    def clean_up() -> None:
        with signals.unbroken():
            with signals.unbroken():
                send(signal.SIGHUP)
            done.append("cleaned")

    with pytest.raises(KeyboardInterrupt) as caught:
        clean_up()
    assert (done, caught.value.args) == (["cleaned"], (signal.SIGHUP,))


@pytest.mark.promise("An interruption that Python swallows shows no traceback beside the one line.")
def test_an_interruption_that_python_itself_swallows_shows_no_traceback():
    code = (
        "import os, signal, weakref; from notebook_press.running import signals\n"
        "signals.listen(); thing = {1}\n"
        "reference = weakref.ref(thing, lambda _: os.kill(os.getpid(), signal.SIGTERM))\n"
        "del thing; print(signals.taken())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=30)
    assert (done.stdout, done.stderr) == ("15\n", "")


def test_a_task_that_a_signal_broke_shows_no_traceback(caplog):
    async def lose() -> None:
        future = asyncio.get_running_loop().create_future()
        future.set_exception(ValueError("its kernel died"))

    with pytest.raises(KeyboardInterrupt):
        send(signal.SIGTERM)
    asyncio.run(lose())
    assert caplog.text == ""


def test_a_command_that_has_ended_takes_no_signal():
    signals.finish()
    send(signal.SIGTERM)
    assert signals.taken() is None


@pytest.mark.promise("A command whose clean-up hangs is ended, with its kernels.")
def test_a_command_whose_clean_up_hangs_is_ended_with_its_kernels():
    code = (
        "import os, signal, threading; from notebook_press.running import signals\n"
        "signals.PATIENCE = 0.5; signals.listen()\n"
        "with signals.killing(lambda: print('killed', flush=True), "
        "lambda: print('ended', flush=True)):\n"
        "    try: os.kill(os.getpid(), signal.SIGTERM)\n"
        "    except KeyboardInterrupt: threading.Event().wait(60)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=30)
    assert (done.returncode, done.stdout.split()) == (143, ["killed", "ended"])
    assert done.stderr.startswith("notebook-press: exit 143 (interrupted): ")


@pytest.mark.promise("A signal that was ignored when the command began stays ignored (nohup).")
def test_a_signal_that_was_ignored_stays_ignored():
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    signals.listen()
    assert not is_taken(signal.SIGHUP)
