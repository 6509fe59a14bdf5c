"""Pictures: those that a notebook holds are looked at, and none is read from anywhere else."""

import base64
import io
import os
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import nbformat.v4 as v4
import PIL.Image
import pytest

from notebook_press.errors import RenderingError
from notebook_press.rendering.html import render_webpage
from notebook_press.rendering.images import MOST_PIXELS, read_image
from notebook_press.rendering.pdf import render_document
from notebook_press.rendering.pptx import render_slides

SECRET = "s3cr3t-4711-value"
ADDRESSES = [
    *("secret.png", "inside.png", "pipe.png", "link.png", "folder/../../secret.png"),
    *("../secret.png", "..\\secret.png", "%2e%2e/secret.png", "..%2fsecret.png", "~/secret.png"),
    *(
        "attachment:../secret.png",
        "attachment:/etc/passwd",
        "//host/share/x.png",
        "\\\\host\\x.png",
    ),
    *(
        "file:../secret.png",
        "file:///etc/passwd",
        "/etc/passwd",
        "data:text/plain,x",
        "x:secret.png",
    ),
]


def png(width, height, rows=b"\0\0"):
    def chunk(kind, data):
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(kind, data) for kind, data in parts)


def encoded(content):
    return base64.b64encode(content).decode()


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


@pytest.mark.parametrize("render", [render_webpage, render_document, render_slides])
def test_nothing_that_an_address_leads_to_is_read(folder, render):
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
    outputs = [
        v4.new_output("display_data", data=data)
        for data in ({"text/markdown": markdown}, {"text/html": html}, {"image/svg+xml": drawing})
    ]
    cells = [v4.new_markdown_cell(f"# t\n\n{markdown}"), v4.new_code_cell("x", outputs=outputs)]
    made = render(v4.new_notebook(cells=cells), "story")
    made = made if isinstance(made, bytes) else made.encode()
    secret = (folder.parent / "secret.png").read_bytes()
    assert SECRET.encode() not in made
    assert secret[16:40] not in made  # its size and first bytes
    assert encoded(secret)[:40].encode() not in made


@pytest.mark.promise("A picture that is not shown is named where it would stand.")
def test_a_picture_beside_the_notebook_is_named_where_it_would_stand(folder):
    notebook = v4.new_notebook(cells=[v4.new_markdown_cell("# t\n\n![a digit](inside.png) ![](b)")])
    page = render_webpage(notebook, "story")
    assert "[Picture not in the notebook: a digit] [Picture not in the notebook]" in page


BROKEN = {
    "claims to be huge": ("image/png", png(100_000, 100_000)),
    "is huge": ("image/png", png(MOST_PIXELS + 1, 1, bytes(MOST_PIXELS + 2))),
    "is cut short": ("image/png", png(40, 40, bytes(1640))[:-25]),
    "holds too little": ("image/png", png(40, 40)),
    "is another kind": ("image/jpeg", png(1, 1)),
    "is text": ("image/gif", b"<html><script>alert(1)</script>"),
    "is nothing": ("image/webp", b""),
    "is a drawing of no XML": ("image/svg+xml", b"<svg>"),
    "is a drawing of too many names": (
        "image/svg+xml",
        b'<!DOCTYPE svg [<!ENTITY a "aaaaaaaaaa">'
        + b"".join(b'<!ENTITY %c "%b">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(9))
        + b"]><svg>&j;</svg>",
    ),
    "is a drawing nested deeply": (
        "image/svg+xml",
        b"<svg>" + b"<g>" * 5000 + b"</g>" * 5000 + b"</svg>",
    ),
    "is a drawing of a file": (
        "image/svg+xml",
        b'<!DOCTYPE svg [<!ENTITY a SYSTEM "file:///etc/passwd">]><svg>&a;</svg>',
    ),
}


@pytest.mark.promise("A damaged picture is an error, not a gap in the page.")
@pytest.mark.promise("A picture with too many pixels is an error.")
@pytest.mark.parametrize("case", BROKEN)
def test_a_picture_that_is_not_what_it_says_is_an_error_with_its_place(case):
    mime, content = BROKEN[case]
    with pytest.raises(RenderingError, match=r"^here: expected ") as caught:
        read_image(mime, encoded(content), "here")
    assert "\n" not in str(caught.value)


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


def test_a_build_whose_page_can_not_be_made_ends_with_one_line_and_no_page(project, write_notebook):
    broken = encoded(png(100_000, 100_000))
    path = write_notebook(
        f"from IPython.display import display\ndisplay({{'image/png': '{broken}'}}, raw=True)"
    )
    program = Path(sys.executable).with_name("notebook-press")
    done = subprocess.run([program, "build", path], capture_output=True, text=True, check=False)
    assert done.returncode == 5
    assert done.stderr.count("\n") == 1
    assert "exit 5 (rendering failed): report 'story', cell 2: expected image/png" in done.stderr
    assert "Traceback" not in done.stdout
    assert not (project / "reports/default").exists()
