"""The copy for a patient: everything that is kept, for those with the right, recorded each time."""

from __future__ import annotations

import io
import json
from zipfile import ZipFile

import pytest

from labrecords.models.batch_record import events_of
from labrecords.web.guard import PAGES
from tests.support.lab import Lab
from tests.support.printed import text_of
from tests.support.reading import words
from tests.web.test_orders import written
from tests.web.test_patients import registered

LOOKED = "Who looked at it"


@pytest.mark.req("GDPR-15", "GDPR-20")
def test_the_copy_holds_identity_batches_and_who_looked_and_is_recorded(lab: Lab) -> None:
    here = registered(lab)
    pseudonym = here.rsplit("/", 1)[1]
    code = written(lab, here)
    opened = lab.client("tess").submit(f"/orders/{code}/open", having="master")
    number = str(opened.location).rsplit("/", 1)[1]
    lab.record_step(number, "order")
    client = lab.client("paula")
    client.submit(f"{here}/identity", {"purpose": "to look into a discrepancy"}, having="purpose")
    answer = client.submit(f"{here}/copy", having="given")
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{pseudonym}.zip"'
    with ZipFile(io.BytesIO(answer.data)) as archive:
        body, pdf = json.loads(archive.read("patient.json")), archive.read("patient.pdf")
    assert f"Order {code}" in {part["title"] for part in body["parts"]}
    said = {part["title"]: dict(part["values"]) for part in body["parts"]}
    assert said["Who it is"]["Name"] == "Maria Nowak"
    assert said["Who it is"]["Day of birth"] == "1968-04-30"
    assert said[f"Batch {number}"]["Status"] == "in process"
    assert any(title.startswith(f"{number}: ") for title in said)
    (looks,) = ([said for _, said in part["values"]] for part in body["parts"] if part["title"] == LOOKED)
    assert "Identity read by Paula Pereira, to look into a discrepancy" in looks
    assert "Identity exported by Paula Pereira, a copy of all that is kept" in looks
    printed = text_of(pdf)
    for part in ("Maria Nowak", "MRN 0044-17", number, "Page 1 of"):
        assert part in printed
    with lab.store.read() as session:
        event = json.loads(events_of(session, "access")[-1])
    assert (event["act"], event["subject"]) == ("identity.exported", pseudonym)
    assert "Maria" not in json.dumps(event)


def test_after_the_erasure_the_copy_holds_the_codes_alone(lab: Lab) -> None:
    here = registered(lab)
    client = lab.client("quentin")
    reason = {"reason": "The patient asked for it in writing."}
    assert client.submit(f"{here}/erase", reason, having="reason").status_code == 303
    answer = client.submit(f"{here}/copy", having="given")
    with ZipFile(io.BytesIO(answer.data)) as archive:
        text = archive.read("patient.json").decode()
    assert '"erased"' in text
    assert "Maria" not in text + str(answer.headers)


@pytest.mark.parametrize("username", ["tess", "vic", "ada", "ivan"])
def test_nobody_else_makes_a_copy(lab: Lab, username: str) -> None:
    here = registered(lab)
    assert lab.client(username).get(f"{here}/copy").status_code == 403


def test_a_look_and_a_copy_leave_no_identity_in_addresses_titles_names_and_logs(
    lab: Lab, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    here = registered(lab)
    client = lab.client("quentin")
    shown = client.submit(f"{here}/identity", {"purpose": "to look into a discrepancy"}, having="purpose")
    copied = client.submit(f"{here}/copy", having="given")
    found = lab.client("tess").submit(
        "/patients/find", {"record_number": "MRN 0044-17"}, having="record_number"
    )
    told = [
        *(str(answer.headers) + answer.request.url for answer in (shown, copied, found)),
        shown.text.partition("<title>")[2].partition("</title>")[0],
        caplog.text,
        *(rule.rule for rule in lab.app.url_map.iter_rules()),
    ]
    for part in ("Maria", "Nowak", "1968-04-30", "0044-17", "MRN"):
        assert not any(part in item for item in told), part
    assert "patients.copy" in PAGES
    assert "Maria" in words(shown)
