"""Do figures follow the reader's theme?"""

import io

import numpy as np
from PIL import Image

PAPERS = {"light": (255, 255, 255), "dark": (0x14, 0x18, 0x1B)}


def seen_in(visit, report, scheme):
    """Each figure that follows the theme as a picture, (height, width, 3) uint8."""
    page = visit(report, color_scheme=scheme).page
    shown = page.query_selector_all(".paper.themed:not(.still) img")
    return [np.asarray(Image.open(io.BytesIO(e.screenshot())).convert("RGB")) for e in shown]


def test_the_ground_of_a_figure_is_the_pages_in_both_themes(visit, report):
    for scheme, paper in PAPERS.items():
        corners = [tuple(each[2, 2].tolist()) for each in seen_in(visit, report, scheme)]
        assert corners
        assert set(corners) == {paper}


def test_images_of_digits_stay_ink_on_white_paper_in_the_dark(visit, report):
    light, dark = (seen_in(visit, report, scheme)[0] for scheme in PAPERS)
    white = [(each.min(axis=2) > 250).mean() for each in (light, dark)]
    assert 0.1 < white[1] < white[0]
