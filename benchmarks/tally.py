"""From a tap on the tally pad to the paint of its number, in Chromium with a slow processor. Run it by itself:

python -m benchmarks.tally [times slower, 4 when nothing is said]
"""

from __future__ import annotations

import statistics
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Page, sync_playwright
from werkzeug.serving import make_server

from benchmarks.laboratory import laboratory
from labrecords import create_app
from labrecords.actions.accounts import sign_in
from labrecords.demo.story import Story
from labrecords.installation import Installation
from labrecords.web.signed_in import cookie_name
from tests.support.chromium import FLAGS, find_chromium

TAPS, SLOWER, BETWEEN_MS = 120, 4, 150
MEASURE = """() => {
  window.painted = [];
  const pad = document.querySelector("[data-pad]");
  pad.addEventListener("pointerdown", (event) => {
    requestAnimationFrame(() => {
      const channel = new MessageChannel();
      channel.port1.onmessage = () => window.painted.push(performance.now() - event.timeStamp);
      channel.port2.postMessage(0);
    });
  }, { capture: true });
}"""
"""A message that is posted in a frame arrives once the frame is painted; the event's time is that of the touch."""


@contextmanager
def served(place: Installation) -> Iterator[str]:
    """The application on a free port of this machine."""
    server = make_server("127.0.0.1", 0, create_app(place), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()


def taps_ms(page: Page, address: str, slower: int) -> list[float]:
    """Milliseconds from each of many taps to its paint, on live and dead in turn, and on to the next square."""
    page.goto(address)
    page.wait_for_selector("[data-pad]")
    page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": slower})
    page.evaluate(MEASURE)
    page.locator("[data-pad]").scroll_into_view_if_needed()
    places = {name: _middle(page, f"[data-{name}]") for name in ("tap=live", "tap=dead", "next")}
    for number in range(TAPS):
        # The mouse alone: looking for the element before each click would keep the page busy.
        page.mouse.click(*places["tap=dead" if number % 10 == 9 else "tap=live"])
        page.wait_for_timeout(BETWEEN_MS)
        if number % 30 == 29:
            page.mouse.click(*places["next"])
            page.wait_for_timeout(BETWEEN_MS)
    page.wait_for_timeout(1000)
    painted: list[float] = page.evaluate("window.painted")
    return painted[-TAPS:]


def _middle(page: Page, selector: str) -> tuple[float, float]:
    box = page.locator(selector).bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def main() -> None:
    """Print median, 95 % and longest."""
    slower = int(sys.argv[1]) if len(sys.argv) > 1 else SLOWER
    with laboratory() as (place, story), served(place) as address, sync_playwright() as playwright:
        story.open()
        story.play("sample_after")
        browser = playwright.chromium.launch(
            executable_path=find_chromium(), args=list(FLAGS), chromium_sandbox=False
        )
        page = browser.new_context(viewport={"width": 820, "height": 1180}).new_page()
        name, token = _signed_in(place, story)
        page.context.add_cookies([{"name": name, "value": token, "url": address}])
        found = sorted(taps_ms(page, f"{address}/batches/{story.number}/steps/count_after", slower))
        browser.close()
    print(f"tally, processor {slower} times slower, {len(found)} taps: ", end="")
    print(f"median {statistics.median(found):.0f} ms, 95 % {found[int(len(found) * 0.95)]:.0f} ms, ", end="")
    print(f"longest {found[-1]:.0f} ms")


def _signed_in(place: Installation, story: Story) -> tuple[str, str]:
    with create_app(place).app_context():
        return cookie_name(), sign_in(place.store, story.cast.proof("tess"), "127.0.0.1")


if __name__ == "__main__":
    main()
