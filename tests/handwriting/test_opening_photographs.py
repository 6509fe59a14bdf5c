"""Photographs opened, and what is refused before or while it is decoded."""

import hashlib
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from handwriting.data.photographs import opening
from handwriting.errors import DatasetError

CORNER = np.zeros((20, 30, 3), np.uint8)
CORNER[:5, :5] = (200, 30, 40)


def saved(path, pixels=CORNER, **settings):
    Image.fromarray(pixels).save(path, **settings)
    return path


def png(width, height):
    """The beginning of a PNG that promises so many pixels, and a few bytes of them."""

    def chunk(kind, content):
        checksum = zlib.crc32(kind + content)
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", checksum)

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = zlib.compress(bytes(1000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels)


@pytest.mark.parametrize("kind", ["png", "bmp", "gif", "tiff", "webp", "ppm"])
def test_a_picture_of_each_kind_is_opened_in_colour(tmp_path, kind):
    path = saved(tmp_path / f"a.{kind}", **({"lossless": True} if kind == "webp" else {}))
    photograph = opening.opened(path)
    np.testing.assert_array_equal(photograph.pixels, CORNER)
    assert photograph.name == path.name
    assert photograph.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize("mode", ["1", "L", "P", "LA", "RGBA", "I;16", "CMYK"])
def test_a_picture_of_each_mode_has_three_channels(tmp_path, mode):
    grey = Image.fromarray(CORNER[..., 0]).convert("L")
    Image.new("L", grey.size, 255).convert(mode).save(tmp_path / "a.tiff")
    assert opening.opened(tmp_path / "a.tiff").pixels.shape == (20, 30, 3)


def test_what_is_transparent_is_white(tmp_path):
    Image.new("RGBA", (4, 4), (0, 0, 0, 0)).save(tmp_path / "a.png")
    assert opening.opened(tmp_path / "a.png").pixels.min() == 255


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_photograph_is_turned_upright_by_its_exif(tmp_path, orientation):
    exif = Image.Exif()
    exif[274] = orientation
    steps = {1: (0, 0), 2: (0, 1), 3: (2, 0), 4: (2, 1), 5: (3, 1), 6: (1, 0), 7: (1, 1), 8: (3, 0)}
    turns, mirrored = steps[orientation]
    stored = np.rot90(CORNER, turns)  # anticlockwise, what the camera did
    stored = stored[:, ::-1] if mirrored else stored
    photograph = opening.opened(saved(tmp_path / "a.png", stored, exif=exif))
    np.testing.assert_array_equal(photograph.pixels, CORNER)
    assert photograph.orientation == orientation


def test_an_orientation_that_is_none_is_taken_for_1(tmp_path):
    exif = Image.Exif()
    exif[274] = 77
    assert opening.opened(saved(tmp_path / "a.png", exif=exif)).orientation == 1


def test_turning_by_quarters_is_anticlockwise(tmp_path):
    photograph = opening.opened(saved(tmp_path / "a.png"))
    turned = opening.turned(photograph, 1)
    assert turned.pixels[-1, 0].tolist() == [200, 30, 40]
    assert turned.pixels.shape == (30, 20, 3)


@pytest.mark.promise("Of a photograph nothing is kept but its pixels: no place, camera or moment.")
def test_nothing_that_a_camera_wrote_is_kept(tmp_path):
    exif = Image.Exif()
    exif[271], exif[34853] = "SECRET maker", {1: "N", 2: (48.0, 51.0, 29.6)}
    photograph = opening.opened(saved(tmp_path / "a.jpg", exif=exif, comment=b"SECRET"))
    assert vars(photograph).keys() == {"name", "pixels", "orientation", "sha256"}
    assert type(photograph.pixels) is np.ndarray
    assert b"SECRET" not in photograph.pixels.tobytes()


def test_a_large_photograph_is_made_smaller(tmp_path):
    path = saved(tmp_path / "a.jpg", np.full((4000, 200, 3), 200, np.uint8))
    assert opening.opened(path).pixels.shape == (3000, 150, 3)


HOSTILE = {
    "a bomb": (png(9000, 9000), "at most 60,000,000 pixels, .*found 9,000 by 9,000"),
    "wide": (png(50_000, 10), "20,000 on a side; found 10 by 50,000"),
    "truncated": (png(100, 100), "expected a picture .*a damaged one"),
    "empty": (b"", "an empty file"),
    "a drawing": (b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>', "a drawing"),
    "a bare drawing": (b"<svg width='5'/>", "a drawing"),
    "text": (b"these are my digits", "expected a picture .*found none"),
    "a document": (b"%PDF-1.7 ...", "found a PDF"),
    "from an iPhone": (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "HEIC.*Most Compatible"),
}


@pytest.mark.promise("A photograph that is none, damaged or too large is refused, and it says why.")
@pytest.mark.parametrize(("content", "message"), HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_file_is_refused(tmp_path, content, message):
    path = tmp_path / "a.jpg"
    path.write_bytes(content)
    with pytest.raises(DatasetError, match=message) as error:
        opening.opened(path)
    assert str(path) in str(error.value)


def test_a_photograph_that_is_cut_short_is_refused(tmp_path):
    noise = np.random.default_rng(1).integers(0, 256, (200, 200, 3), np.uint8)
    path = saved(tmp_path / "a.jpg", noise)
    path.write_bytes(path.read_bytes()[:9000])
    with pytest.raises(DatasetError, match="a damaged one"):
        opening.opened(path)


def test_a_film_is_refused(tmp_path):
    frames = [Image.fromarray(CORNER), Image.fromarray(CORNER[::-1].copy())]
    frames[0].save(tmp_path / "a.gif", save_all=True, append_images=frames[1:])
    with pytest.raises(DatasetError, match="a single picture; found 2 in one file"):
        opening.opened(tmp_path / "a.gif")


def test_a_file_of_too_many_bytes_is_refused_before_it_is_read_whole(tmp_path):
    with (tmp_path / "a.bmp").open("wb") as file:
        file.truncate(2**40)
    with pytest.raises(DatasetError, match="at most 67,108,864 bytes"):
        opening.opened(tmp_path / "a.bmp")


def test_a_folder_is_sorted_as_people_count_and_its_folders_belong_to_it(tmp_path):
    (tmp_path / "3").mkdir()
    for name in ("img10.png", "img9.PNG", "notes.txt", ".hidden.png", "3/a.jpg", "b.heic"):
        (tmp_path / name).touch()
    found = [str(path.relative_to(tmp_path)) for path in opening.paths(tmp_path)]
    assert found == ["b.heic", "img9.PNG", "img10.png", "3/a.jpg"]


def test_a_single_picture_is_itself_a_place(tmp_path):
    assert opening.paths(saved(tmp_path / "a.png")) == [tmp_path / "a.png"]


def test_a_place_without_pictures_is_refused(tmp_path):
    for place, message in [(tmp_path, "none in it"), (tmp_path / "x", "nothing")]:
        with pytest.raises(DatasetError, match=message):
            opening.paths(place)


def test_a_folder_of_thousands_is_refused(tmp_path):
    for number in range(5000):
        (tmp_path / f"{number}.jpg").touch()
    with pytest.raises(DatasetError, match="at most 200; found 5,000"):
        opening.paths(tmp_path)
