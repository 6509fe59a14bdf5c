"""The page that lists every published report with its runs, and every sweep."""

import base64
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from notebook_press.errors import rendering_errors
from notebook_press.rendering.checks import check_html
from notebook_press.rendering.composition import date_in_words, headline, when
from notebook_press.rendering.html import as_markup, picture_address, templates
from notebook_press.rendering.outputs.foreign import clean
from notebook_press.rendering.page import Image
from notebook_press.rendering.prose.markdown import Piece, to_html
from notebook_press.rendering.sanitising import printable_throughout

Manifest = Mapping[str, Any]
Line = tuple[str, list[tuple[str, str]]]
"""A name, and of each run, the newest first, a value in words and how it differs, or ''."""

_FORMATS = {"html": "Web page", "pdf": "PDF", "pptx": "Slides", "ipynb": "Notebook", "json": "JSON"}
_HEADLINES = _SPARKS = 3
_WIDTH, _HEIGHT, _EDGE = 120, 32, 4  # of a curve, in its own units
_TEXTS = ("title", "answer", "notice")
_NONE = ("\N{EN DASH}", "")


def render_index(manifests: Sequence[Manifest], sweeps: Sequence[Mapping[str, Any]] = ()) -> str:
    """The HTML of `index.html`, to stand in the folder that holds a folder for each run.

    Args:
        manifests: The manifests of the published reports, in any order.
        sweeps: The cards of the sweeps that have a page, in the order they are shown in.

    Raises:
        RenderingError: The page can't be made, or would not be fit to publish.
    """
    with rendering_errors("the index of the reports"):
        page = _rendered(printable_throughout(manifests), printable_throughout(sweeps))
        check_html(page)
        return page


def _rendered(manifests: Sequence[Manifest], sweeps: Sequence[Mapping[str, Any]]) -> str:
    newest_first = sorted(manifests, key=lambda each: str(each["run"]))
    newest_first.sort(key=lambda each: when(str(each["finished"])), reverse=True)
    runs: dict[str, list[Manifest]] = {}
    for manifest in newest_first:
        runs.setdefault(str(manifest["report"]), []).append(manifest)
    reports = [(_speaking(runs[name]), runs[name]) for name in sorted(runs)]
    texts = [
        Piece(str(run.get(part) or ""), "title" if part == "title" else "block")
        for run in [*(run for run, _ in reports), *sweeps]
        for part in _TEXTS
    ]
    made = (
        replace(fragment, source=clean(fragment.source, "the index", is_prose=True).html)
        for fragment in to_html(texts).pieces
    )
    fragments = map(as_markup, made)
    return (
        templates()
        .get_template("index.html.j2")
        .render(
            cards=[
                {"run": run, "runs": runs, **{part: next(fragments) for part in _TEXTS}}
                for run, runs in reports
            ],
            sweeps=[
                {"sweep": sweep, **{part: next(fragments) for part in _TEXTS}} for sweep in sweeps
            ],
            headlines=_HEADLINES,
            date=lambda run: date_in_words(when(str(run["finished"]))),
            links=_links,
            address=_address,
            parameters=_parameters,
            results=_results,
            sparks=_sparks,
        )
    )


def _speaking(runs: Sequence[Manifest]) -> Manifest:
    """The run that speaks for a report: a trial under another name does not displace it."""
    return next((run for run in runs if run["run"] == "default"), runs[0])


def _address(noted: Mapping[str, str]) -> str:
    """The address of the figure that a manifest holds."""
    return picture_address(Image(noted["mime"], base64.b64decode(noted["content"])))


def _links(run: Manifest) -> list[tuple[str, str]]:
    """A relative address and a name for each format, the one to read first."""
    files = [*run["files"], f"{run['report']}.json"]
    return [
        (f"{quote(str(run['run']), safe='')}/{quote(name, safe='')}", label)
        for ending, label in _FORMATS.items()
        for name in files
        if name.rpartition(".")[2] == ending
    ]


def _parameters(runs: Sequence[Manifest]) -> list[Line]:
    given = [{p["name"]: p for p in run.get("parameters") or ()} for run in runs]
    names = dict.fromkeys(name for parameters in given for name in parameters)
    return [(str(name), [_parameter(p.get(name)) for p in given]) for name in names]


def _parameter(parameter: Mapping[str, Any] | None) -> tuple[str, str]:
    if parameter is None:
        return _NONE
    value, default = parameter.get("value"), parameter.get("default")
    changed = value != default or isinstance(value, bool) != isinstance(default, bool)
    code = parameter.get("computed") and not changed
    return str(value) if code else repr(value), "changed" if changed else ""


def _results(runs: Sequence[Manifest]) -> list[Line]:
    names = dict.fromkeys(name for run in runs for name in run.get("results") or {})
    return [(name.replace("_", " "), list(_moves(name, runs))) for name in names]


def _moves(name: str, runs: Sequence[Manifest]) -> Iterator[tuple[str, str]]:
    """Each run's value, and how far it is from that of the run before on the same data."""
    for position, run in enumerate(runs):
        value = (run.get("results") or {}).get(name)
        alike = (r for r in runs[position + 1 :] if r.get("inputs") == run.get("inputs"))
        known = (next(alike, {}).get("results") or {}).get(name)
        if value is None:
            yield _NONE
        else:
            yield headline(name, value), "" if known is None else _difference(name, value - known)


def _difference(name: str, difference: float) -> str:
    if abs(difference) < 1e-12:
        return "±0"
    size = headline(name, abs(difference)).replace("%", " points")
    return f"+{size}" if difference > 0 else f"\N{MINUS SIGN}{size}"


def _sparks(runs: Sequence[Manifest]) -> Iterator[tuple[str, list[tuple[float, float]], str]]:
    """How the first results moved: a name, a curve's points, oldest run first, and it in words."""
    for name in list(runs[0].get("results") or {})[:_SPARKS]:
        known = [
            (str(run["run"]), run["results"][name])
            for run in reversed(runs)
            if name in (run.get("results") or {}) and run.get("inputs") == runs[0].get("inputs")
        ]
        if len(known) > 2:  # two are told by their difference
            told = ", ".join(f"{run} {headline(name, value)}" for run, value in known)
            label = name.replace("_", " ")
            words = f"{label} by run, the oldest first: {told}"
            yield label, _curve([value for _, value in known]), words


def _curve(values: Sequence[float]) -> list[tuple[float, float]]:
    low, high = min(values), max(values)
    across, up = _WIDTH - 2 * _EDGE, _HEIGHT - 2 * _EDGE
    return [
        (
            round(_EDGE + across * position / (len(values) - 1), 1),
            round(_EDGE + up * ((high - value) / (high - low) if high > low else 0.5), 1),
        )
        for position, value in enumerate(values)
    ]
