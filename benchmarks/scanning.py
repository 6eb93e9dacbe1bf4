"""From the last key of a scan to the paint of the answer, in Chromium, among many batches. Run it by itself:

python -m benchmarks.scanning [batches beside, 100000 when nothing is said]
"""

from __future__ import annotations

import statistics
import sys

from playwright.sync_api import Page, sync_playwright
from sqlalchemy import insert, select

from benchmarks.laboratory import laboratory
from benchmarks.tally import _signed_in, served
from labrecords.domain.custody.carried import CONTAINER
from labrecords.installation import Installation
from labrecords.models.overview import BatchCodeRow
from tests.support.chromium import FLAGS, find_chromium

BATCHES, CODES_EACH, SCANS = 100_000, 8, 30
SCAN = """(code) => {
  document.activeElement.blur();
  const press = (key) => document.body.dispatchEvent(
    new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
  [...code].forEach(press);
  press("Enter");
  sessionStorage.setItem("scanned", performance.timeOrigin + performance.now());
}"""
LISTENS = "import(document.getElementById('behaviours').dataset.wedge).then(() => true)"
PAINTED = """() => new Promise((done) => requestAnimationFrame(() => {
  const channel = new MessageChannel();
  channel.port1.onmessage = () =>
    done(performance.timeOrigin + performance.now() - Number(sessionStorage.getItem("scanned")));
  channel.port2.postMessage(0);
}))"""
ANSWERED = f"""() => {{
  window.answered = new Promise((done) => {{
    const watch = new MutationObserver(() => (watch.disconnect(), done()));
    watch.observe(document.getElementById("said"), {{ childList: true }});
  }}).then({PAINTED}).then((ms) => (window.answeredAfter = ms));
}}"""


def many(place: Installation, batches: int) -> str:
    """Codes of batches that are not there: they make the index as long as that of so many.

    Returns the code of a container that there is, written with hyphens, which are no part of it.
    """
    with place.store.write() as session:
        carried = BatchCodeRow.__table__
        found = session.execute(select(carried.c.code).where(carried.c.kind == CONTAINER)).scalars()
        codes = [str(code) for code in found]
        for begun in range(0, batches, 5_000):
            rows = [
                {"batch_id": f"{batch:032}", "kind": "container", "code": f"X{number}{batch:012}"}
                for batch in range(begun, min(begun + 5_000, batches))
                for number in range(CODES_EACH)
            ]
            session.execute(insert(BatchCodeRow.__table__), rows)
        session.commit()
    longest: str = max(codes, key=len)
    return "-".join(longest)


def entered_ms(page: Page, address: str, code: str) -> float:
    """Milliseconds until a container stands in the form of a step, and the page says so."""
    page.goto(address)
    page.evaluate(LISTENS)
    page.evaluate(ANSWERED)
    page.evaluate(SCAN, code)
    while (found := page.evaluate("window.answeredAfter ?? 0")) == 0:
        page.wait_for_timeout(20)
    assert page.locator('[name="container_code"]').input_value() == code
    return float(found)


def opened_ms(page: Page, address: str, code: str, batch: str) -> float:
    """Milliseconds until the page of the batch is painted, which a container leads to."""
    page.goto(address)
    page.evaluate(LISTENS)
    page.evaluate(SCAN, code)
    page.wait_for_url(batch, wait_until="commit")
    page.wait_for_selector("h1")
    found: float = page.evaluate(PAINTED)
    return found


def main() -> None:
    """Print median, 95 % and longest of both."""
    batches = int(sys.argv[1]) if len(sys.argv) > 1 else BATCHES
    with laboratory() as (place, story), served(place) as address, sync_playwright() as playwright:
        story.open()
        story.play("receipt")
        code = many(place, batches)
        browser = playwright.chromium.launch(
            executable_path=find_chromium(), args=list(FLAGS), chromium_sandbox=False
        )
        page = browser.new_context(viewport={"width": 820, "height": 1180}).new_page()
        name, token = _signed_in(place, story)
        page.context.add_cookies([{"name": name, "value": token, "url": address}])
        batch = f"{address}/batches/{story.number}"
        entered = [entered_ms(page, f"{batch}/steps/spin_1", code) for _ in range(SCANS)]
        opened = [opened_ms(page, f"{address}/lots", code, batch) for _ in range(SCANS)]
        browser.close()
    for words, found in (("entered on a step", sorted(entered)), ("batch opened", sorted(opened))):
        print(f"scan, {words}, {batches} batches beside: median {statistics.median(found):.0f} ms, ", end="")
        print(f"95 % {found[int(len(found) * 0.95)]:.0f} ms, longest {found[-1]:.0f} ms")


if __name__ == "__main__":
    main()
