"""Recalls on their pages: from the trace to the signature, the list of who must be told, the file, the end."""

from __future__ import annotations

import csv
import io

from tests.support.lab import Lab
from tests.support.pages import PageClient
from tests.support.reading import links, words

WHY = "The maker reports endotoxin in this lot."
INTO = "/recalls/new?subject=lot&key=ac-778"


def sign(lab: Lab, client: PageClient, url: str, **more: str) -> str:
    """Send the form as it is shown, filled in and signed. Returns where it leads."""
    typed = {"reason": WHY, "username": "quentin", "password": lab.cast["quentin"].password, **more}
    answer = client.submit(url, typed, having="reason")
    assert answer.status_code == 303, words(answer)
    return str(answer.location)


def test_one_goes_from_the_trace_to_a_recall_that_says_who_must_be_told(lab: Lab) -> None:
    number = lab.play("residual")
    client = lab.client("quentin")
    lab.clock.tick()
    assert "Register this is its first entry" in words(client.get(INTO))
    assert "given to anybody but quality assurance" in words(client.get(INTO))
    assert INTO.replace("&", "&amp;") in client.get("/trace?subject=lot&key=ac-778").text
    here = sign(lab, client, INTO)
    assert "RECALLED" in words(client.get(f"/batches/{number}")).upper()
    page = client.get(here)
    assert "Paula Pereira" in words(page)
    assert "Not used" not in words(page)
    first = next(link for link in links(page) if "/tell/recall/" in link)
    told = client.submit(
        first, {"how": "by telephone", "note": "Will call the <patient> today."}, having="how"
    )
    assert told.status_code == 303, words(told)
    assert "Will call the <patient> today." in words(client.get(here))
    rows = list(csv.DictReader(io.StringIO(client.get(f"{here}.csv").text)))
    assert [(row["batch"], row["role"], row["told how"]) for row in rows] == [
        (number, "physician", "by telephone"),
        (number, "patient", ""),
    ]
    assert rows[1]["to be told"] == "P-2048"
    assert "Lot ac-778 is recalled." in words(client.get("/"))
    assert "Lot ac-778" in words(client.get("/recalls"))
    sign(lab, client, f"{here}/end", reason="It was another lot of the maker.")
    assert "Recall ended" in words(client.get(here))
    assert "recalled" not in words(client.get("/")).lower()


def test_who_may_not_recall_is_told_so_and_a_wrong_form_keeps_what_was_typed(lab: Lab) -> None:
    lab.play("anticoagulant")
    assert lab.client("tess").get(INTO).status_code == 403
    client = lab.client("quentin")
    signed = {"reason": WHY, "username": "quentin", "password": lab.cast["quentin"].password}
    answer = client.submit(INTO, signed | {"reason": "error", "since": "2026-13-01"}, having="reason")
    assert answer.status_code == 400
    assert "2026-13-01" in answer.text
    backwards = client.submit(INTO, signed | {"since": "2026-11-23", "until": "2026-11-22"}, having="reason")
    assert "The last day comes before the first." in words(backwards)
    assert client.get("/recalls/new").status_code == 303
    assert client.get(f"/recalls/{'0' * 32}").status_code == 404
    assert client.get("/recalls/new?subject=colour&key=red").status_code == 404
