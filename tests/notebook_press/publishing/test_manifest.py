"""Manifests: read as hostile input; what passes for one can be used and shown."""

import base64
import hashlib
import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from manifests import describe, manifest, reports_in
from pydantic import ValidationError

from notebook_press.errors import UsageError
from notebook_press.publishing.check import check
from notebook_press.publishing.manifest import (
    KeyFigure,
    Manifest,
    describe_content,
    describe_file,
    describe_picture,
    read_manifest,
)
from notebook_press.rendering import index
from notebook_press.rendering.page import Fragment
from notebook_press.rendering.prose.markdown import Typeset

SCHEMA = Path(__file__).parents[3] / "docs" / "manifest.schema.json"
HTML = describe(b"new html")
NOTEBOOK = manifest()["files"]["story.ipynb"]


def renewed_schema() -> str:
    return json.dumps(Manifest.model_json_schema(), indent=2) + "\n"


def test_the_schema_among_the_documents_is_that_of_the_manifest() -> None:
    # To renew it, run in tests/support and tests/notebook_press/publishing:
    # python -c "import test_manifest as t; t.SCHEMA.write_text(t.renewed_schema())"
    assert SCHEMA.read_text() == renewed_schema()


OLD = {
    **manifest(),
    "characters_left_out": 0,
    "commit": "57f089a5ef",
    "formats": ["html"],
    "inputs": {"train-images-idx3-ubyte.gz": "44" * 32},
    "machine": {"cores": 2, "memory_gib": 23.5, "processor": "EPYC", "system": "Linux x86_64"},
    "stderr_lines": 0,
    "versions": {"python": "3.11.7", "typst": "0.15.2"},
    "warnings": 0,
    "key_figure": {"mime": "image/svg+xml", "content": "PHN2Zy8+", "alt": "15 images"},
    "keys": {
        "run": {"code": "4f" * 32, "folder": "notebooks", "python": "3.11.7"},
        "render": {"prose": "93" * 32, "name": "default", "packages for pages": "91" * 32},
    },
    "a later press's own": [1],
}


def test_a_manifest_of_an_earlier_or_a_later_press_is_read_with_all_that_it_holds(
    tmp_path: Path,
) -> None:
    path = tmp_path / "default" / "story.json"
    path.parent.mkdir()
    path.write_text(json.dumps(OLD))
    found = read_manifest(path)
    assert found is not None
    since = dict.fromkeys(("not_shown", "lesser_forms", "scripts_not_run", "hidden"), 0)
    since |= {"estimates": {}, "key_figure": {**OLD["key_figure"], "themed": False}}
    assert found.model_dump(mode="json") == OLD | since | {"stderr": "hide"}


