"""Values of a manifest and names of a run that are nearly right."""

import base64

import pytest
from pydantic import ValidationError

from notebook_press.publishing.manifest import KeyFigure


@pytest.mark.parametrize("content", ["iVBO Rw==", "iVBORw", "iVBORw==é"])
def test_a_picture_that_is_no_plain_base64_is_none(content: str):
    with pytest.raises(ValidationError):
        KeyFigure(mime="image/png", content=content, alt="A picture.")


def test_a_picture_is_taken_as_it_is():
    content = base64.b64encode(b"\x89PNG").decode()
    assert KeyFigure(mime="image/png", content=content, alt="").content == content


def test_a_manifest_does_not_change():
    figure = KeyFigure(mime="image/png", content="", alt="before")
    with pytest.raises(ValidationError, match="frozen"):
        figure.alt = "after"
