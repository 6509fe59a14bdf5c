"""The page that lists every published report with its runs, and every sweep."""

import base64
import statistics
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
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
_HEADLINES = 3
_BAND = 10  # runs
_WIDTH, _HEIGHT, _EDGE = 120, 32, 4  # of a curve, in its own units
_TEXTS = ("title", "answer", "notice")
_NONE = ("\N{EN DASH}", "")


def render_index(
    manifests: Sequence[Manifest],
    sweeps: Sequence[Mapping[str, Any]] = (),
    past: Sequence[Mapping[str, Any]] = (),
) -> str:
    """The HTML of `index.html`, to stand in the folder that holds a folder for each run.

    Args:
        manifests: The manifests of the published reports, in any order.
        sweeps: The cards of the sweeps that have a page, in the order they are shown in.
        past: What runs recorded that were replaced since, in any order.

    Raises:
        RenderingError: The page can't be made, or would not be fit to publish.
    """
    with rendering_errors("the index of the reports"):
        page = _rendered(*map(printable_throughout, (manifests, sweeps, past)))
        check_html(page)
        return page


def left_the_band(values: Sequence[float]) -> list[int]:
    """Return which values lie outside of the band of the ten before them.

    The band is their mean, and three standard deviations to either side (Shewhart 1931, Economic
    Control of Quality of Manufactured Product); without ten there is none.
    """
    found = []
    for place in range(_BAND, len(values)):
        before = values[place - _BAND : place]
        mean = statistics.fmean(before)
        margin = 3 * statistics.stdev(before) + 1e-9 * abs(mean)  # the mean's own rounding
        found += [place] if abs(values[place] - mean) > margin else []
    return found


def _rendered(
    manifests: Sequence[Manifest],
    sweeps: Sequence[Mapping[str, Any]],
    past: Sequence[Mapping[str, Any]],
) -> str:
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
            sparks=partial(_sparks, past=past),
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


def _sparks(
    runs: Sequence[Manifest], past: Sequence[Mapping[str, Any]]
) -> Iterator[tuple[str, list[tuple[float, float]], list[int], str]]:
    """How results moved: a name, a curve, oldest run first, its places to mark, and it in words."""
    report, inputs = runs[0]["report"], runs[0].get("inputs") or {}
    alike = {
        (when(str(run["finished"])), str(run["run"])): run.get("results") or {}
        for run in [*past, *runs]
        if run["report"] == report and (run.get("inputs") or {}) == inputs
    }
    for name in runs[0].get("results") or {}:
        known = [(at, alike[at][name]) for at in sorted(alike) if name in alike[at]]
        values = [value for _, value in known]
        if len(values) > 2 and min(values) < max(values):  # two are told by their difference
            label, marked = name.replace("_", " "), left_the_band(values)
            low, high, last = (
                headline(name, each) for each in (min(values), max(values), values[-1])
            )
            words = f"{label} over {len(values)} runs: from {low} to {high}, {last} in the last"
            for (moment, run), value in (known[place] for place in marked):
                words += f"; {headline(name, value)} in run {run} of {date_in_words(moment)}"
                words += " is outside the band of the ten before"
            yield label, _curve(values), marked, words


def _curve(values: Sequence[float]) -> list[tuple[float, float]]:
    low, high = min(values), max(values)
    across, up = _WIDTH - 2 * _EDGE, _HEIGHT - 2 * _EDGE
    return [
        (
            round(_EDGE + across * position / (len(values) - 1), 1),
            round(_EDGE + up * (high - value) / (high - low), 1),
        )
        for position, value in enumerate(values)
    ]
