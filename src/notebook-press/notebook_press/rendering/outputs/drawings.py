"""The pictures of a notebook's charts, drawn together when the first of them is asked for."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

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
        if chart not in self._vega:
            charts = [chart, *(each for each in self._vega_charts() if each not in self._vega)]
            charts = list(dict.fromkeys(charts))
            self._vega |= zip(charts, draw_vega(charts), strict=True)
        return self._vega[chart]

    def still(self, figure: PlotlyFigure) -> Image | None:
        """A figure's picture, where one is wanted and there is a browser to draw it."""
        if not draws_stills() or (figure.is_live and not self.on_paper):
            return None
        if figure not in self._stills:
            figures = [figure, *(f for f in self._figures() if f not in self._stills)]
            figures = list(dict.fromkeys(figures))
            self._stills |= zip(figures, draw_stills(figures), strict=True)
        return self._stills[figure]

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
