"""The pictures of a notebook's charts, drawn together when the first of them is asked for."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, TypeVar

from notebook_press.rendering.images import IMAGE_TYPES
from notebook_press.rendering.outputs.live_charts import draw_stills, draws_stills
from notebook_press.rendering.outputs.plotly_figures import (
    PLOTLY_TYPE,
    PlotlyFigure,
    UnfitFigureError,
    read_figure,
)
from notebook_press.rendering.outputs.vega import VEGA_TYPE, VegaChart, draw_vega, names_address
from notebook_press.rendering.page import Image


@dataclass
class Drawings:
    """Draws charts: those of the cells given all at once, since starting what draws takes time.

    Attributes:
        cells: The notebook's cells.
        on_paper: Whether what is live on a page is wanted as a picture as well.
    """

    cells: Sequence[Mapping[str, Any]] = ()
    on_paper: bool = True
    _vega: dict[VegaChart, Image | str] = field(default_factory=dict)
    _stills: dict[PlotlyFigure, Image | None] = field(default_factory=dict)

    def vega(self, chart: VegaChart) -> Image | str:
        """A chart's drawing, or why there is none."""
        return _looked_up(self._vega, chart, self._vega_charts(), draw_vega)

    def still(self, figure: PlotlyFigure) -> Image | None:
        """A figure's picture, where one is wanted and there is a browser to draw it."""
        if not draws_stills() or (figure.is_live and not self.on_paper):
            return None
        return _looked_up(self._stills, figure, self._figures(), draw_stills)

    def _outputs(self) -> Iterator[Mapping[str, Any]]:
        for cell in self.cells:
            yield from (output.get("data", {}) for output in cell.get("outputs", ()))

    def _vega_charts(self) -> Iterator[VegaChart]:
        for data in self._outputs():
            for mime, found in data.items():
                known = VEGA_TYPE.fullmatch(mime) and isinstance(found, Mapping)
                with suppress(RecursionError):  # one of another cell, which will be named there
                    if known and not names_address(found):
                        yield VegaChart.of(mime, found)

    def _figures(self) -> Iterator[PlotlyFigure]:
        for data in self._outputs():
            if PLOTLY_TYPE in data and not any(mime in data for mime in IMAGE_TYPES):
                with suppress(UnfitFigureError):
                    figure = read_figure(data[PLOTLY_TYPE])
                    if self.on_paper or not figure.is_live:
                        yield figure


_Drawn = TypeVar("_Drawn")
_Made = TypeVar("_Made")


def _looked_up(
    known: dict[_Drawn, _Made],
    wanted: _Drawn,
    others: Iterator[_Drawn],
    draw: Callable[[Sequence[_Drawn]], Sequence[_Made]],
) -> _Made:
    """What is drawn of something; the first time all that may be wanted is drawn with it."""
    if wanted not in known:
        missing = list(dict.fromkeys([wanted, *(each for each in others if each not in known)]))
        known |= zip(missing, draw(missing), strict=True)
    return known[wanted]
