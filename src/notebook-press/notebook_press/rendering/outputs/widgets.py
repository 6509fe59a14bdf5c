"""Jupyter's widgets: what was printed in them, their labels and values as text, or their names."""

import html
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from notebook_press.errors import RenderingError
from notebook_press.rendering.images import read_image
from notebook_press.rendering.outputs.bundle import Bundle, Loss, Shown, named
from notebook_press.rendering.outputs.charts import read_plotly, read_vega
from notebook_press.rendering.outputs.foreign import read_html
from notebook_press.rendering.outputs.plotly_figures import PLOTLY_TYPE
from notebook_press.rendering.outputs.widget_values import (
    PROGRESS,
    in_words,
    is_position,
    joined_lines,
)
from notebook_press.rendering.page import UNDESCRIBED, Failure, Fate, Figure, Text
from notebook_press.rendering.sanitising import plain, printable

WIDGET_TYPE = "application/vnd.jupyter.widget-view+json"
_DEEPEST = 20
_REFERENCE = "IPY_MODEL_"
_NAMES = {  # of the libraries whose models are called anything
    "jupyter-leaflet": "Map (ipyleaflet)",
    "bqplot": "Chart (bqplot)",
    "jupyter-threejs": "Scene (pythreejs)",
    "k3d": "Scene (K3D)",
    "nglview-js-widgets": "Molecule (nglview)",
    "ipysheet": "Sheet (ipysheet)",
    "jupyter-vega": "Vega chart",
    "jupyter-matplotlib": "Figure (ipympl)",
}
_PICTURE_ADVICE = "store a picture of it in the notebook"
_REPRESENTATION = re.compile(r"\s*([A-Za-z_]\w*)\(.*\)\s*", re.DOTALL)
_CLOSED_BAR = re.compile(r"\d+%\||\d+it \[")
_SEVERITY: tuple[Fate, ...] = ("hidden", "not run", "shown", "lesser")


def read_widget(bundle: Bundle, mime: str) -> Shown | None:
    """A widget as it was when the notebook was saved, or the other forms that are stored of it."""
    view = bundle.data[mime]
    model = view.get("model_id") if isinstance(view, Mapping) else None
    states = bundle.widgets
    if not isinstance(states, _States):
        states = _States(states)
    shown = _Reader(replace(bundle, widgets=states), states).read(str(model))
    if shown is not None:
        return shown
    return _without_state(bundle, closed=bool(states.known))


def _without_state(bundle: Bundle, closed: bool) -> Shown | None:
    if set(bundle.data) - {WIDGET_TYPE, "text/plain"}:
        return None  # the next reader's
    text = plain(bundle.text("text/plain"))
    if closed and _CLOSED_BAR.search(text):
        return Shown((), "Progress bar", "hidden")  # as its author closed it
    known = _REPRESENTATION.fullmatch(text)
    if known or not text.strip():
        what = f"Widget {known[1]}" if known else "Widget"
        return named(what, "save the notebook with the state of its widgets")
    return Shown((Text(text),), "Widget", "lesser", "its text")


class _States(dict[str, Any]):
    """The models that one output has not shown yet, so that none can hold itself."""

    def __init__(self, states: Mapping[str, Any]) -> None:
        super().__init__(states)
        self.known = len(states)
        self.depth = 0


