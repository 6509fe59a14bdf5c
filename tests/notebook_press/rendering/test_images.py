"""Pictures: those that a notebook holds are looked at, and none is read from anywhere else.

In drawings, what runs or is fetched is taken away, and the rest is left as it is.
"""

import base64
import io
import os
import re
import struct
import zlib

import PIL.Image
import pytest
from report_notebooks import as_html, as_pdf, as_pptx, code, displayed, encoded, notebook, prose

from notebook_press.errors import RenderingError
from notebook_press.rendering.images import MOST_PIXELS, clean_svg, read_address, read_image
from notebook_press.rendering.page import Image

SECRET = "s3cr3t-4711-value"
ADDRESSES = [
    *("secret.png", "inside.png", "pipe.png", "link.png", "folder/../../secret.png"),
    *("../secret.png", "..\\secret.png", "%2e%2e/secret.png", "..%2fsecret.png", "~/secret.png"),
    *("attachment:../secret.png", "attachment:/etc/passwd", "//host/share/x.png"),
    *("\\\\host\\x.png", "file:../secret.png", "file:///etc/passwd", "/etc/passwd"),
    *("data:text/plain,x", "x:secret.png"),
]


def png(width, height, rows=b"\0\0"):
    def chunk(kind, data):
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(kind, data) for kind, data in parts)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A notebook's folder with a plain picture, a link out of it and a pipe; a secret beside it."""
    secret = io.BytesIO()
    PIL.Image.new("RGB", (5, 7), "#471147").save(secret, "PNG")
    (tmp_path / "secret.png").write_bytes(secret.getvalue() + SECRET.encode())
    inside = tmp_path / "notebooks"
    (inside / "folder").mkdir(parents=True)
    (inside / "inside.png").write_bytes(png(1, 1))
    (inside / "link.png").symlink_to(tmp_path / "secret.png")
    os.mkfifo(inside / "pipe.png")
    monkeypatch.chdir(inside)
    monkeypatch.setenv("HOME", str(tmp_path))
    return inside


def test_nothing_that_an_address_leads_to_is_read(folder):
    places = [*ADDRESSES, str(folder.parent / "secret.png"), (folder / "pipe.png").as_uri()]
    markdown = "\n\n".join(f"![a digit]({place}) ![x](<{place}>)" for place in places)
    html = "".join(
        f"<img src='{place}' alt='a'><object data='{place}'></object>"
        f"<svg><image href='{place}'/></svg>"
        f"<p style='background:url({place})'>x</p><video src='{place}' poster='{place}'></video>"
        for place in places
    )
    images = "".join(f'<image href="{place}" width="9" height="9"/>' for place in places)
    drawing = f'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9">{images}</svg>'
    outputs = ({"text/markdown": markdown}, {"text/html": html}, {"image/svg+xml": drawing})
    made = notebook(prose(f"# t\n\n{markdown}"), code(*map(displayed, outputs)))
    pages = (as_html(made).encode(), as_pdf(made), as_pptx(made))
    secret = (folder.parent / "secret.png").read_bytes()
    size_and_first_bytes, coded = secret[16:40], encoded(secret)[:40].encode()
    for page in pages:
        assert not [each for each in (SECRET.encode(), size_and_first_bytes, coded) if each in page]


@pytest.mark.promise("A picture that is not shown is named where it would stand.")
def test_a_picture_beside_the_notebook_is_named_where_it_would_stand(folder):
    page = as_html(notebook(prose("# t\n\n![a digit](inside.png) ![](b)")))
    said = ": not shown here; it is not in the notebook: <code>"
    assert f">Picture 'a digit'{said}inside.png</code>" in page
    assert f">Picture{said}b</code>" in page


SVG = "image/svg+xml"
NAMES = b'<!ENTITY a "aaaaaaaaaa">' + b"".join(
    b'<!ENTITY %c "%b">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(9)
)
BROKEN = {
    "claims to be huge": ("image/png", png(100_000, 100_000)),
    "is huge": ("image/png", png(MOST_PIXELS + 1, 1, bytes(MOST_PIXELS + 2))),
    "is cut short": ("image/png", png(40, 40, bytes(1640))[:-25]),
    "holds too little": ("image/png", png(40, 40)),
    "is another kind": ("image/jpeg", png(1, 1)),
    "is nothing": ("image/webp", b""),
    "is a drawing of no XML": (SVG, b"<svg>"),
    "is a drawing of too many names": (SVG, b"<!DOCTYPE svg [%b]><svg>&j;</svg>" % NAMES),
    "is a drawing nested deeply": (SVG, b"<svg>" + b"<g>" * 5000 + b"</g>" * 5000 + b"</svg>"),
    "is a drawing of a file": (
        SVG,
        b'<!DOCTYPE svg [<!ENTITY a SYSTEM "file:///etc/passwd">]><svg>&a;</svg>',
    ),
}


