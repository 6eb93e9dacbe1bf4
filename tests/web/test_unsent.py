"""What is typed or tallied and not sent, in a browser: it asks before the page is left, and stands again afterwards."""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import pairwise

import pytest
from playwright.sync_api import Dialog, Page

from tests.support.lab import Lab
from tests.support.served import served, sign_in_browser

PATIENCE_MS = 60_000
TAPPING_S, ANSWERED_AFTER_S = 6, 0.3
SQUARE = 'input[name="squares-{}-{}"]'


@pytest.fixture
def counting(lab: Lab, page: Page) -> Iterator[Page]:
    """A chamber count on the screen, nothing typed yet."""
    number = lab.open_batch()
    page.set_default_timeout(PATIENCE_MS)
    with served(lab, page, "tess") as address:
        page.goto(f"{address}/batches/{number}/steps/count_after")
        page.wait_for_selector("[data-pad]")
        yield page


@pytest.fixture
def asked(counting: Page) -> list[str]:
    """Every question that the browser asks; each is answered with yes, as fast as a finger can."""
    found: list[str] = []

    def answer(dialog: Dialog) -> None:
        found.append(dialog.type)
        time.sleep(ANSWERED_AFTER_S)
        dialog.accept()

    counting.on("dialog", answer)
    return found


def tap(page: Page, live: int = 0, dead: int = 0) -> None:
    for name, times in (("live", live), ("dead", dead)):
        for _ in range(times):
            page.locator(f'[data-tap="{name}"]').click()


def squares(page: Page, rows: int) -> list[tuple[str, str]]:
    return [
        (page.locator(SQUARE.format(row, "live")).input_value(), page.locator(SQUARE.format(row, "dead")).input_value())
        for row in range(rows)
    ]  # fmt: skip


def test_an_untouched_form_is_left_without_a_question_and_a_touched_one_is_not(
    counting: Page, asked: list[str]
) -> None:
    counting.reload()
    assert asked == []
    counting.locator('[name="note"]').fill("Read twice")
    counting.locator("h1").first.click()
    counting.goto("about:blank")
    assert asked == ["beforeunload"]


def test_a_tally_stands_a_reload_with_every_row_and_the_next_square_in_hand(
    counting: Page, asked: list[str]
) -> None:
    for row in range(6):
        tap(counting, live=3 + row, dead=1)
        if row < 5:
            counting.locator("[data-next]").click()
    before = squares(counting, 6)
    assert before[0] == ("3", "1")
    assert before[5] == ("8", "1")
    counting.reload()
    assert asked == ["beforeunload"]
    counting.get_by_text("and not recorded yet").wait_for(state="visible")
    assert squares(counting, 6) == before
    assert "33 live, 6 dead, 39 cells" in counting.locator("[data-totals]").inner_text()


def test_another_person_at_the_same_screen_does_not_find_it(
    counting: Page, asked: list[str], lab: Lab
) -> None:
    with counting.expect_response("**/judge*"):
        tap(counting, live=2)
    sign_in_browser(lab, counting, "vic", counting.evaluate("location.origin"))
    counting.reload()
    counting.wait_for_selector("[data-pad]")
    assert squares(counting, 1) == [("", "")]


def test_who_never_pauses_is_kept_all_the_same_and_the_server_is_not_flooded(counting: Page) -> None:
    # The browser's own times, in ms: on a busy machine this process hears of a request late.
    sent: list[float] = []
    counting.on(
        "response",
        lambda answer: sent.append(answer.request.timing["startTime"]) if "/judge" in answer.url else None,
    )
    begun = time.monotonic()
    while time.monotonic() - begun < TAPPING_S:
        tap(counting, live=1)
        counting.wait_for_timeout(60)
    assert 2 <= len(sent) <= TAPPING_S + 1
    assert all(later - earlier > 900 for earlier, later in pairwise(sorted(sent)))


def test_a_form_that_came_back_refused_is_kept_and_nothing_stays_in_the_browser(counting: Page) -> None:
    counting.locator('[name="note"]').fill("Read twice")
    with counting.expect_response("**/judge*"):
        counting.locator("button.go").click()
    counting.get_by_text("Nothing was saved").first.wait_for()
    for storage in ("sessionStorage", "localStorage"):
        assert counting.evaluate(f"{storage}.length") == 0
    address = counting.url
    with counting.context.expect_page():
        counting.evaluate("address => { window.open(address) }", address)
    other = counting.context.pages[-1]
    assert other.locator('[name="note"]').input_value() == "Read twice"


def test_the_pad_says_the_border_lines_of_the_rule_that_is_chosen(counting: Page) -> None:
    said = counting.locator("[data-border]:visible")
    assert "upper and left lines" in said.inner_text()
    counting.get_by_text("Lower and right lines are counted").click()
    assert "lower and right lines" in said.inner_text()
    assert said.count() == 1


def test_a_tap_says_that_a_square_must_be_corrected_only_where_it_must(counting: Page) -> None:
    refused = counting.locator("[data-refused]")
    tap(counting, live=1)
    assert not refused.is_visible()
    counting.locator(SQUARE.format(0, "live")).fill("1o")
    tap(counting, live=1)
    assert refused.is_visible()
    assert "Square 1 holds “1o”" in refused.inner_text()
    counting.locator(SQUARE.format(0, "live")).fill("10")
    tap(counting, live=1)
    assert not refused.is_visible()
    assert squares(counting, 1) == [("11", "0")]