class _Reader:
    """Reads the models that one output shows."""

    def __init__(self, bundle: Bundle, states: _States) -> None:
        self.bundle = bundle
        self.states = states

    def read(self, name: str) -> Shown | None:
        """What a model shows; None where there is no such model."""
        model = self.states.get(name)
        state = _part(model, "state")
        if not isinstance(model, Mapping) or not isinstance(state, Mapping):
            return None
        kind = printable(str(model.get("model_name") or state.get("_model_name") or "Widget"))
        kind = kind.removesuffix("Model")
        what = f"Widget {kind}"
        if self.states.depth == _DEEPEST:
            return named(what, "nest widgets less deeply")
        del self.states[name]
        self.states.depth += 1
        try:
            if self._is_hidden(state):
                return Shown((), what, "hidden")
            return self._read(kind, what, model, state)
        finally:
            self.states.depth -= 1

    def _is_hidden(self, state: Mapping[str, Any]) -> bool:
        model = self.states.get(str(state.get("layout")).removeprefix(_REFERENCE))
        layout = _part(model, "state")
        unseen = {"display": "none", "visibility": "hidden"}
        return any(_part(layout, name) == value for name, value in unseen.items())

    def _read(
        self, kind: str, what: str, model: Mapping[str, Any], state: Mapping[str, Any]
    ) -> Shown:
        if kind == "Output":
            return self._printed(state)
        if kind in _BOXES:
            return self._held(kind, what, state)
        if kind in ("HTML", "HTMLMath"):
            shown = self._html(what, state)
            if (
                kind == "HTMLMath"
                and "$" in joined_lines(state.get("value"))
                and shown.fate == "shown"
            ):
                return replace(shown, fate="lesser", note="its formulas as TeX")
            return shown
        if kind == "Image":
            return self._picture(what, model, state)
        if figure := _plotly_figure(state):
            return read_plotly(replace(self.bundle, data={PLOTLY_TYPE: figure}), PLOTLY_TYPE)
        if "vega" in str(_part(state.get("spec"), "$schema")):
            mime = "application/vnd.vegalite.v6+json"
            return read_vega(replace(self.bundle, data={mime: state["spec"]}), mime)
        if (text := in_words(kind, state)) is not None:
            return Shown((Text(plain(text)),), what, "lesser", "its text")
        module = str(model.get("model_module") or state.get("_model_module"))
        return named(_NAMES.get(module, what), _PICTURE_ADVICE if module in _NAMES else "")

    def _printed(self, state: Mapping[str, Any]) -> Shown:
        """What an Output widget holds, as a cell's own outputs."""
        outputs = state.get("outputs")
        found = outputs if isinstance(outputs, list | tuple) else ()
        shown = [self._output(output) for output in found if isinstance(output, Mapping)]
        return _together("Widget Output", shown)

    def _output(self, output: Mapping[str, Any]) -> Shown:
        # Outputs are read by a table that knows widgets too.
        from notebook_press.rendering.outputs.readers import read_output

        match output.get("output_type"):
            case "stream":
                stream = "stderr" if output.get("name") == "stderr" else "stdout"
                return Shown((Text(plain(joined_lines(output.get("text"))), stream),), "Text")
            case "error":
                summary = plain(f"{output.get('ename')}: {output.get('evalue')}")
                traceback = plain(joined_lines(output.get("traceback"), "\n"))
                return Shown((Failure(summary, traceback or summary),), "Error")
        data, metadata = output.get("data"), output.get("metadata")
        if not isinstance(data, Mapping):
            return Shown()
        metadata = metadata if isinstance(metadata, Mapping) else {}
        return read_output(replace(self.bundle, data=data, metadata=metadata))

    def _held(self, kind: str, what: str, state: Mapping[str, Any]) -> Shown:
        """What a box holds, in order, each part under its title; a row of words on one line."""
        children = state.get("children")
        names = [str(each) for each in children] if isinstance(children, list | tuple) else []
        titles = _titles(state)
        if kind == "Stack":
            chosen = state.get("selected_index")
            names = names[chosen : chosen + 1] if is_position(chosen, names) else []
        parts: list[Shown] = []
        for position, name in enumerate(names):
            title = titles.get(position, "") if kind in ("Tab", "Accordion") else ""
            parts += [Shown((Text(plain(title)),), "Title")] if title.strip() else []
            shown = self.read(name.removeprefix(_REFERENCE))
            parts.append(shown or named("Widget", "its state is not in the notebook"))
        return _together(what, _in_a_row(parts) if kind == "HBox" else parts)

    def _html(self, what: str, state: Mapping[str, Any]) -> Shown:
        """What an HTML widget says: as text where it is no more than text."""
        value, label = joined_lines(state.get("value")), joined_lines(state.get("description"))
        if "<" not in value:
            text = html.unescape(f"{label} {value}" if label else value)
            return Shown((Text(plain(text)),) if text.strip() else (), what)
        held = replace(self.bundle, data={"text/html": value}, metadata={})
        shown = read_html(held, "text/html") or Shown((), what)
        labelled = (Text(plain(label)), *shown.blocks) if label.strip() else shown.blocks
        return replace(shown, blocks=labelled)

    def _picture(self, what: str, model: Mapping[str, Any], state: Mapping[str, Any]) -> Shown:
        kind = str(state.get("format") or "png").lower()
        mime = f"image/{ {'jpg': 'jpeg', 'svg': 'svg+xml'}.get(kind, kind) }"
        buffers = model.get("buffers")
        for buffer in buffers if isinstance(buffers, list) else ():
            if _part(buffer, "path") == ["value"] and _part(buffer, "encoding") == "base64":
                try:
                    image = read_image(mime, str(_part(buffer, "data")), self.bundle.place)
                except (RenderingError, KeyError):
                    break
                return Shown((Figure(0, "", UNDESCRIBED, image),), what)
        return named(what, _PICTURE_ADVICE)


