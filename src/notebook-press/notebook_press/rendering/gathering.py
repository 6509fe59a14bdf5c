"""What has been read of a page so far, while its notebook's cells are walked through."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from notebook_press.author import Estimate
from notebook_press.rendering.outputs.drawings import Drawings
from notebook_press.rendering.page import Block, Booked, Chart, Fate, Figure, Image, Prose
from notebook_press.rendering.prose.beside import Beside


@dataclass
class Gathered:
    """The parts of a page that the cells up to one of them have given.

    Attributes:
        report: The report's file name without its ending.
        language: The language of the code.
        widgets: The state of the notebook's widgets, by their models' names.
        drawings: The pictures of the notebook's charts.
        beside: Where pictures may be read that the notebook names; without it, none is.
        position: The cell that is being read, from 1.
    """

    report: str
    language: str
    widgets: Mapping[str, Any]
    drawings: Drawings = field(default_factory=Drawings)
    beside: Beside | None = None
    position: int = 0
    answer: str | None = None
    key_figure: Figure | None = None
    notices: list[str] = field(default_factory=list)
    results: dict[str, float] = field(default_factory=dict)
    estimates: dict[str, Estimate] = field(default_factory=dict)
    blocks: list[Block] = field(default_factory=list)
    account: list[Booked] = field(default_factory=list)

    @property
    def place(self) -> str:
        """What errors call the cell that is being read."""
        return f"report {self.report!r}, cell {self.position}"

    @property
    def figures(self) -> list[Figure]:
        """The figures so far."""
        return [block for block in self.blocks if isinstance(block, Figure)]

    @property
    def next_figure(self) -> int:
        """The number of the next figure, or chart."""
        return 1 + sum(isinstance(block, Figure | Chart) for block in self.blocks)

    def book(self, what: str, fate: Fate, note: str = "") -> None:
        """Enter into the account what came of something in the cell that is being read."""
        self.account.append(Booked(self.position, what, fate, note))

    def add_prose(
        self, markdown: str, attachments: Mapping[str, Image | str] | None = None
    ) -> None:
        """Add Markdown, with the pictures that are attached to it."""
        if markdown.strip():
            self.blocks.append(Prose(markdown.strip("\n"), attachments or {}))
