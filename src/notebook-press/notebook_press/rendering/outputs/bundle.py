"""One output as its readers see it, and what a reader makes of it."""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from notebook_press.rendering.outputs.drawings import Drawings
from notebook_press.rendering.page import Block, Fate, Image, NotShown
from notebook_press.rendering.prose.beside import Beside

_BARE_OBJECT = re.compile(
    r"<[\w.]+(?: object)?(?: at 0x[0-9a-fA-F]+)?[^<>]*>|<class '[^<>]*'>|[\w.]+\(\.\.\.\)"
)


@dataclass(frozen=True)
class Bundle:
    """An output's data by MIME type, and where it stands.

    Attributes:
        data: The data; text may be a list of lines.
        metadata: The output's own metadata.
        place: What errors call the cell.
        widgets: The state of the notebook's widgets, by their models' names.
        drawings: The pictures of the notebook's charts.
        beside: Where pictures may be read that it names; without it, none is.
        hidden: What of the cell is not to be seen, such as `stderr`.
    """

    data: Mapping[str, Any]
    metadata: Mapping[str, Any] = field(default_factory=dict)
    place: str = "a notebook"
    widgets: Mapping[str, Any] = field(default_factory=dict)
    drawings: Drawings = field(default_factory=Drawings)
    beside: Beside | None = None
    hidden: Collection[str] = ()

    def text(self, mime: str) -> str:
        """The text of a type, which notebooks may hold as a list of lines; `""` without it."""
        found = self.data.get(mime, "")
        return found if isinstance(found, str) else "".join(map(str, found))


class Loss(NamedTuple):
    """What became of a part of something else: what it is in words, and how that is booked."""

    what: str
    fate: Fate
    note: str = ""


@dataclass(frozen=True)
class Shown:
    """What an output comes to: its blocks, what it is in words, and how that is booked.

    `losses` are parts of it that came to something else.
    """

    blocks: tuple[Block, ...] = ()
    what: str = ""
    fate: Fate = "shown"
    note: str = ""
    losses: tuple[Loss, ...] = ()


@dataclass(frozen=True)
class Cleaned:
    """HTML of others, and what of it does not stand there as it was written.

    Attributes:
        html: The HTML, each line that names something not shown included.
        losses: What is not there, or in another form.
        is_empty: Whether there is nothing to see but such lines.
    """

    html: str
    losses: tuple[Loss, ...] = ()
    is_empty: bool = False


FindPicture = Callable[[str], Image | str]
"""Gives the picture of an address in the HTML, or says in words why there is none."""


def named(what: str, advice: str = "") -> Shown:
    """What stands for something that no page can show: its name, and what helps."""
    return Shown((NotShown(what, advice),), what, "not shown", advice)


def is_bare_object(text: str) -> bool:
    """Whether a text only names a Python object, such as `<Figure size 640x480 with 1 Axes>`."""
    return _BARE_OBJECT.fullmatch(text.strip()) is not None