_BOXES = frozenset({"Box", "VBox", "HBox", "GridBox", "Tab", "Accordion", "Stack"})


def _in_a_row(parts: Sequence[Shown]) -> list[Shown]:
    """The parts of a row, its words on one line; a bar's share is left out where it is said."""
    texts = [_words_of(part) for part in parts]
    if any(text is None for text in texts):
        return list(parts)
    bars = [part.what.removeprefix("Widget ") in PROGRESS for part in parts]
    said = any(
        text and text.rstrip().endswith("%")
        for text, bar in zip(texts, bars, strict=True)
        if not bar
    )
    words = [text for text, bar in zip(texts, bars, strict=True) if text and not (bar and said)]
    line = "  ".join(word.strip() for word in words)
    return [replace(_together("", parts), blocks=(Text(line),) if line else ())]


def _words_of(part: Shown) -> str | None:
    """The one line that a part says, if it says no more."""
    lines = [block.text for block in part.blocks if isinstance(block, Text)]
    if len(lines) < len(part.blocks) or len(lines) > 1:
        return None
    return None if lines and "\n" in lines[0] else "".join(lines)


def _together(what: str, parts: Sequence[Shown]) -> Shown:
    """Several parts as one, of which those that are not shown are booked besides."""
    missing = [part for part in parts if part.fate == "not shown"]
    others = [part for part in parts if part.fate != "not shown"]
    worst = max(others, key=lambda part: _SEVERITY.index(part.fate), default=Shown())
    losses = [Loss(part.what, part.fate, part.note) for part in missing]
    losses += [loss for part in parts for loss in part.losses]
    blocks = tuple(block for part in parts for block in part.blocks)
    return Shown(blocks, what, worst.fate, worst.note, tuple(losses))


def _titles(state: Mapping[str, Any]) -> dict[int, str]:
    """The titles of tabs, which older widgets keep by their positions as text."""
    titles, older = state.get("titles"), state.get("_titles")
    if isinstance(titles, list):
        return dict(enumerate(map(str, titles)))
    pairs: Iterator[tuple[Any, Any]] = iter(older.items() if isinstance(older, Mapping) else ())
    return {int(name): str(title) for name, title in pairs if str(name).isdecimal()}


def _plotly_figure(state: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The figure that a widget of plotly shows."""
    for before in ("_widget", ""):
        traces, layout = state.get(f"{before}_data"), state.get(f"{before}_layout")
        if isinstance(traces, list) and isinstance(layout, Mapping):
            return {"data": traces, "layout": layout}
    return None


def _part(found: Any, name: str) -> Any:
    return found.get(name) if isinstance(found, Mapping) else None
