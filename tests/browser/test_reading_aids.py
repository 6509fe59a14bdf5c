"""What the page's own script adds for a reader: none of it is needed."""


def test_the_contents_follow_the_reader(visit, report):
    page = visit(report, width=1600).page
    heading = page.locator("h2").nth(4).get_attribute("id")
    assert page.locator(f"nav.side a[href='#{heading}'][aria-current]").count() == 0
    page.evaluate("document.querySelectorAll('h2')[4].scrollIntoView({behavior: 'instant'})")
    page.locator(f"nav.side a[href='#{heading}'][aria-current=location]").wait_for()
    assert page.locator("nav.side [aria-current]").count() == 1


def test_one_button_shows_and_hides_all_code(visit, report):
    page = visit(report).page
    folds = page.locator("details.code").count()
    page.get_by_role("button", name="Show all code").click()
    assert page.locator("details.code[open]").count() == folds
    page.get_by_role("button", name="Hide all code").click()
    assert page.locator("details.code[open]").count() == 0


def test_a_listing_is_copied_as_it_was_written(visit, report):
    page = visit(report, permissions=["clipboard-read", "clipboard-write"]).page
    code = page.locator("details.code").nth(1)
    code.locator("summary").click()
    code.get_by_role("button", name="Copy").click()
    page.get_by_role("status").filter(has_text="Code copied").wait_for(state="attached")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == code.locator("code").inner_text().rstrip("\n")
    assert copied.startswith("dataset: str =")


def test_a_page_opens_at_its_top(visit, report):
    page = visit(report).page
    page.wait_for_timeout(300)
    assert page.evaluate("scrollY") == 0


def test_a_chosen_pair_is_brought_into_a_low_window(visit, report):
    page = visit(report).page
    page.set_viewport_size({"width": 740, "height": 360})
    page.locator(".confusion summary").last.click()
    page.wait_for_timeout(200)
    panel = page.locator(".confusion details[open] .panel").bounding_box()
    assert panel["y"] < 360
    assert panel["y"] + panel["height"] <= 361
