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


def column(table, number: int) -> list[str]:
    return table.locator(f"tbody tr > :nth-child({number})").all_inner_texts()


def test_a_table_is_sorted_by_a_heading_and_says_so(visit, rivals):
    page = visit(rivals).page
    table = page.locator("#report-table-4 table")
    before = column(table, 1)
    heading = table.locator("th", has_text="Images a second")
    heading.get_by_role("button").click()
    speeds = [int(text.replace(",", "")) for text in column(table, 5)]
    assert speeds == sorted(speeds)
    assert heading.get_attribute("aria-sort") == "ascending"
    heading.get_by_role("button").press("Enter")
    speeds = [int(text.replace(",", "")) for text in column(table, 5)]
    assert speeds == sorted(speeds, reverse=True)
    assert heading.get_attribute("aria-sort") == "descending"
    assert sorted(column(table, 1)) == sorted(before)


def test_rows_without_a_number_come_last_either_way(visit, rivals):
    page = visit(rivals).page
    page.evaluate(
        """() => {
          const rows = [...document.querySelectorAll('#report-table-4 tbody tr')];
          for (const row of rows.slice(0, 3)) {
            row.cells[3].removeAttribute('data-number');
            row.cells[3].textContent = '\u2013';
          }
        }"""
    )
    table = page.locator("#report-table-4 table")
    button = table.locator("th", has_text="One image").get_by_role("button")
    for _ in range(2):
        button.click()
        shown = column(table, 4)
        assert shown[-3:] == ["\N{EN DASH}"] * 3
        assert "\N{EN DASH}" not in shown[:-3]


def test_one_column_at_a_time_is_marked(visit, rivals):
    table = visit(rivals).page.locator("#report-table-4 table")
    for name in ("Fit, s", "Accuracy"):
        table.get_by_role("button", name=name).click()
    assert table.locator("th[aria-sort]").all_inner_texts() == ["Accuracy"]


def test_without_scripts_the_table_is_as_it_was_printed(visit, rivals):
    page = visit(rivals, java_script_enabled=False).page
    assert page.locator("#report-table-4 button").count() == 0
    assert page.locator("#report-table-4 tbody tr").count() >= 10


def test_the_first_column_stays_in_view_on_a_phone(visit, rivals):
    page = visit(rivals, width=360).page
    box = page.locator("#report-table-3 .scroll")
    box.scroll_into_view_if_needed()
    box.evaluate("element => { element.scrollLeft = 400; }")
    assert box.evaluate("element => element.scrollLeft") > 100
    first = page.locator("#report-table-3 tbody th").first.bounding_box()
    assert first["x"] >= 0
