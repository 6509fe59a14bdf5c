"""SVG drawings: what runs or is fetched is taken away, the rest is left as it is."""

import pytest

from notebook_press.errors import RenderingError
from notebook_press.rendering.drawings import clean_svg

FRAME = (
    '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">{}'
    '<rect width="5" height="5"/></svg>'
)


@pytest.mark.parametrize(
    "inside",
    [
        '<image href="data:image/png;base64,AAAA"/>',
        '<use xlink:href="#a"/>',
        '<g clip-path="url(#a)"><path d="M0 0"/></g>',
        "<style>rect{fill:red}</style>",
    ],
)
def test_a_harmless_drawing_comes_back_to_the_letter(inside):
    assert clean_svg(FRAME.format(inside), "here") == FRAME.format(inside)


@pytest.mark.parametrize(
    "inside",
    [
        "<script>run()</script>",
        '<image href="https://example.org/run.png"/>',
        '<image xlink:href="file:///run"/>',
        '<use href="//example.org/run#x"/>',
        '<g onload="run()"/>',
        '<g style="fill:url(https://example.org/run)"/>',
        "<style>@import 'https://example.org/run'</style>",
        "<foreignObject><b>run</b></foreignObject>",
    ],
)
def test_what_runs_or_is_fetched_is_taken_away(inside):
    cleaned = clean_svg(FRAME.format(inside), "here")
    assert "run" not in cleaned
    assert '<rect width="5" height="5"' in cleaned


def test_what_is_no_xml_is_refused():
    with pytest.raises(RenderingError, match="here: expected a drawing in SVG"):
        clean_svg("<svg", "here")