@pytest.mark.promise("A manifest that names files that are not its report's is no manifest.")
@pytest.mark.promise("A manifest whose keys were damaged counts as none.")
@pytest.mark.parametrize(
    "changed",
    [
        {"press": 2},
        {"run": "../x"},
        {"run": "other"},
        {"report": "../story"},
        {"report": "other"},
        {"files": {}},
        {"files": {"story.html": HTML}},
        {"files": {"story.ipynb": NOTEBOOK, "../../outside/precious": HTML}},
        {"files": {"story.ipynb": NOTEBOOK, "story.json": HTML}},
        {"files": {"story.ipynb": NOTEBOOK, "other.html": HTML}},
        {"files": {"story.ipynb": NOTEBOOK, "story.html": {"sha256": "0", "bytes": 8}}},
        {"files": {"story.ipynb": NOTEBOOK | {"sha256": f"{NOTEBOOK['sha256']}\n"}}},
        {"files": {"story.ipynb": NOTEBOOK, "story.html": {**HTML, "bytes": "8"}}},
        *({"keys": keys} for keys in (None, [], "", {}, {"run": 3}, {"run": {"code": 1}})),
        {"keys": {"render": {}}},
        {"keys": {"run": {"code": 1}, "render": {}}},
        {"seconds": "long"},
        {"seconds": float("nan")},
        {"finished": "yesterday"},
        {"finished": "0001-01-01T00:00:00+14:00"},
        {"results": {"product": "42"}},
        {"results": {"product": True}},
        {"results": {"product": float("inf")}},
        {"results": {"product": 10**400}},
        *(
            {"estimates": {"product": {"value": 42, "low": 41, "high": 43, "n": 9} | part}}
            for part in (
                {"value": 42.5},
                {"low": 42.5},
                {"high": 41.5},
                {"n": 0},
                {"n": 1.5},
                {"low": True},
            )
        ),
        {"estimates": {"other": {"value": 1, "low": 1, "high": 1, "n": None}}},
        {"parameters": [2]},
        {"parameters": [{"name": ["factor"]}]},
        {"title": "\ud800"},
        {"key_figure": "image"},
        {"key_figure": {"mime": "text/html", "content": "", "alt": ""}},
        {"key_figure": {"mime": "image/png", "content": "\u00e9", "alt": ""}},
        {"key_figure": {"mime": "image/svg+xml", "content": "/w==", "alt": ""}},
    ],
    ids=lambda changed: str(changed)[:60].encode("ascii", "replace").decode(),
)
def test_a_manifest_that_the_press_would_not_write_is_none(
    reports: Path, changed: dict[str, object]
) -> None:
    path = reports / "default" / "story.json"
    path.write_text(json.dumps(manifest(**changed)))
    assert read_manifest(path) is None
    assert f"{path}: not a manifest of this press" in check(reports_in(reports))


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"null", b"\xff\xfe", b"[" * 100_000, b'{"press": 1' + b"0" * 10_000 + b"}"],
    ids=["empty", "torn", "null", "binary", "deep", "long"],
)
def test_bytes_that_are_no_manifest_are_none(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "story.json").write_bytes(content)
    assert read_manifest(tmp_path / "story.json", run="default") is None


@pytest.mark.promise("A huge manifest is not read.")
def test_a_manifest_of_a_terabyte_is_not_read(reports: Path) -> None:
    os.truncate(reports / "default" / "story.json", 2**40)  # a hole: it takes no room
    assert read_manifest(reports / "default" / "story.json") is None


@pytest.fixture
def no_pandoc(monkeypatch: pytest.MonkeyPatch) -> None:
    """Typeset as plain text: what is shown here is whatever a manifest can hold."""
    monkeypatch.setattr(
        index, "to_html", lambda pieces: Typeset(tuple(Fragment(p.text, "") for p in pieces))
    )


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)


@pytest.mark.promise("Whatever passes for a manifest can be shown in the index.")
@pytest.mark.usefixtures("no_pandoc")
@given(changed=st.dictionaries(st.sampled_from([*manifest(), "key_figure"]), VALUES, max_size=2))
def test_whatever_passes_for_a_manifest_can_be_shown_in_the_index(
    changed: dict[str, object],
) -> None:
    try:
        found = Manifest.model_validate_json(json.dumps(manifest() | changed))
    except (ValueError, OverflowError, UsageError):
        return
    assert index.render_index([found.model_dump(mode="json")])


@pytest.mark.parametrize("content", ["iVBO Rw==", "iVBORw", "iVBORw==é"])
def test_a_picture_that_is_no_plain_base64_is_none(content: str):
    with pytest.raises(ValidationError):
        KeyFigure(mime="image/png", content=content, alt="A picture.")


def test_a_picture_is_described_as_it_is():
    picture = describe_picture("image/png", b"\x89PNG", "A picture.")
    assert (picture.mime, picture.alt) == ("image/png", "A picture.")
    assert base64.b64decode(picture.content) == b"\x89PNG"


def test_a_file_is_described_as_its_bytes_are(tmp_path: Path):
    (tmp_path / "page").write_bytes(b"content")
    record = describe_content(b"content")
    assert (record.sha256, record.bytes) == (hashlib.sha256(b"content").hexdigest(), 7)
    assert describe_file(tmp_path / "page") == record


def test_a_manifest_does_not_change():
    figure = KeyFigure(mime="image/png", content="", alt="before")
    with pytest.raises(ValidationError, match="frozen"):
        figure.alt = "after"
