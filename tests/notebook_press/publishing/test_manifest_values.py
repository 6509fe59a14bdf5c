"""Values of a manifest and names of a run that are nearly right."""

import base64
import hashlib
from pathlib import Path

import pytest
from pydantic import ValidationError

from notebook_press.publishing.manifest import (
    KeyFigure,
    describe_content,
    describe_file,
    describe_picture,
)


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
