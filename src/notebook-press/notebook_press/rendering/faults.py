"""What goes wrong while a page is made, in one line."""

from collections.abc import Iterator
from contextlib import contextmanager

from notebook_press.errors import PressError, RenderingError, one_line


@contextmanager
def rendering_errors(what: str) -> Iterator[None]:
    """Turn whatever the body raises into a `RenderingError` that says of what it is.

    What the press says itself passes, and so do the disk's errors, which mean something else.

    Args:
        what: What could not be made, as the message names it.

    Raises:
        RenderingError: The body raised something that nobody foresaw.
    """
    try:
        yield
    except (PressError, OSError):
        raise
    except Exception as error:  # a notebook can hold anything
        raise RenderingError(
            f"{what}: expected outputs as kernels write them, found what makes "
            f"{type(error).__name__}: {one_line(error)[:300]}; look at what the notebook displays"
        ) from error
