"""A scanner on any page, in a browser: bursts with any suffix, brought to where they belong; typing is left alone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from labrecords.actions.labels import give_container_id
from tests.support.lab import Lab
from tests.support.served import served

PATIENCE_MS = 60_000


@pytest.fixture
def at_work(lab: Lab, page: Page) -> Iterator[tuple[Page, str, str]]:
    """A browser in which Tess is signed in, the address of the laboratory, and a batch that was just received."""
    number = lab.play("receipt")
    page.set_default_timeout(PATIENCE_MS)
    with served(lab, page, "tess") as address:
        yield page, address, number


def opens(page: Page, address: str) -> None:
    """Open a page, and wait until it listens."""
    page.goto(address)
    page.locator("html[data-mounted]").wait_for()


def scans(page: Page, code: str, suffix: str = "") -> None:
    """What a scanner does with no entry in focus: all keys in one burst, and the suffix it was set to."""
    page.evaluate(
        """([code, suffix]) => {
          document.activeElement.blur();
          const press = (key) => document.body
            .dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
          [...code].forEach((key) => press(key === "\\r" ? "Enter" : key));
          if (suffix) press(suffix);
        }""",
        [code, suffix],
    )


@pytest.mark.parametrize("suffix", ["Enter", "Tab", ""])
def test_a_scan_without_an_entry_in_focus_opens_what_was_scanned(
    lab: Lab, at_work: tuple[Page, str, str], suffix: str
) -> None:
    page, address, number = at_work
    opens(page, f"{address}/lots")
    scans(page, "bag-7", suffix)
    page.wait_for_url(f"**/batches/{number}")


def test_a_button_in_focus_is_not_pressed_by_what_a_scanner_sends(
    lab: Lab, at_work: tuple[Page, str, str]
) -> None:
    page, address, number = at_work
    opens(page, f"{address}/lots")
    prevented = page.evaluate(
        """() => {
          const button = document.querySelector("header form button");
          button.focus();
          const press = (key) => !button.dispatchEvent(
            new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
          return ["B", "A", "G", "-", "7", "Enter"].map(press);
        }"""
    )
    # The first key may still be a person's; what a scanner sends after it reaches nothing else.
    assert prevented == [False, True, True, True, True, True]
    page.wait_for_url(f"**/batches/{number}")


def test_on_a_step_each_code_goes_to_the_entry_that_waits_for_it(
    lab: Lab, at_work: tuple[Page, str, str]
) -> None:
    page, address, number = at_work
    opens(page, f"{address}/batches/{number}/steps/spin_1")
    for code, said in (("BAG-7", "BAG-7"), ("CF-01", "CF-01"), ("RT-01", "RT-01")):
        scans(page, code, "Enter")
        expect(page.locator("#said")).to_contain_text(f"{said} is entered.")
    assert page.locator('[name="container_code"]').input_value() == "BAG-7"
    assert page.locator('[name="centrifuge"]').input_value()
    # Each is entered once: nothing is overwritten by the next scan.
    scans(page, "SYR-9", "Enter")
    expect(page.locator("#said")).to_contain_text("or none is empty")
    assert page.locator('[name="container_code"]').input_value() == "BAG-7"
    assert page.url.endswith("spin_1")


def test_a_second_syringe_is_never_written_beside_the_first_site(lab: Lab, page: Page) -> None:
    number = lab.play("bedside")
    page.set_default_timeout(PATIENCE_MS)
    with served(lab, page, "paula") as address:
        opens(page, f"{address}/batches/{number}/steps/injection")
        rows = [page.locator(f'[name="sites-{row}-container_code"]') for row in (0, 1)]
        scans(page, "SYR-7", "Enter")
        expect(page.locator("#said")).to_contain_text("SYR-7 is entered.")
        assert page.locator('[name="container_code"]').input_value() == "SYR-7"
        # The first site comes out of the main one, whose code its row need not repeat; the second is being written.
        page.locator('[name="sites-0-volume_ml"]').fill("2")
        page.locator('[name="sites-1-volume_ml"]').fill("1.5")
        scans(page, "SYR-7", "Enter")
        expect(page.locator("#said")).to_contain_text("Put the cursor into the right one")
        assert [row.input_value() for row in rows] == ["", ""]
        # A table that nobody began is filled from above.
        for site in (0, 1):
            page.locator(f'[name="sites-{site}-volume_ml"]').fill("")
        for row in rows:
            scans(page, "SYR-7", "Enter")
            expect(row).to_have_value("SYR-7")


def test_a_scan_that_was_not_read_is_said_in_place_of_what_was_said_before(
    lab: Lab, at_work: tuple[Page, str, str]
) -> None:
    page, address, number = at_work
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    opens(page, f"{address}/batches/{number}/steps/spin_1")
    scans(page, "BAG-7", "Enter")
    said = page.locator("#said")
    expect(said).to_contain_text("BAG-7 is entered.")
    page.route("**/scan", lambda route: route.abort())
    scans(page, "CF-01", "Enter")
    expect(said).to_have_text("The scan was not read: scan again, or type the code.")
    page.unroute("**/scan")
    page.route("**/scan", lambda route: route.fulfill(status=500, body="<h1>Failed</h1>"))
    page.evaluate("document.getElementById('said').replaceChildren()")
    scans(page, "CF-01", "Enter")
    expect(said).to_have_text("The scan was not read: scan again, or type the code.")
    assert [url for url in asked if "BAG" in url or "CF-" in url] == []


def test_what_a_person_types_is_never_taken(lab: Lab, at_work: tuple[Page, str, str]) -> None:
    page, address, number = at_work
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    opens(page, f"{address}/batches/{number}/steps/spin_1")
    box = page.locator('[name="container_code"]')
    box.focus()
    page.keyboard.type("BAG-7", delay=5)
    assert box.input_value() == "BAG-7"
    page.locator("h1").first.click()
    page.keyboard.type("slow", delay=120)
    page.wait_for_timeout(200)
    assert [url for url in asked if "/scan" in url.split("/static")[0]] == []


def test_two_codes_in_one_burst_are_asked_back_where_they_were_scanned(
    lab: Lab, at_work: tuple[Page, str, str]
) -> None:
    page, address, number = at_work
    opens(page, f"{address}/batches/{number}/steps/spin_1")
    # In one turn of the page: on a busy machine two of them lie further apart than the keys of a burst.
    scans(page, "BAG-7\rCF-01", "Enter")
    expect(page.locator("#said")).to_contain_text("Two codes came at once")
    assert page.locator('[name="container_code"]').input_value() == ""


def test_on_the_page_of_a_batch_a_container_and_a_place_offer_what_can_be_done(
    lab: Lab, at_work: tuple[Page, str, str]
) -> None:
    page, address, number = at_work
    given = give_container_id(lab.by("tess"), batch=lab.batch(number))
    opens(page, f"{address}/batches/{number}")
    scans(page, "BAG-7", "Enter")
    page.get_by_text("BAG-7 was scanned.").wait_for()
    page.locator("#scanned").get_by_role("link", name="Hand-over").first.click()
    assert page.locator('[name="container_code"]').input_value() == "BAG-7"
    opens(page, f"{address}/batches/{number}")
    scans(page, given)
    page.locator("#scanned").wait_for()
    assert lab.record(number).container_ids[0].code == given
