"""A page that is served while somebody works on it: it runs as it does, and is loaded anew."""

import time
from collections.abc import Callable

import pytest

from notebook_press.rendering.index import render_index
from notebook_press.starting.serving import serving


def becomes(asked: Callable[[], object], expected: object) -> bool:
    """Whether something becomes what it should within ten seconds."""
    end = time.monotonic() + 10
    while asked() != expected and time.monotonic() < end:
        time.sleep(0.1)
    return asked() == expected


@pytest.mark.parametrize(
    "own",
    [
        pytest.param(True, id="with a script"),
        pytest.param(False, id="without one", marks=pytest.mark.slow),
    ],
)
def test_an_open_page_is_loaded_anew_and_still_runs_its_own_script(chromium, tmp_path, own):
    def write(title: str) -> None:
        page = render_index([]).replace("<title>Reports</title>", f"<title>{title}</title>")
        if own:  # whose SHA-256 OpenSSL told
            allowed = "script-src 'sha256-HeQHw8/wCrSSx70rnjRovuYuSPR0eVJGDXLIDl6h30A='; base-uri"
            page = page.replace("base-uri", allowed, 1)
            page = page.replace("</body>", "<script>document.body.id = 'ran'</script></body>")
        (tmp_path / "new").write_text(page)
        (tmp_path / "new").replace(tmp_path / "index.html")

    write("before")
    with serving(tmp_path) as address:
        page = chromium.new_page()
        messages = []
        page.on("console", lambda message: messages.append(message.text))
        page.goto(address)
        assert page.title() == "before"
        write("after")
        assert becomes(page.title, "after")
        assert page.evaluate("document.body.id") == ("ran" if own else "")
        assert messages == []
        page.close()
