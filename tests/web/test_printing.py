"""Pages printed by a browser, and keys at the bench."""

from __future__ import annotations

from playwright.sync_api import Page

from tests.support.lab import Lab
from tests.support.printed import pages_of
from tests.support.served import served


def test_a_printed_page_begins_on_its_first_page_and_says_who_saw_it_and_when(lab: Lab, page: Page) -> None:
    number = lab.play("receipt")
    with served(lab, page, "quentin") as address:
        for path, early in ((f"/batches/{number}", "Chain of custody"), ("/trail", "handover_laboratory")):
            page.goto(address + path)
            printed = pages_of(page.pdf(format="A4", prefer_css_page_size=True))
            assert early in printed[0]
            assert f"1 of {len(printed)}" in printed[0]
            assert "seen by Quentin" in printed[-1]
            assert "2026-11-2" in printed[-1]
            whole = "".join(printed)
            assert "Sign out" not in whole
            assert "http" not in whole


def test_arrow_keys_move_between_the_rows_of_a_table(lab: Lab, page: Page) -> None:
    number = lab.play("sample_after")
    with served(lab, page, "tess") as address:
        page.goto(f"{address}/batches/{number}/steps/count_after")
        page.locator("html[data-mounted]").wait_for()
        first = page.locator("[name=squares-0-live]")
        first.focus()
        first.press("ArrowDown")
        assert page.evaluate("document.activeElement.name") == "squares-1-live"
        page.keyboard.press("ArrowUp")
        page.keyboard.press("ArrowUp")
        assert page.evaluate("document.activeElement.name") == "squares-0-live"
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.name") != "squares-0-live"