@pytest.mark.promise("A damaged picture is an error or named in its place: no gap in a page.")
@pytest.mark.promise("A picture with too many pixels is an error.")
def test_a_picture_that_is_not_what_it_says_is_an_error_with_its_place():
    for case, (mime, content) in BROKEN.items():
        with pytest.raises(RenderingError, match=r"^here: expected ") as caught:
            read_image(mime, encoded(content), "here")
        assert "\n" not in str(caught.value), case


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP"])
def test_a_sound_picture_comes_back_byte_for_byte(kind):
    made = io.BytesIO()
    PIL.Image.new("RGB", (30, 20), "#147").save(made, kind)
    mime = f"image/{kind.lower()}"
    assert read_image(mime, encoded(made.getvalue()), "here").content == made.getvalue()


def test_a_drawing_in_a_markdown_cell_may_be_written_as_base64():
    drawing = b'<svg xmlns="http://www.w3.org/2000/svg" onload="x"><rect/></svg>'
    assert read_image("image/svg+xml", encoded(drawing), "here").content == (
        b'<svg xmlns="http://www.w3.org/2000/svg"><rect /></svg>'
    )


FRAME = (
    '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">{}'
    '<rect width="5" height="5"/></svg>'
)
HARMLESS = [
    '<image href="data:image/png;base64,AAAA"/>',
    '<use xlink:href="#a"/>',
    '<g clip-path="url(#a)"><path d="M0 0"/></g>',
    "<style>rect{fill:red}</style>",
]
RUNNING = [
    "<script>run()</script>",
    '<image href="https://example.org/run.png"/>',
    '<use href="//example.org/run#x"/>',
    '<g onload="run()"/>',
    '<g style="fill:url(https://example.org/run)"/>',
    "<style>@import 'https://example.org/run'</style>",
    "<style>@\\69mport 'https://example.org/run'</style>",
    "<style>rect { fill: u\\72l(https://example.org/run) }</style>",
    "<g style=\"fill:image-set('https://example.org/run' 1x)\"/>",
    '<a href="javascript:run()"/>',
    '<a><set attributeName="href" to="javascript:run()"/></a>',
    '<a><animate attributeName="xlink:href" values="javascript:run()"/></a>',
    '<img xmlns="http://www.w3.org/1999/xhtml" src="run"/>',
    '<g xml:base="https://example.org/run"/>',
]
BEFORE = [
    '<?xml-stylesheet href="https://example.org/run"?>',
    '<!DOCTYPE svg [<!ATTLIST rect onclick CDATA "run()">]>',
    '<!DOCTYPE svg [<!ENTITY run SYSTEM "https://example.org/run">]>',
]


def test_a_harmless_drawing_comes_back_to_the_letter():
    for inside in HARMLESS:
        assert clean_svg(FRAME.format(inside), "here") == FRAME.format(inside)


@pytest.mark.promise("A drawing has no event handlers.")
@pytest.mark.promise("A drawing's styles load nothing, however they are written.")
@pytest.mark.promise("A drawing holds no HTML.")
def test_what_runs_or_is_fetched_is_taken_away():
    cleaned = [clean_svg(FRAME.format(inside), "here") for inside in RUNNING]
    assert [each for each in cleaned if "run" in each] == []
    assert all('<rect width="5" height="5"' in each for each in cleaned)


@pytest.mark.promise("What stands before a drawing brings nothing into it.")
def test_what_stands_before_a_drawing_brings_nothing_in():
    for before in BEFORE:
        assert clean_svg(before + FRAME.format(""), "here") == (
            '<svg xmlns="http://www.w3.org/2000/svg"><rect width="5" height="5" /></svg>'
        )


def test_the_document_type_of_a_drawing_stays():
    public = '"-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd"'
    drawing = f"<!DOCTYPE svg PUBLIC {public}>{FRAME.format('')}"
    assert clean_svg(drawing, "here") == drawing


@pytest.mark.parametrize(
    "address",
    [
        f"data:image/png;base64,{base64.b64encode(png(1, 1)).decode()}",
        f"data:IMAGE/PNG;charset=x; base64,{base64.b64encode(png(1, 1)).decode()}",
        "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg'/%3E",
        "data:image/svg+xml;charset=utf-8,%3Csvg%20xmlns='http://www.w3.org/2000/svg'/%3E",
    ],
)
def test_a_picture_in_its_own_address_is_read(address):
    assert isinstance(read_address(address, "here"), Image)


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("data:image/x-icon;base64,AA", "here: no page shows pictures of the type image/x-icon"),
        ("data:text/html,<b>", "here: no page shows pictures of the type text/html"),
        ("data:,x", "here: no page shows pictures"),
        ("data:image/png;base64,AA==", "here: expected image/png"),
        ("data:image/png", "here: expected image/png"),
    ],
)
def test_what_is_no_picture_in_its_own_address_is_refused(address, why):
    with pytest.raises(RenderingError, match=re.escape(why)):
        read_address(address, "here")
