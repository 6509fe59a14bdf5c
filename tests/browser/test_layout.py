"""Whether a page fits: on a phone, on a tablet, on a wide screen, on paper."""

SIDEWAYS = "document.scrollingElement.scrollWidth - document.scrollingElement.clientWidth"
# What sticks out on the right, and is not inside a box that scrolls by itself.
STICKING_OUT = """() => [...document.body.querySelectorAll('*')].filter(element =>
  element.checkVisibility() && !element.closest('.scroll, pre, .stage, .side')
    && element.getBoundingClientRect().right > document.documentElement.clientWidth + 1
).map(element => element.outerHTML.slice(0, 200)).slice(0, 3)"""


WIDTHS = (360, 768, 1600)


def too_wide(page):
    """What sticks out of the page at each width at which it has to be scrolled sideways."""
    found = {}
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        if page.evaluate(SIDEWAYS) > 0:
            found[width] = page.evaluate(STICKING_OUT)
    return found


def test_nothing_has_to_be_scrolled_sideways(visit, path):
    seen = visit(path)
    assert too_wide(seen.page) == {}
    seen.open_everything()
    assert too_wide(seen.page) == {}


def test_the_watch_would_notice_what_sticks_out(visit, tmp_path):
    wide = tmp_path / "wide.html"
    wide.write_text("<!doctype html><p style='width: 1000px'>wide</p>")
    assert list(too_wide(visit(wide).page)) == [360, 768]


def test_a_line_of_prose_has_a_length_that_reads_well(visit, report):
    page = visit(report).page
    lengths = page.evaluate(
        """() => [...document.querySelectorAll('.prose > p')].flatMap(paragraph => {
            const range = document.createRange(), tops = new Map();
            const walker = document.createTreeWalker(paragraph, NodeFilter.SHOW_TEXT);
            while (walker.nextNode()) {
                for (let at = 0; at < walker.currentNode.length; at++) {
                    range.setStart(walker.currentNode, at);
                    range.setEnd(walker.currentNode, at + 1);
                    const top = Math.round(range.getBoundingClientRect().bottom / 8);
                    tops.set(top, (tops.get(top) ?? 0) + 1);
                }
            }
            return [...tops.values()].slice(0, -1);
        })"""
    )
    # Some 60 to 75 characters; how many exactly is for the font of the machine to say.
    assert 55 <= sorted(lengths)[len(lengths) // 2] <= 80


def test_the_contents_stand_beside_the_text_where_there_is_room(visit, report):
    assert visit(report, width=1600).page.locator("nav:visible").count() == 1
    narrow = visit(report, width=360).page
    assert narrow.locator("nav:visible").count() == 0
    narrow.locator("summary", has_text="Contents").click()
    assert narrow.locator("nav:visible").count() == 1


def test_on_a_phone_a_drawing_keeps_nearly_its_size_and_scrolls_in_its_frame(visit, report):
    page = visit(report, width=360).page
    shown = page.evaluate(
        """() => [...document.querySelectorAll('.paper.wide img')].map(image => {
             const frame = image.parentElement;
             return [image.getBoundingClientRect().width / image.naturalWidth,
                     frame.scrollWidth > frame.clientWidth, frame.tabIndex];
           })"""
    )
    assert shown
    assert [each for each in shown if each[0] < 0.9 or not each[1] or each[2] != 0] == []
