"""The page that lists every published report with its runs, made from their manifests alone."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from notebook_press.errors import rendering_errors
from notebook_press.rendering import composition
from notebook_press.rendering.checks import check_html
from notebook_press.rendering.html import picture_address, sanitised, templates
from notebook_press.rendering.markdown import Fragment, Piece, typeset
from notebook_press.rendering.page import Image
from notebook_press.rendering.sanitising import printable_throughout

_SPARKS = 3
_WIDTH, _HEIGHT, _EDGE = 120, 32, 4  # of a curve, in its own units


@dataclass(frozen=True)
class Column:
    """One run: its name, the address of its page or '', and when it finished."""

    run: str
    address: str
    date: str


@dataclass(frozen=True)
class Cell:
    """A value in words; `note` is how it differs, and `''` where it does not."""

    text: str
    note: str = ""


@dataclass(frozen=True)
class Line:
    """One parameter or result in every run, newest first."""

    name: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Spark:
    """How one result moved: the points of a curve, oldest run first, and the same in words."""

    name: str
    points: tuple[tuple[float, float], ...]
    words: str


@dataclass(frozen=True)
class History:
    """The runs of one report, newest first."""

    columns: tuple[Column, ...]
    parameters: tuple[Line, ...]
    results: tuple[Line, ...]
    sparks: tuple[Spark, ...]


def history(
    runs: Sequence[Mapping[str, Any]], links: Sequence[Sequence[tuple[str, str]]]
) -> History:
    """The runs of one report side by side.

    Args:
        runs: Their manifests, newest first.
        links: For each, the address and the name of the page to open, or nothing.
    """
    columns = tuple(
        Column(
            str(run["run"]),
            page[0][0] if page else "",
            composition.date_in_words(composition.when(str(run["finished"]))),
        )
        for run, page in zip(runs, links, strict=True)
    )
    return History(columns, _parameters(runs), _results(runs), _sparks(runs))


def _parameters(runs: Sequence[Mapping[str, Any]]) -> tuple[Line, ...]:
    given = [{p["name"]: p for p in run.get("parameters") or ()} for run in runs]
    names = dict.fromkeys(name for parameters in given for name in parameters)
    return tuple(
        Line(str(name), tuple(_parameter(parameters.get(name)) for parameters in given))
        for name in names
    )


def _parameter(parameter: Mapping[str, Any] | None) -> Cell:
    if parameter is None:
        return Cell("\N{EN DASH}")
    value, default = parameter.get("value"), parameter.get("default")
    changed = value != default or isinstance(value, bool) != isinstance(default, bool)
    return Cell(repr(value), "changed" if changed else "")


def _results(runs: Sequence[Mapping[str, Any]]) -> tuple[Line, ...]:
    names = dict.fromkeys(name for run in runs for name in run.get("results") or {})
    return tuple(Line(name.replace("_", " "), tuple(_moves(name, runs))) for name in names)


def _moves(name: str, runs: Sequence[Mapping[str, Any]]) -> list[Cell]:
    """Each run's value, and how far it is from that of the run before on the same data."""
    cells = []
    for position, run in enumerate(runs):
        value = (run.get("results") or {}).get(name)
        if value is None:
            cells.append(Cell("\N{EN DASH}"))
            continue
        before = next((each for each in runs[position + 1 :] if _comparable(each, run)), {})
        known = (before.get("results") or {}).get(name)
        note = "" if known is None else _difference(name, value - known)
        cells.append(Cell(composition.headline(name, value), note))
    return cells


