"""The other lists: each page sends as many statements to the database for many rows as for few."""

from __future__ import annotations

import re

from labrecords.actions import people
from labrecords.actions.masters import save_draft
from labrecords.actions.training import record_training
from labrecords.domain.processes.masters import FILE
from labrecords.models.masters import MASTERS_ON_A_PAGE
from labrecords.web.masters.pages import NEWEST
from tests.support.clean import process_text
from tests.support.lab import SHIPPED_KEY, Lab
from tests.support.statements import counted


def sent(lab: Lab, username: str, path: str) -> int:
    """How many statements the page sends, once whatever is read but once is read."""
    client = lab.client(username)
    client.get(path)
    with counted() as seen:
        assert client.get(path).status_code == 200
    return len(seen)


def test_batches(lab: Lab) -> None:
    lab.open_batch()
    few = sent(lab, "ada", "/batches")
    for number in range(6):
        lab.clock.tick(1)
        lab.open_batch(patient=f"P-{number}")
    assert sent(lab, "ada", "/batches") == few


def test_masters(lab: Lab) -> None:
    few = [sent(lab, username, "/masters") for username in ("ada", "vic")]
    for number in range(6):
        lab.adopt(key=f"master-{number}")
    assert [sent(lab, username, "/masters") for username in ("ada", "vic")] == few


def test_masters_are_paged_by_key_each_on_one_page(lab: Lab) -> None:
    for number in range(MASTERS_ON_A_PAGE):
        draft = process_text((f'key = "{SHIPPED_KEY}"', f'key = "own-{number:02d}"'))
        save_draft(lab.by("vic"), text=draft, origin=FILE)
    client, path, seen = lab.client("ada"), "/masters", list[str]()
    while path:
        page = client.get(path).text
        seen += re.findall(r'<h2 id="key-\d+"><span class="id">([^<]+)<', page)
        following = re.search(r'href="(/masters\?after=[^"]+)"', page)
        path = following[1] if following else ""
    assert seen == sorted({item.key for item in lab.masters()} | {f"own-{n:02d}" for n in range(20)})
    assert len(seen) == len(set(seen)) == MASTERS_ON_A_PAGE + 5
    vic = lab.client("vic")
    assert "Not approved yet" in vic.get("/masters").text
    assert "Not approved yet" not in vic.get("/masters?after=own-05").text


def test_of_a_master_with_many_versions_the_newest_are_listed_and_the_one_that_counts(lab: Lab) -> None:
    for number in range(2, 16):
        digest = lab.adopt(('version = "1"', f'version = "{number}"'), key=SHIPPED_KEY)
    page = lab.client("ada").get("/masters").text
    assert ">Version 15</a>" in page
    assert f'<a href="/masters/{digest}">All 15 versions of {SHIPPED_KEY}</a>' in page
    assert page.count("Superseded") == NEWEST - 1


def test_people_and_their_training(lab: Lab) -> None:
    paths = (("ivan", "/people"), ("ada", "/training"), ("ada", f"/training/{lab.id('tess')}"))
    few = [sent(lab, username, path) for username, path in paths]
    for number in range(6):
        people.add_person(
            lab.by("ivan"), username=f"new{number}", name=f"New Person {number}", roles=("technician",)
        )
        record_training(
            lab.by("quentin"), person_id=lab.id("tess"), sop=f"SOP-{number}", sop_version="1",
            trained_on=lab.clock.now.date(), expires_on=None, assessor="Vic Vermeer",
        )  # fmt: skip
    assert [sent(lab, username, path) for username, path in paths] == few


def test_the_trail_of_a_batch_and_the_files_of_a_step(lab: Lab) -> None:
    number = lab.play("receipt")
    paths = (f"/batches/{number}/trail", f"/batches/{number}/steps/receipt")
    few = [sent(lab, "tess", path) for path in paths[1:]], sent(lab, "ada", paths[0])
    for copy in range(6):
        lab.attach(number, "receipt", f"log{copy}.csv", f"time;degrees\n08:2{copy};21.4\n".encode())
    assert ([sent(lab, "tess", path) for path in paths[1:]], sent(lab, "ada", paths[0])) == few
