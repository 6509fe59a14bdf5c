"""Jupyter's widgets: what was printed in them, their labels and values as text, or their names."""

import html
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeGuard

from notebook_press.rendering.outputs.bundle import Bundle, Loss, Shown, named
from notebook_press.rendering.outputs.plotly_figures import PLOTLY_TYPE
from notebook_press.rendering.page import Failure, Fate, Text
from notebook_press.rendering.sanitising import plain, printable

WIDGET_TYPE = "application/vnd.jupyter.widget-view+json"
_CONTROLS = "@jupyter-widgets/controls"
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
_BOXES = frozenset({"Box", "VBox", "HBox", "GridBox", "Tab", "Accordion", "Stack"})
_PROGRESS = frozenset({"FloatProgress", "IntProgress"})
_DEFAULTS: dict[str, Any] = {  # of controls whose state does not hold what they begin with
    **dict.fromkeys(("Checkbox", "ToggleButton", "Valid"), False),
    **dict.fromkeys(("BoundedIntText", "IntSlider", "IntText"), 0),
    **dict.fromkeys(("BoundedFloatText", "FloatSlider", "FloatText"), 0.0),
    **dict.fromkeys(("Combobox", "DatePicker", "Label", "Password", "Text", "Textarea"), ""),
}
_REPRESENTATION = re.compile(r"\s*([A-Za-z_]\w*)\(.*\)\s*", re.DOTALL)
_FORMULA = re.compile(r"\$|\\[(\[]|\\begin\{")
_CLOSED_BAR = re.compile(r"\d+%\||\d+it \[")
_SEVERITY: tuple[Fate, ...] = ("hidden", "not run", "shown", "lesser")


class _Unshown(dict[str, Any]):
    """The models that one output has not shown yet, so that none can hold itself."""


def read_widget(bundle: Bundle, mime: str) -> Shown | None:
    """A widget as it was when the notebook was saved, or the other forms that are stored of it."""
    models = bundle.widgets
    unshown = models if isinstance(models, _Unshown) else _Unshown(models)
    model = unshown.pop(str(_part(bundle.data[mime], "model_id")), None)
    state = _part(model, "state")
    if not isinstance(state, Mapping):
        return _without_state(bundle)
    try:
        return _read(replace(bundle, widgets=unshown), model, state)
    except RecursionError:
        return named("Widgets in widgets", "nest them less deeply")


def _without_state(bundle: Bundle) -> Shown | None:
    if set(bundle.data) - {WIDGET_TYPE, "text/plain"}:
        return None  # the next reader's
    text = plain(bundle.text("text/plain"))
    if bundle.widgets and _CLOSED_BAR.search(text):
        return Shown((), "Progress bar", "hidden")  # as its author closed it
    known = _REPRESENTATION.fullmatch(text)
    if known or not text.strip():
        what = f"Widget {known[1]}" if known else "Widget"
        return named(what, "save the notebook with the state of its widgets")
    return Shown((Text(text),), "Widget", "lesser", "its text")


def _read(bundle: Bundle, model: Mapping[str, Any], state: Mapping[str, Any]) -> Shown:
    kind = str(model.get("model_name") or state.get("_model_name") or "Widget")
    kind = printable(kind).removesuffix("Model")
    what = f"Widget {kind}"
    if _is_hidden(bundle.widgets, state):
        return Shown((), what, "hidden")
    if kind == "Output":
        return _together(what, [_output(bundle, each) for each in _list(state.get("outputs"))])
    if kind in _BOXES:
        parts = [_output(bundle, each) for each in _held(kind, state)]
        return _together(what, _in_a_row(parts) if kind == "HBox" else parts)
    if (data := _data(kind, model, state)) is not None:
        return _output(bundle, {"data": data})
    module = str(model.get("model_module") or state.get("_model_module"))
    is_control = module == _CONTROLS or kind in _DEFAULTS or "_options_labels" in state
    if is_control and (text := _in_words(kind, state)) is not None:
        return Shown((Text(plain(text)),), what, "lesser", "its text")
    return named(_NAMES.get(module, what), "store a picture of it in the notebook")


