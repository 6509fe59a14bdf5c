"""What the press says no to: in one short line, whatever it was given."""

from collections.abc import Callable

from notebook_press.errors import PressError

LONGEST = 1_000  # characters of a refusal, however long what is refused


def refusal(kind: type[PressError], act: Callable[..., object], *arguments: object) -> str:
    """Return why something is refused, or nothing where it is not."""
    try:
        act(*arguments)
    except kind as error:
        message = str(error)
        assert message.isprintable()
        assert len(message) <= LONGEST
        return message
    return ""
