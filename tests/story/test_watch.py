"""The watch itself finds what is wrong with a page: otherwise its silence would mean nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.story.watch import DESK, Watch

POLICY = '<meta http-equiv="Content-Security-Policy" content="style-src \'none\'">'
GOOD = "<!doctype html><html lang=en><title>Bench</title><main><h1>Count</h1></main></html>"


@pytest.mark.parametrize(
    ("before", "after", "what"),
    [
        ("</main>", "<p><img src=data:image/gif;base64,R0lGODlhAQABAAAAACw=></main>", "image-alt"),
        ("</main>", '<p><font color="#999">too faint</font></main>', "desk, light: color-contrast"),
        (
            "<main>",
            "<style>@media (prefers-color-scheme:dark){h1{color:#333;background:#000}}</style><main>",
            "dark",
        ),
        (
            "</main>",
            '<button style="width:9px;height:9px">.</button><button>.</button></main>',
            "target-size",
        ),
        ("<main>", '<main style="width:900px">', "tablet, dark: wider than the window"),
        ("<main>", f'{POLICY}<main style="color:red">', "violates the following Content Security Policy"),
        ("</main>", "</main><script>nothing.there()</script>", "nothing is not defined"),
        ("</main>", "</main><script src=missing.js></script>", "ERR_FILE_NOT_FOUND"),
    ],
    ids=[
        "no text",
        "faint",
        "faint in the dark",
        "small",
        "wide on a tablet",
        "refused",
        "script",
        "missing",
    ],
)
def test_a_fault_is_found(page: Page, tmp_path: Path, before: str, after: str, what: str) -> None:
    watch, file = Watch(), tmp_path / "page.html"
    file.write_text(GOOD.replace(before, after))
    page.set_viewport_size(DESK)
    watch.listen(page)
    page.goto(file.as_uri())
    watch.look(page)
    assert watch.faults
    assert what in "\n".join(map(str, watch.faults))


def test_a_good_page_has_none(page: Page, tmp_path: Path) -> None:
    watch, file = Watch(), tmp_path / "page.html"
    file.write_text(GOOD)
    watch.listen(page)
    page.goto(file.as_uri())
    watch.look(page)
    assert not watch.faults
