"""A stop of the registers, bypassed on the red page with a second person where the master allows it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from werkzeug.test import TestResponse

from labrecords.actions.bypassing import bypass_stops
from labrecords.actions.lots import LotFacts, receive_lot
from labrecords.documents.flags import letter_of
from labrecords.domain.entries import Stop
from labrecords.domain.review.bypass import BYPASSABLE, LASTS, BypassedStop, bypass_of
from labrecords.domain.review.decisions import ON_HOLD
from labrecords.domain.rules.finding import Severity
from labrecords.domain.rules.findings import findings, stops_of
from tests.support.lab import Lab, refusal
from tests.support.pages import PageClient, forms_of
from tests.support.printed import squeezed, text_of
from tests.support.typed import typed

KEY = "receipt"
WHY = "The surgeon waits, and the lot is on its way."


def begun(lab: Lab, bypass: str = "bypass = true\n") -> str:
    """A batch that stands before its receipt, whose performer is not trained on its procedure."""
    process = lab.adopt((f'key = "{KEY}"', f'key = "{KEY}"\nsop = "SOP-012"\n{bypass}'))
    return lab.play("handover_laboratory", lab.open_batch(process=process))


def stopped(lab: Lab, number: str, client: PageClient, **changes: str) -> TestResponse:
    given = typed(lab, number, KEY, note="In a hurry") | changes
    answer = client.submit(f"/batches/{number}/steps/{KEY}", given, having="performed_by")
    assert answer.status_code == 403, answer.text
    return answer


def sign(lab: Lab, client: PageClient, stop: TestResponse, by: str = "vic", **changes: str) -> TestResponse:
    given = {"bypass_reason": WHY, "bypass_username": by, "bypass_password": lab.cast[by].password}
    return client.submit("", given | changes, having="bypass_reason", response=stop)


def test_a_stop_is_bypassed_with_a_reason_and_a_second_person_and_the_step_is_recorded(
    lab_on_both: Lab,
) -> None:
    lab = lab_on_both
    number, client = begun(lab), lab.client("tess")
    stop = stopped(lab, number, client)
    assert "Bypass with a second person" in stop.text
    assert f'<a href="/training/{lab.id("tess")}">Training of' in stop.text
    assert sign(lab, client, stop).status_code == 303
    record = lab.record(number)
    entry = record.current(KEY)
    assert entry is not None
    assert (entry.recorded_by, entry.note, entry.happened_reason) == (lab.id("tess"), "In a hurry", None)
    (bypass,) = record.bypasses
    assert (bypass.requested_by, bypass.person_id, bypass.reason) == (lab.id("tess"), lab.id("vic"), WHY)
    assert record.signature(bypass.signature_id).meaning == "Bypass of a stop authorised as second person"
    found = {finding.rule: finding for finding in findings(record)}
    assert "training" not in found
    assert found["bypassed"].severity is Severity.EXCEPTION
    for part in ("Tess Tamm", "Vic Vermeer", WHY):
        assert part in found["bypassed"].sentence, part
    assert lab.id("vic") in record.participants()


def test_both_names_and_the_reason_stand_on_page_one_of_the_document(lab: Lab) -> None:
    number, client = begun(lab), lab.client("tess")
    sign(lab, client, stopped(lab, number, client))
    sealed = lab.decide(number, ON_HOLD, "To be talked over with the physician.")
    assert sealed.sha256, sealed.reason
    pdf = lab.client("ada").get(f"/batches/{number}/documents/1.pdf").data
    first = squeezed(text_of(pdf, last=1))
    assert squeezed("Bypassed by Tess Tamm, authorised by Vic Vermeer") in first
    assert letter_of("bypassed") == "B"


def test_without_the_masters_leave_the_page_says_that_there_is_none_and_none_is_taken(lab: Lab) -> None:
    number, client = begun(lab, bypass=""), lab.client("tess")
    stop = stopped(lab, number, client)
    assert "This process allows no bypass of this stop." in stop.text
    assert "bypass_reason" not in stop.text
    forced = {
        "bypass": "1", "bypass_reason": WHY, "bypass_username": "vic", "bypass_password": lab.cast["vic"].password,
    }  # fmt: skip
    page = client.get(f"/batches/{number}/steps/{KEY}")
    carried = {
        name: values[0] for form in _forms(page) for name, values in form.items() if "performed_by" in form
    }
    answer = client.post(f"/batches/{number}/steps/{KEY}", data=carried | typed(lab, number, KEY) | forced)
    assert answer.status_code == 403
    assert lab.record(number).bypasses == ()
    assert lab.record(number).current(KEY) is None


def _forms(page: TestResponse) -> list[dict[str, list[str]]]:
    return [form.values for form in forms_of(page.text) if form.method == "post"]


@pytest.mark.parametrize(
    ("by", "changes", "sentence"),
    [
        ("tess", {}, "Who performs or records a step cannot authorise"),
        ("ada", {}, "does not have the right"),
        ("vic", {"bypass_password": "not the password at all"}, "password"),
        ("vic", {"bypass_reason": "error"}, "Say what happened and why"),
        ("vic", {"bypass_reason": "bad \u202e"}, "invisible character"),
    ],
)
def test_who_cannot_authorise_it_is_told_and_everything_typed_stays(
    lab: Lab, by: str, changes: dict[str, str], sentence: str
) -> None:
    number, client = begun(lab), lab.client("tess")
    answer = sign(lab, client, stopped(lab, number, client), by, **changes)
    assert answer.status_code == 403
    assert sentence in answer.text
    assert changes.get("bypass_password", lab.cast[by].password) not in answer.text
    assert lab.record(number).current(KEY) is None
    assert lab.record(number).bypasses == ()
    if not changes:
        return
    assert sign(lab, client, answer).status_code == 303
    entry = lab.record(number).current(KEY)
    assert entry is not None
    assert entry.note == "In a hurry"


def test_a_stop_of_another_rule_is_never_bypassed(lab: Lab) -> None:
    number, client = begun(lab), lab.client("tess")
    stop = stopped(lab, number, client, container_code="BAG-8")
    assert "bypass_reason" not in stop.text
    assert set(BYPASSABLE) == {"equipment", "lot", "expired lot", "training"}


def test_a_step_that_the_process_does_not_have_is_bypassed_by_nobody(lab: Lab) -> None:
    number = lab.open_batch()
    stop = Stop("training", "Nobody is trained.", "Train somebody.")
    who = lab.id("tess")
    assert refusal(
        lambda: bypass_stops(
            lab.by("vic"), batch=lab.batch(number), step_key="dance", stops=(stop,), reason=WHY,
            requested_by=who, performed_by=who, proof=lab.proof("vic"),
        )
    ) == ("step",)  # fmt: skip


def test_a_bypass_is_for_these_stops_this_step_this_person_and_an_hour(lab: Lab) -> None:
    number, client = begun(lab), lab.client("tess")
    sign(lab, client, stopped(lab, number, client))
    record = lab.record(number)
    entry, (bypass,) = record.current(KEY), record.bypasses
    assert entry is not None
    (stop,) = stops_of(record, entry)
    assert bypass.stops == (BypassedStop(stop.rule, stop.sentence),)
    alone = replace(record, entries=tuple(item for item in record.entries if item != entry))
    assert bypass_of(alone, entry, stop) == bypass
    assert bypass_of(alone, entry, Stop("training", "Somebody else is not trained.", "")) is None
    assert bypass_of(alone, replace(entry, step_key="harvest"), stop) is None
    assert bypass_of(alone, replace(entry, recorded_by=lab.id("quentin")), stop) is None
    late = replace(entry, recorded_at=bypass.granted_at + LASTS + timedelta(seconds=1))
    assert bypass_of(alone, late, stop) is None


def test_a_correction_keeps_the_bypass_of_its_step(lab: Lab) -> None:
    number, client = begun(lab), lab.client("tess")
    sign(lab, client, stopped(lab, number, client))
    lab.clock.tick(120)
    lab.correct_step(number, KEY, note="Read again")
    rules = [finding.rule for finding in findings(lab.record(number))]
    assert "bypassed" in rules
    assert "training" not in rules


def test_a_lot_in_quarantine_is_bypassed_likewise(lab: Lab) -> None:
    process = lab.adopt(('key = "harvest"', 'key = "harvest"\nbypass = true'))
    number = lab.play("identity_harvest", lab.open_batch(process=process))
    receive_lot(lab.by("tess"), facts=LotFacts("ACD-A", "Maker", "A-1", "AC-778", Decimal(100), "mL"))
    client = lab.client("tess")
    given = typed(lab, number, "harvest")
    stop = client.submit(f"/batches/{number}/steps/harvest", given, having="performed_by")
    assert "Lot AC-778 of ACD-A is in quarantine." in stop.text
    assert sign(lab, client, stop).status_code == 303
    assert [bypass.step_key for bypass in lab.record(number).bypasses] == ["harvest"]
