"""Every page that a link leads to, as somebody who may open it: accessible in both themes, quiet, no wider than it is.

The story in the browser looks at pages in the states it brings about; here each remaining page is opened once.
"""

from __future__ import annotations

import re
from collections import deque
from html import unescape
from urllib.parse import urlsplit

from playwright.sync_api import Browser

from labrecords.actions.laboratory import shipped_processes
from labrecords.actions.masters import save_draft
from labrecords.domain.processes.masters import FILE
from labrecords.web.guard import PAGES
from tests.actions.test_lots import receive
from tests.actions.test_patients import register
from tests.actions.test_recalls import recalled
from tests.story.watch import DESK, Watch
from tests.support.chromium import patient_page
from tests.support.lab import SHIPPED_KEY, Lab
from tests.support.served import serving, session_cookie
from tests.support.story import LAST_STEP_BEFORE_RELEASE

PEOPLE = ("quentin", "tess", "vic", "paula", "ivan", "ada")


def test_every_page_that_a_link_leads_to_is_accessible(lab: Lab, browser: Browser) -> None:
    _furnish(lab)
    pages = _pages(lab)
    assert len(pages) > 70
    watch = Watch()
    with serving(lab) as address:
        for username in PEOPLE:
            context = browser.new_context(viewport=DESK, reduced_motion="reduce")
            name, value = session_cookie(lab, username)
            context.add_cookies([{"name": name, "value": value, "url": address}])
            page = patient_page(context)
            watch.listen(page)
            for path, by in pages.values():
                if by == username:
                    page.goto(address + path)
                    watch.look(page)
            context.close()
    assert [str(fault) for fault in watch.faults] == []


def _furnish(lab: Lab) -> None:
    """Something of everything: batches in several states, a patient, a delivery, a draft, a file, a recall."""
    lab.play("closed")
    working = lab.play("spin_1", lab.open_batch())
    lab.play(LAST_STEP_BEFORE_RELEASE, lab.open_batch())
    lab.attach(working, "order", "order.pdf", b"%PDF-1.4\n%%EOF\n")
    register(lab)
    receive(lab)
    text = next(item for item in shipped_processes() if f'key = "{SHIPPED_KEY}"' in item)
    save_draft(lab.by("vic"), text=text.replace(f'key = "{SHIPPED_KEY}"', 'key = "draft"'), origin=FILE)
    recalled(lab)


def _pages(lab: Lab) -> dict[str, tuple[str, str]]:
    """For each page that a link leads to: where, and as whom. Whatever a link leads to answers."""
    found, wrong = dict[str, tuple[str, str]](), list[str]()
    for username in PEOPLE:
        client, waiting, known = lab.client(username), deque(["/"]), {"/"}
        opened: dict[str, int] = {}
        while waiting:
            path = waiting.popleft()
            endpoint = _endpoint(lab, path)
            opened[endpoint] = opened.get(endpoint, 0) + 1
            if endpoint not in PAGES or opened[endpoint] > 3:
                continue
            answer = client.get(path, buffered=True)  # a stream that nobody reads would stay open
            if answer.status_code != 200 and endpoint != "accounts.sign_in":
                wrong.append(f"{username}: {path} answers {answer.status_code}")
                continue
            if answer.mimetype != "text/html":
                continue
            found.setdefault(endpoint, (path, username))
            links = [unescape(link) for link in re.findall(r'<a [^>]*href="(/[^"#]*)', answer.text)]
            waiting.extend(link for link in dict.fromkeys(links) if link not in known)
            known.update(links)
    assert wrong == []
    return found


def _endpoint(lab: Lab, path: str) -> str:
    adapter = lab.app.url_map.bind("127.0.0.1")
    return str(adapter.match(urlsplit(path).path, method="GET")[0])
