"""Orders in the browser: written on the page of the patient, withdrawn, and a batch opened from one."""

from __future__ import annotations

import re

from tests.support.lab import SHIPPED_KEY, Lab
from tests.support.reading import words
from tests.web.test_patients import registered

ORDER = {
    "process_key": SHIPPED_KEY,
    "indication": "degenerative disc disease",
    "prescriber": "Paula Pereira",
    "consent_version": "Consent BMC, version 3",
    "consent_date": "2026-11-20",
    "targets-0-structure": "intervertebral disc",
    "targets-0-level": "L5/S1",
    "targets-0-side": "midline",
    "targets-0-volume_ml": "2,0",
}


def written(lab: Lab, here: str) -> str:
    """Write an order on the page. Returns its code."""
    lab.clock.tick()
    answer = lab.client("paula").submit(f"{here}/order", ORDER, having="prescriber")
    assert answer.status_code == 303, words(answer)
    found = re.search(r"/orders/(T[0-9A-Z-]+)/withdraw", lab.client("paula").get(here).text)
    assert found
    return found[1]


def test_an_order_is_written_and_a_batch_opened_from_it(lab: Lab) -> None:
    here = registered(lab)
    code = written(lab, here)
    client = lab.client("tess")
    assert "intervertebral disc L5/S1, midline, 2.0 mL" in words(client.get(here))
    asked = client.get(f"/orders/{code}/open")
    assert here.rsplit("/", 1)[1] in asked.text
    nothing = client.submit(f"/orders/{code}/open", {"master": ""}, having="master")
    assert nothing.status_code == 400
    done = client.submit(f"/orders/{code}/open", having="master", response=asked)
    assert done.status_code == 303, words(done)
    page = words(client.get(done.location))
    for part in (f"Order {code}", here.rsplit("/", 1)[1], "Paula Pereira", "Consent BMC, version 3", "L5/S1"):
        assert part in page
    assert "batch opened" in words(client.get(here))
    assert client.submit(f"/orders/{code}/open", having="master").status_code == 403


def test_what_is_missing_in_an_order_is_asked_back_and_what_was_typed_stays(lab: Lab) -> None:
    here = registered(lab)
    for changes, sentence in (
        ({"targets-0-level": ""}, "Choose structure, level and side of each target"),
        ({"targets-0-volume_ml": "two"}, "two"),
        ({"consent_date": "2026-12-01"}, "in the future"),
        ({"indication": "other"}, "Say in words what the indication is"),
        ({"prescriber": ""}, "Enter who prescribes it"),
    ):
        answer = lab.client("paula").submit(f"{here}/order", ORDER | changes, having="prescriber")
        assert answer.status_code == 400
        assert sentence in words(answer) or sentence in answer.text
        assert 'value="Consent BMC, version 3"' in answer.text


def test_one_more_target_is_asked_of_the_server_where_there_is_no_javascript(lab: Lab) -> None:
    here, client = registered(lab), lab.client("paula")
    answer = client.submit(f"{here}/order", ORDER | {"add_row": "targets"}, having="prescriber")
    assert answer.status_code == 200
    assert "targets-2-level" in answer.text
    assert "T" not in re.findall(r"/orders/(T)", client.get(here).text)


def test_an_order_is_withdrawn_with_a_reason(lab: Lab) -> None:
    here = registered(lab)
    code = written(lab, here)
    answer = lab.client("paula").submit(
        f"/orders/{code}/withdraw", {"reason": "The patient has fever."}, having="reason"
    )
    assert answer.status_code == 303
    page = words(lab.client("tess").get(here))
    assert "withdrawn" in page
    assert "The patient has fever." in page
    assert "was withdrawn" in words(lab.client("tess").get(f"/orders/{code}/open"))