def _comparable(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return bool(one.get("inputs") == other.get("inputs"))


def _difference(name: str, difference: float) -> str:
    if abs(difference) < 1e-12:
        return "±0"
    size = composition.headline(name, abs(difference)).replace("%", " points")
    return f"+{size}" if difference > 0 else f"\N{MINUS SIGN}{size}"


def _sparks(runs: Sequence[Mapping[str, Any]]) -> tuple[Spark, ...]:
    sparks = []
    for name in list(runs[0].get("results") or {})[:_SPARKS]:
        known = [
            (str(run["run"]), run["results"][name])
            for run in reversed(runs)
            if name in (run.get("results") or {}) and _comparable(run, runs[0])
        ]
        if len(known) > 2:  # two are told by their difference
            told = ", ".join(f"{run} {composition.headline(name, value)}" for run, value in known)
            label = name.replace("_", " ")
            words = f"{label} by run, the oldest first: {told}"
            sparks.append(Spark(label, _curve([value for _, value in known]), words))
    return tuple(sparks)


def _curve(values: Sequence[float]) -> tuple[tuple[float, float], ...]:
    low, high = min(values), max(values)
    across, up = _WIDTH - 2 * _EDGE, _HEIGHT - 2 * _EDGE
    return tuple(
        (
            round(_EDGE + across * position / (len(values) - 1), 1),
            round(_EDGE + up * ((high - value) / (high - low) if high > low else 0.5), 1),
        )
        for position, value in enumerate(values)
    )


_FORMATS = {"html": "Web page", "pdf": "PDF", "pptx": "Slides", "ipynb": "Notebook", "json": "JSON"}
_HEADLINES = 3


@dataclass(frozen=True)
class _Card:
    """What the index says of one report, as its default run has it, or else its newest."""

    report: str
    run: str
    title: Fragment
    answer: Fragment | None
    notice: Fragment | None
    date: str
    results: tuple[tuple[str, str], ...]
    figure: tuple[str, str] | None
    links: tuple[tuple[str, str], ...]
    history: History


def render_index(manifests: Sequence[Mapping[str, Any]]) -> str:
    """The HTML of `index.html`, to stand in the folder that holds a folder for each run.

    Args:
        manifests: The manifests of the published reports, in any order.

    Raises:
        RenderingError: The page can't be made, or would not be fit to publish.
    """
    with rendering_errors("the index of the reports"):
        page = _rendered(printable_throughout(manifests))
        check_html(page)
        return page


def _rendered(manifests: Sequence[Mapping[str, Any]]) -> str:
    newest_first = sorted(manifests, key=lambda each: str(each["run"]))
    newest_first.sort(key=lambda each: composition.when(str(each["finished"])), reverse=True)
    runs: dict[str, list[Mapping[str, Any]]] = {}
    for manifest in newest_first:
        runs.setdefault(str(manifest["report"]), []).append(manifest)
    names = sorted(runs)
    shown = {name: _shown(runs[name]) for name in names}
    texts = [
        Piece(str(shown[name].get(part) or ""), "title" if part == "title" else "block")
        for name in names
        for part in ("title", "answer", "notice")
    ]
    fragments = iter([sanitised(fragment) for fragment in typeset(texts, "html")])
    cards = [
        _card(shown[name], runs[name], next(fragments), next(fragments), next(fragments))
        for name in names
    ]
    return templates().get_template("index.html.j2").render(cards=cards)


def _shown(runs: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """The run that speaks for a report: a trial under another name does not displace it."""
    return next((run for run in runs if run["run"] == "default"), runs[0])


def _card(
    shown: Mapping[str, Any],
    runs: Sequence[Mapping[str, Any]],
    title: Fragment,
    answer: Fragment,
    notice: Fragment,
) -> _Card:
    results = list((shown.get("results") or {}).items())[:_HEADLINES]
    return _Card(
        report=str(shown["report"]),
        run=str(shown["run"]),
        title=title,
        answer=answer if answer.source else None,
        notice=notice if notice.source else None,
        date=composition.date_in_words(composition.when(str(shown["finished"]))),
        results=tuple(
            (name.replace("_", " "), composition.headline(name, x)) for name, x in results
        ),
        figure=_key_figure(shown.get("key_figure")),
        links=_links(shown),
        history=history(runs, [_links(run)[:1] for run in runs]),
    )


def _key_figure(noted: Mapping[str, str] | None) -> tuple[str, str] | None:
    """The address and the alternative text of the figure that a manifest holds, if it does."""
    if not noted:
        return None
    image = Image(noted["mime"], base64.b64decode(noted["content"]))
    return picture_address(image), noted["alt"]


def _links(manifest: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """A relative address and a name for each format, the one to read first."""
    files = [*manifest["files"], f"{manifest['report']}.json"]
    return tuple(
        (f"{quote(str(manifest['run']), safe='')}/{quote(name, safe='')}", label)
        for ending, label in _FORMATS.items()
        for name in files
        if name.rpartition(".")[2] == ending
    )