def _is_hidden(models: Mapping[str, Any], state: Mapping[str, Any]) -> bool:
    layout = _part(models.get(_name(state.get("layout"))), "state")
    unseen = {"display": "none", "visibility": "hidden"}
    return any(_part(layout, name) == value for name, value in unseen.items())


def _name(reference: Any) -> str:
    return str(reference).removeprefix("IPY_MODEL_")


def _output(bundle: Bundle, output: Any) -> Shown:
    """What comes of an output in a widget, or of what stands for another widget in it."""
    # Outputs are read by a table that knows widgets too.
    from notebook_press.rendering.outputs.readers import read_output

    match output:
        case {"output_type": "stream", "text": text}:
            stream = "stderr" if output.get("name") == "stderr" else "stdout"
            if stream in bundle.hidden:
                return Shown(losses=(Loss(f"Text printed to {stream}", "hidden"),))
            return Shown((Text(plain(_joined(text)), stream),), "Text")
        case {"output_type": "error"}:
            summary = plain(f"{output.get('ename')}: {output.get('evalue')}")
            traceback = plain(_joined(output.get("traceback"), "\n"))
            return Shown((Failure(summary, traceback or summary),), "Error")
        case {"data": Mapping() as data}:
            metadata = output.get("metadata")
            metadata = metadata if isinstance(metadata, Mapping) else {}
            return read_output(replace(bundle, data=data, metadata=metadata))
    return Shown()


