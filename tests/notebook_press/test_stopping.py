"""A signal's way: it kills at once, waits for what must not be broken, and is not lost."""

import os
import signal

import pytest

from notebook_press import stopping


@pytest.fixture(autouse=True)
def listening():
    """Take signals as a command does, and give them back."""
    handlers = {number: signal.getsignal(number) for number in stopping.SIGNALS}
    for number in stopping.SIGNALS:
        signal.signal(number, signal.SIG_DFL)
    stopping.listen()
    yield
    stopping.listen()  # forget what was taken
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


@pytest.mark.parametrize("number", stopping.SIGNALS)
def test_a_signal_interrupts_with_its_number(number):
    with pytest.raises(KeyboardInterrupt) as caught:
        send(number)
    assert (caught.value.args, stopping.taken()) == ((number,), number)


def test_a_second_signal_is_not_taken_while_the_first_is_cleaned_up_after():
    with pytest.raises(KeyboardInterrupt):
        send(signal.SIGINT)
    assert [is_taken(number) for number in stopping.SIGNALS] == [False, False, False]
    assert stopping.taken() == signal.SIGINT


def test_a_signal_long_after_the_first_interrupts_a_clean_up_that_does_not_end(monkeypatch):
    with pytest.raises(KeyboardInterrupt):
        send(signal.SIGINT)
    monkeypatch.setattr(stopping._state, "patient_until", 0.0)
    with pytest.raises(KeyboardInterrupt) as caught:
        send(signal.SIGTERM)
    assert caught.value.args == (signal.SIGINT,)


def test_a_signal_kills_at_once_and_only_what_there_is():
    killed = []
    with stopping.killing(lambda: killed.append("earlier")):
        pass
    with pytest.raises(KeyboardInterrupt), stopping.killing(lambda: killed.append("now")):
        send(signal.SIGTERM)
    assert killed == ["now"]


def test_a_clean_up_is_not_broken_and_its_end_is_interrupted():
    done = []

    def clean_up() -> None:
        with stopping.unbroken():
            with stopping.unbroken():
                send(signal.SIGHUP)
            done.append("cleaned")

    with pytest.raises(KeyboardInterrupt) as caught:
        clean_up()
    assert (done, caught.value.args) == (["cleaned"], (signal.SIGHUP,))


def test_an_interruption_that_a_library_swallowed_is_raised_again():
    stopping.check()
    assert is_taken(signal.SIGTERM)
    with pytest.raises(KeyboardInterrupt, match="15"):
        stopping.check()


def test_a_command_that_has_ended_takes_no_signal():
    stopping.finish()
    send(signal.SIGTERM)
    assert stopping.taken() is None
