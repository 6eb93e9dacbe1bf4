"""What a person reads on a page: its text without the markup."""

from __future__ import annotations

import re
from html import unescape

from werkzeug.test import TestResponse

_MAIN = re.compile(r"<main.*?</main>", re.DOTALL)


def words(page: TestResponse, part: str = "") -> str:
    """The text of the page's main part, spaces collapsed; of the element with the id `part` onwards, if named."""
    found = _MAIN.search(page.text)
    html = found[0] if found else page.text
    if part:
        assert f'id="{part}"' in html, f"the page has no {part}"
        html = html[html.index(f'id="{part}"') :]
        html = html[html.index(">") + 1 :]
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", html)).replace("\u00a0", " ").split())


def links(page: TestResponse) -> list[str]:
    """Where the page leads to, in order."""
    return [unescape(found) for found in re.findall(r'<a [^>]*href="([^"]*)"', page.text)]


def notices(page: TestResponse) -> list[str]:
    """The sentences about what has just been done."""
    found = re.findall(r'<div class="note [a-z]*" role="status">.*?<div>(.*?)</div>', page.text, re.DOTALL)
    return [unescape(text) for text in found]
