"""The page that lists every published report, made from their manifests alone."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from notebook_press.rendering import composition
from notebook_press.rendering.checks import check_html
from notebook_press.rendering.faults import rendering_errors
from notebook_press.rendering.history import History, history
from notebook_press.rendering.letters import printable_throughout
from notebook_press.rendering.markdown import Fragment, Piece, typeset
from notebook_press.rendering.page import Image
from notebook_press.rendering.webpage import environment, picture_address, sanitised

__all__ = ["render_index"]

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
    return environment().get_template("index.html.j2").render(cards=cards)


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
