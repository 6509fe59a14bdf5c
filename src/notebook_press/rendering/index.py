"""The page that lists every published report, made from their manifests alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from notebook_press.rendering import composition
from notebook_press.rendering.markdown import Fragment, Piece, typeset
from notebook_press.rendering.webpage import environment, sanitised

__all__ = ["render_index"]

_FORMATS = {"html": "Web page", "pdf": "PDF", "pptx": "Slides", "ipynb": "Notebook"}


@dataclass(frozen=True)
class _Card:
    """What the index says of one report."""

    run: str
    title: Fragment
    answer: Fragment | None
    notice: Fragment | None
    date: str
    links: tuple[tuple[str, str], ...]


def render_index(manifests: Sequence[Mapping[str, Any]]) -> str:
    """The HTML of `index.html`, to stand in the folder that holds a folder for each run.

    Args:
        manifests: The manifests of the published reports, in any order.

    Raises:
        RenderingError: pandoc failed.
    """
    ordered = sorted(manifests, key=lambda manifest: str(manifest["report"]))
    texts = [
        Piece(str(manifest.get(part) or ""), "title" if part == "title" else "block")
        for manifest in ordered
        for part in ("title", "answer", "notice")
    ]
    fragments = [sanitised(fragment) for fragment in typeset(texts, "html")]
    runs: dict[str, list[_Card]] = {}
    for position, manifest in enumerate(ordered):
        title, answer, notice = fragments[3 * position : 3 * position + 3]
        card = _Card(
            run=str(manifest["run"]),
            title=title,
            answer=answer if answer.source else None,
            notice=notice if notice.source else None,
            date=composition.date_in_words(composition.when(str(manifest["finished"]))),
            links=_links(manifest),
        )
        runs.setdefault(card.run, []).append(card)
    newest = {run: max(m["finished"] for m in ordered if str(m["run"]) == run) for run in runs}
    names = sorted(runs, key=lambda run: newest[run], reverse=True)
    names.sort(key=lambda run: run != "default")
    template = environment().get_template("index.html.j2")
    return template.render(runs=[(name, runs[name]) for name in names])


def _links(manifest: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """A relative address and a name for each format, the one to read first."""
    files = list(manifest["files"])
    return tuple(
        (f"{quote(str(manifest['run']))}/{quote(name)}", label)
        for ending, label in _FORMATS.items()
        for name in files
        if name.rpartition(".")[2] == ending
    )
