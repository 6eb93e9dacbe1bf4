"""The other lists: each page sends as many statements to the database for many rows as for few."""

from __future__ import annotations

from labrecords.actions import people
from labrecords.actions.training import record_training
from tests.support.lab import Lab
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
