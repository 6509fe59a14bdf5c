"""Pictures that Markdown names: attached to its cell, in its own text, or in a file beside it."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from notebook_press.errors import RenderingError
from notebook_press.rendering.images import read_content, read_image, reason
from notebook_press.rendering.page import Image

LARGEST = 10_000_000  # bytes of a picture's file

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:|//|\\\\")
_BEGINNINGS = {
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF8": "image/gif",
    b"RIFF": "image/webp",  # or a sound, which is no picture then
}
# As Markdown and HTML name pictures, also as text in code; a reference's address has a line.
_NAMED = re.compile(
    r"""
    !\[[^\]]{0,999}\]\(\s{0,9}(?:<([^>\n]{1,999})>|([^)\s]{1,999}))
    | <img\b[^>]{0,999}?\bsrc\s{0,9}=\s{0,9}(?:["']([^"']{1,999})|([^\s"'>]{1,999}))
    | ^\ {0,3}\[[^\]]{1,99}\]:\s{0,9}<?([^\s>]{1,999})
    """,
    re.VERBOSE | re.MULTILINE,
)


@dataclass(frozen=True)
class Beside:
    """The folder that a notebook lies in, and that of its project, which no picture may leave."""

    folder: Path
    root: Path

    def read(self, address: str) -> Image | str:
        """The picture in the file at an address, or in words why it is not shown."""
        path = self.path(address)
        if path is None:
            return "its file lies outside the project"
        content = _content(path)
        if content is None:
            return "there is no such file beside the notebook"
        if len(content) > LARGEST:
            return f"its file is larger than {LARGEST // 10**6} MB"
        mime = next((m for start, m in _BEGINNINGS.items() if content.startswith(start)), "")
        if not mime and b"<svg" in content[:4096]:
            mime = "image/svg+xml"
        if not mime:
            return "its file is no picture that a page can show"
        try:
            return read_content(mime, content, "a picture")
        except RenderingError as error:
            return reason(error, "a picture")

    def path(self, address: str) -> Path | None:
        """The file that an address names, links followed, if it lies inside the project."""
        name = unquote(address.partition("#")[0].partition("?")[0]).replace("\\", "/")
        try:
            path = (self.folder / name).resolve(strict=False)
            inside = path.is_relative_to(self.root.resolve())
        except (OSError, ValueError, RuntimeError):  # a loop of links, or a name with a NUL
            return None
        return path if inside and not Path(name).is_absolute() else None

    def digests(self, notebook: Mapping[str, Any]) -> dict[str, str]:
        """The SHA-256 of each file that a notebook names as a picture, by address."""
        found: dict[str, str] = {}
        for cell in notebook["cells"]:
            for match in _NAMED.finditer(cell["source"]):
                address = next(filter(None, match.groups()), "")
                path = None if _SCHEME.match(address) else self.path(address)
                if path and (content := _content(path)) is not None:
                    found[address] = hashlib.sha256(content).hexdigest()
        return found


def _content(path: Path) -> bytes | None:
    """What a file holds, up to a byte more than a picture may have; None if it is no file."""
    try:
        if not path.is_file():
            return None
        with path.open("rb") as file:
            return file.read(LARGEST + 1)
    except OSError:  # no permission, or a name that is too long
        return None


def find_picture(
    address: str, attachments: Mapping[str, Image | str], beside: Beside | None
) -> Image | str:
    """The picture of an address in Markdown, or in words why it is not shown.

    Args:
        address: As the HTML made of the Markdown has it.
        attachments: The pictures attached to the cell, by their names, or what is wrong with them.
        beside: Where files may be read; without it, none is.
    """
    if address.startswith("attachment:"):
        name = address.removeprefix("attachment:")
        known = attachments.get(name) or attachments.get(unquote(name))
        return known or "no such picture is attached to its cell"
    if _SCHEME.match(address):
        return "a page fetches nothing"
    return beside.read(address) if beside else "it is not in the notebook"


def checked(mime: str, data: str | list[str]) -> Image | str:
    """The picture of these bytes in base64, or of this drawing; or in words what is wrong."""
    try:
        return read_image(mime, data, "a picture")
    except RenderingError as error:
        return reason(error, "a picture")