def _held(kind: str, state: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """What a box holds, in order, as outputs, each part under its title."""
    names = [*map(_name, _list(state.get("children")))]
    chosen = state.get("selected_index")
    if kind == "Stack":
        names = [names[chosen]] if _is_position(chosen, names) else []
    titles = _titles(state) if kind in ("Tab", "Accordion") else {}
    for position, name in enumerate(names):
        if titles.get(position, "").strip():
            yield {"data": {"text/plain": titles[position]}}
        yield {"data": {WIDGET_TYPE: {"model_id": name}}}


def _titles(state: Mapping[str, Any]) -> dict[int, str]:
    """The titles of tabs, which older widgets keep by their positions as text."""
    titles, older = state.get("titles"), state.get("_titles")
    if isinstance(titles, list):
        return dict(enumerate(map(str, titles)))
    pairs = older.items() if isinstance(older, Mapping) else ()
    return {int(name): str(title) for name, title in pairs if str(name).isdecimal()}


def _data(
    kind: str, model: Mapping[str, Any], state: Mapping[str, Any]
) -> Mapping[str, Any] | None:
    """What a widget shows as an output of another type; None of those that are none."""
    if kind in ("HTML", "HTMLMath", "Label"):
        value, label = _joined(state.get("value")), _joined(state.get("description"))
        value = html.escape(value, quote=False) if kind == "Label" else value
        value = f"{html.escape(label)} {value}" if label else value
        if "<" in value or (kind != "HTML" and _FORMULA.search(value)):
            return {"text/html": value}
        return {"text/plain": html.unescape(value)}
    for buffer in _list(model.get("buffers")) if kind == "Image" else ():
        if _part(buffer, "path") == ["value"] and _part(buffer, "encoding") == "base64":
            form = str(state.get("format") or "png").lower()
            mime = f"image/{ {'jpg': 'jpeg', 'svg': 'svg+xml'}.get(form, form) }"
            return {mime: str(_part(buffer, "data"))}
    for before in ("_widget", ""):  # as older and newer versions of plotly have it
        traces, layout = state.get(f"{before}_data"), state.get(f"{before}_layout")
        if isinstance(traces, list) and isinstance(layout, Mapping):
            return {PLOTLY_TYPE: {"data": traces, "layout": layout}}
    if "vega" in str(_part(state.get("spec"), "$schema")):
        return {"application/vnd.vegalite.v6+json": state["spec"]}
    return None


def _in_words(kind: str, state: Mapping[str, Any]) -> str | None:
    """A control's label and value; None of one that has neither."""
    label = _joined(state.get("description")).strip().rstrip(":")
    labels, chosen = state.get("_options_labels"), state.get("index")
    value = state.get("value", _DEFAULTS.get(kind))
    if isinstance(labels, list):
        positions = chosen if isinstance(chosen, list) else [chosen]
        said = ", ".join(str(labels[each]) for each in positions if _is_position(each, labels))
    elif kind in _PROGRESS:
        said = _progress(state)
    elif kind == "Password":
        said = "•" * 8 if value else ""
    elif "Range" in kind:
        said = " to ".join(map(_value, _list(value)))
    else:
        said = _value(value)
    is_known = label or labels or "value" in state or kind in _DEFAULTS
    return ": ".join(filter(None, (label, said))) if is_known else None


def _value(value: Any) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case {"year": int(year), "month": int(month), "date": int(day)}:
            return f"{year}-{month + 1:02}-{day:02}"  # months count from 0 in a browser
        case list():
            return ", ".join(map(_value, value))
        case str() | int() | float():
            return str(value)
        case _:
            return ""


def _progress(state: Mapping[str, Any]) -> str:
    """How far a bar has come, as a share of its length."""
    numbers = [
        state.get(name, default) for name, default in (("value", 0), ("min", 0), ("max", 100))
    ]
    if not all(isinstance(n, int | float) and math.isfinite(n) for n in numbers):
        return ""
    value, least, most = numbers
    return f"{(value - least) / (most - least):.0%}" if most > least else ""


def _in_a_row(parts: Sequence[Shown]) -> list[Shown]:
    """The parts of a row, its words on one line; a bar's share is left out where it is said."""
    texts = [_words_of(part) for part in parts]
    if None in texts:
        return list(parts)
    bars = [part.what.removeprefix("Widget ") in _PROGRESS for part in parts]
    words = [(str(text).strip(), bar) for text, bar in zip(texts, bars, strict=True) if text]
    said = any(text.endswith("%") for text, bar in words if not bar)
    line = "  ".join(text for text, bar in words if not (bar and said))
    return [replace(_together("", parts), blocks=(Text(line),) if line else ())]


def _words_of(part: Shown) -> str | None:
    """The one line that a part says, if it says no more."""
    lines = [block.text if isinstance(block, Text) else "\n" for block in part.blocks]
    return None if "\n" in "\n".join(lines) else "".join(lines)


def _together(what: str, parts: Sequence[Shown]) -> Shown:
    """Several parts as one, of which those that are not shown are booked besides."""
    missing = [part for part in parts if part.fate == "not shown"]
    others = [part for part in parts if part.fate != "not shown"]
    worst = max(others, key=lambda part: _SEVERITY.index(part.fate), default=Shown())
    losses = [Loss(part.what, part.fate, part.note) for part in missing]
    losses += [loss for part in parts for loss in part.losses]
    blocks = tuple(block for part in parts for block in part.blocks)
    return Shown(blocks, what, worst.fate, worst.note, tuple(losses))


def _is_position(found: Any, within: Sequence[Any]) -> TypeGuard[int]:
    """Whether a value is a position within a list."""
    return isinstance(found, int) and not isinstance(found, bool) and 0 <= found < len(within)


def _joined(text: Any, between: str = "") -> str:
    """A text that may be held as lines, `""` for what is none."""
    return text if isinstance(text, str) else between.join(map(str, _list(text)))


def _list(found: Any) -> Sequence[Any]:
    return found if isinstance(found, list | tuple) else ()


def _part(found: Any, name: str) -> Any:
    return found.get(name) if isinstance(found, Mapping) else None
