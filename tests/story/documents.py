"""The signed documents in the hands of those who check them: found, downloaded, dropped, and changed."""

from __future__ import annotations

import base64
from pathlib import Path

from tests.story.desk import Desk

DROP = """([name, content]) => {
  const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
  const carried = new DataTransfer();
  carried.items.add(new File([bytes], name, { type: "application/pdf" }));
  dispatchEvent(new DragEvent("drop", { dataTransfer: carried, cancelable: true }));
}"""


def download(desk: Desk, number: str, folder: Path) -> dict[int, Path]:
    """Both versions of the document of a batch, as the auditor finds and downloads them."""
    desk.open("/")
    desk.answer({"Number or code": number[-6:]})
    desk.press("Find")
    desk.follow(number)
    found = {}
    for version in (1, 2):
        with desk.page.expect_download() as waited:
            desk.page.get_by_role("link", name=f"PDF, version {version}").click()
        found[version] = folder / waited.value.suggested_filename
        waited.value.save_as(found[version])
    return found


def drop(desk: Desk, file: Path) -> str:
    """Drop a file on the page /verify. Returns the verdict that is read there."""
    desk.open("/verify")
    # The page listens for a file once its script has come.
    desk.page.wait_for_load_state("networkidle")
    with desk.page.expect_navigation():
        desk.page.evaluate(DROP, [file.name, base64.b64encode(file.read_bytes()).decode()])
    desk.look()
    return desk.page.locator("#verdict").inner_text()


def changed(file: Path) -> Path:
    """A copy in which one byte of a page is another."""
    content = bytearray(file.read_bytes())
    place = content.index(b"stream\n", len(content) // 10) + 40
    content[place] ^= 1
    copy = file.with_name(f"changed-{file.name}")
    copy.write_bytes(content)
    return copy
