"""SVG drawings: what runs or is fetched is taken away, the rest is left as it is."""

import pytest

from notebook_press.errors import RenderingError
from notebook_press.rendering.images import clean_svg

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


@pytest.mark.promise("A drawing has no event handlers.")
@pytest.mark.promise("A drawing's styles load nothing, however they are written.")
@pytest.mark.promise("A drawing holds no HTML.")
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
        "<style>@\\69mport 'https://example.org/run'</style>",
        "<style>rect { fill: u\\72l(https://example.org/run) }</style>",
        "<g style=\"fill:image-set('https://example.org/run' 1x)\"/>",
        '<a href="javascript:run()"/>',
        '<a xlink:href="file:///run"/>',
        '<a><set attributeName="href" to="javascript:run()"/></a>',
        '<a><animate attributeName="xlink:href" values="javascript:run()"/></a>',
        '<img xmlns="http://www.w3.org/1999/xhtml" src="run"/>',
        '<p xmlns="http://www.w3.org/1999/xhtml">run</p>',
        '<g xml:base="https://example.org/run"/>',
        '<feImage href="/run"/>',
    ],
)
def test_what_runs_or_is_fetched_is_taken_away(inside):
    cleaned = clean_svg(FRAME.format(inside), "here")
    assert "run" not in cleaned
    assert '<rect width="5" height="5"' in cleaned


@pytest.mark.promise("What stands before a drawing brings nothing into it.")
@pytest.mark.parametrize(
    "before",
    [
        '<?xml-stylesheet href="https://example.org/run"?>',
        '<!DOCTYPE svg [<!ATTLIST rect onclick CDATA "run()">]>',
        '<!DOCTYPE svg [<!ENTITY run SYSTEM "https://example.org/run">]>',
    ],
)
def test_what_stands_before_a_drawing_brings_nothing_in(before):
    assert clean_svg(before + FRAME.format(""), "here") == (
        '<svg xmlns="http://www.w3.org/2000/svg"><rect width="5" height="5" /></svg>'
    )


def test_the_document_type_of_a_drawing_stays():
    public = '"-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd"'
    drawing = f"<!DOCTYPE svg PUBLIC {public}>{FRAME.format('')}"
    assert clean_svg(drawing, "here") == drawing


def test_what_is_no_xml_is_refused():
    with pytest.raises(RenderingError, match="here: expected a drawing in SVG"):
        clean_svg("<svg", "here")
