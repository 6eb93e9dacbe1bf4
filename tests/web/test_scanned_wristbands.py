"""A scanned wristband: brought to the check of who the patient is, and in no address, cookie or other entry."""

from __future__ import annotations

from typing import Any

import pytest
from werkzeug.test import TestResponse

from labrecords.actions.step_drafts import RECORDED, keep_draft
from labrecords.domain.kinds import KINDS
from tests.actions.test_identifying import kept, two, until
from tests.support.lab import Lab
from tests.support.pages import PageClient, forms_of
from tests.support.reading import notices
from tests.support.scanning import scanned

MARIAS = "mrn 0044-17"
STEP = "identity_harvest"


def told(client: PageClient, code: str, here: str) -> dict[str, Any]:
    """What a script is told of a code that was scanned on the page `here`."""
    (box,) = (form for form in forms_of(client.get("/scan").text) if "code" in form.names)
    answer = client.post(
        "/scan",
        data={"code": code, "here": here, "csrf_token": box.values["csrf_token"][0]},
        headers={"Accept": "application/json"},
    )
    assert answer.status_code == 200
    assert answer.json is not None
    return dict(answer.json)


def sent_back(answer: TestResponse) -> str:
    """What the browser keeps of an answer: addresses and cookies."""
    return " ".join([answer.headers.get("Location", ""), *answer.headers.getlist("Set-Cookie")])


def test_it_goes_to_the_entry_that_asks_whose_it_is_and_to_no_other(lab: Lab) -> None:
    number, _, _ = two(lab)
    until(lab, number, "anticoagulant")
    client, batch = lab.client("paula"), f"/batches/{number}"
    answer = told(client, MARIAS, f"{batch}/steps/{STEP}")
    assert answer["takes"] == [["patient_code", MARIAS]]
    assert "The wristband is entered." in answer["entered"]
    for here in (batch, "/lots", f"{batch}/steps/storage-1"):
        answer = told(client, MARIAS, here)
        assert (answer["takes"], answer["to"]) == ([], ""), here
        assert "record number of a patient" in answer["html"]
        assert "0044" not in answer["html"]


def test_that_of_somebody_unknown_goes_there_too_so_that_the_check_stops(lab: Lab) -> None:
    number, _, _ = two(lab)
    until(lab, number, "anticoagulant")
    answer = told(lab.client("paula"), "MRN 9999-01", f"/batches/{number}/steps/{STEP}")
    assert answer["takes"] == [["patient_code", "MRN 9999-01"]]
    # Where nobody asks for a patient it may be a maker's code, and only the one empty entry takes it.
    answer = told(lab.client("paula"), "SYR-99", f"/batches/{number}/steps/storage-1")
    assert dict(answer["takes"])["container_code"] == "SYR-99"
    assert answer["alone"]


def test_no_draft_holds_it_in_the_entry_of_another_code(lab: Lab) -> None:
    number, _, _ = two(lab)
    until(lab, number, "receipt")
    typed = {"container_code": MARIAS, "place": "Store 1"}
    given: dict[str, Any] = {"step": lab.step(number, "storage-1"), "kind": KINDS["storage"]}
    assert keep_draft(lab.by("tess"), **given, form=RECORDED, replaces="", typed=typed)
    assert kept(lab, MARIAS, "0044-17") == []
    assert kept(lab, "Store 1") != []


@pytest.mark.parametrize("code", ["MRN 0044-17", "MRN 9999-01", "0044170044"])
@pytest.mark.parametrize("page", [f"/steps/{STEP}", "/steps/storage-1", ""])
def test_without_scripts_it_stands_in_no_address_and_no_cookie(lab: Lab, code: str, page: str) -> None:
    number, _, _ = two(lab)
    until(lab, number, "anticoagulant")
    client = lab.client("paula")
    answer = scanned(client, code, f"/batches/{number}{page}")
    assert answer.status_code == 200
    assert notices(answer)
    assert "0044" not in sent_back(answer)
    assert "9999" not in sent_back(answer)
    # And what came in an address is no code any longer.
    assert notices(client.get("/scan", query_string={"code": code})) == []
