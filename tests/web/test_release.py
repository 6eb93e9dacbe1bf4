"""Review, and the signed acts on a whole batch, through their pages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from werkzeug.test import TestResponse

from labrecords.actions import issuing, people
from labrecords.actions.accounts import accept_invitation
from labrecords.documents.issue import IssueFailed
from labrecords.domain.results.expiry import use_before
from labrecords.domain.review.decisions import ON_HOLD, REJECTED, RELEASED, standing_decision
from labrecords.domain.status import Status, status
from tests.support.clean import REVIEWED
from tests.support.lab import Lab
from tests.support.pages import forms_of
from tests.support.printed import text_of
from tests.support.reading import links, notices, words
from tests.support.story import number_of

REASON = "The second label of the sample is missing."


def sign(lab: Lab, url: str, by: str, **changes: str) -> TestResponse:
    """Open a page of a signature as this person and sign it with the own password, with changes."""
    fields = {"username": by, "password": lab.cast[by].password, **changes}
    return lab.client(by).submit(url, fields, having="password")


def events(lab: Lab, number: str) -> int:
    return lab.record(number).head.seq


@pytest.fixture
def failing() -> Iterator[pytest.MonkeyPatch]:
    """Sealing fails; undo it to let it work again."""

    def fail(*_: Any) -> Any:
        raise IssueFailed("The seal could not be verified.")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(issuing, "issue", fail)
        yield patch


# ---- review ----------------------------------------------------------------------------------------------------


def test_a_clean_batch_can_be_released_from_its_review(lab: Lab) -> None:
    number = lab.play(REVIEWED)
    page = lab.client("quentin").get(f"/batches/{number}/review")
    assert "Nothing in the record stands in the way of release" in words(page)
    assert f"/batches/{number}/sign/released" in links(page)
    assert "Every confirmation is given (met)" in words(page, "release-why")


def test_the_review_lists_every_reason_and_its_button_is_disabled(lab: Lab) -> None:
    number = lab.play("resuspension")
    page = lab.client("quentin").get(f"/batches/{number}/review")
    why = words(page, "release-why")
    assert f"Step {number_of('count_after')}, count the cells of the product: not recorded." in why
    assert "Viability has no result." in why
    assert f"/batches/{number}/sign/released" not in links(page)
    assert re.search(r'<button class="btn go big wide" disabled aria-describedby="release-why">', page.text)
    assert f"/batches/{number}/sign/rejected" in links(page), "a batch can be rejected before it is complete"


def test_the_review_puts_corrections_and_late_entries_first(lab: Lab) -> None:
    number = lab.play("sample_after")
    lab.clock.tick(40)
    done = lab.clock() - timedelta(minutes=31)
    why = "The computer was updated."
    lab.record_step(number, "count_after", performed_at=done, late_reason=why, live=150, dead=50)
    lab.correct_step(
        number, "count_after", "The two sheets were exchanged.", live=160, dead=40, late_reason=None
    )
    lab.confirm_all(number, "count_after")
    page = lab.client("quentin").get(f"/batches/{number}/review")
    assert words(page).index("Corrections and late entries") < words(page).index(
        "Results against specification"
    )
    rows = words(page, "corrections").split("Results against")[0]
    assert "was 150 is now 160 The two sheets were exchanged. Tess Tamm" in rows
    assert "LATE ENTRY 31 min" in rows
    assert "The computer was updated." in rows
    assert "1 corrected, 1 late" in words(page)


def test_the_review_judges_each_result_and_prints_the_rule_of_rounding(lab: Lab) -> None:
    number = lab.play("sample_after")
    lab.clock.tick(5)
    lab.record_step(number, "count_after", live=60, dead=40)
    lab.confirm_all(number, "count_after")
    results = words(lab.client("quentin").get(f"/batches/{number}/review"), "results")
    assert "60.0 %" in results
    assert "Out of limits" in results
    assert (
        "rounded half-up to 0 decimals, then compared with 70 to 100 % and alert limit at least 80 %"
        in results
    )


def test_who_took_part_reads_that_somebody_else_decides(lab: Lab) -> None:
    number = lab.open_batch(by="quentin")
    lab.play(REVIEWED, number=number)
    page = lab.client("quentin").get(f"/batches/{number}/review")
    assert "You took part in this batch." in words(page, "release-why")
    assert not [link for link in links(page) if "/sign/" in link]


@pytest.mark.parametrize("username", ["tess", "vic", "paula", "ada", "ivan"])
def test_only_quality_assurance_reviews(lab: Lab, username: str) -> None:
    number = lab.play("order")
    for path in ("review", "sign/released", "sign/rejected", "sign/on-hold"):
        assert lab.client(username).get(f"/batches/{number}/{path}").status_code == 403


# ---- decisions -------------------------------------------------------------------------------------------------


def test_the_dialog_says_what_is_signed_with_which_meaning_and_what_is_open(lab: Lab) -> None:
    number = lab.play(REVIEWED)
    page = lab.client("quentin").get(f"/batches/{number}/sign/released")
    text, head = words(page), lab.record(number).head
    assert f"Release {number}" in text
    assert f"event {head.seq}" in text
    assert f"digest {head.digest[:4]} {head.digest[4:8]}" in text
    assert "Your signature means: Reviewed, and approved for release" in text
    assert "1 exception Spin the plasma and buffy coat again: not done." in text
    assert "Prints as Quentin Quist" in text


@pytest.mark.parametrize(
    ("slug", "decision", "becomes"),
    [
        ("released", RELEASED, Status.RELEASED),
        ("rejected", REJECTED, Status.REJECTED),
        ("on-hold", ON_HOLD, Status.ON_HOLD),
    ],
)
def test_a_decision_is_signed_and_its_document_sealed(
    lab: Lab, slug: str, decision: str, becomes: Status
) -> None:
    number = lab.play(REVIEWED)
    fields = {} if slug == "released" else {"reason": REASON}
    answer = sign(lab, f"/batches/{number}/sign/{slug}", "quentin", **fields)
    assert answer.status_code == 303
    record = lab.record(number)
    standing = standing_decision(record)
    assert status(record) is becomes
    assert standing is not None
    assert (standing.decision, standing.reason) == (decision, fields.get("reason", ""))
    assert standing.person_id == lab.id("quentin")


def test_the_next_page_says_that_the_document_is_sealed(lab: Lab) -> None:
    number, client = lab.play(REVIEWED), lab.client("quentin")
    fields = {"username": "quentin", "password": lab.cast["quentin"].password}
    answer = client.submit(f"/batches/{number}/sign/released", fields, having="password")
    page = client.get(answer.headers["Location"])
    assert notices(page) == [f"{number} is released. Document version 1 is sealed and verified."]
    assert f"/batches/{number}/documents/1.pdf" in links(page)


def test_the_same_form_sent_twice_signs_and_seals_once(lab: Lab) -> None:
    number, client = lab.play(REVIEWED), lab.client("quentin")
    url = f"/batches/{number}/sign/released"
    fields = {"username": "quentin", "password": lab.cast["quentin"].password}
    page = client.get(url)
    for _ in range(2):
        answer = client.submit(url, fields, having="password", response=page)
        assert answer.headers["Location"] == f"/batches/{number}"
    record = lab.record(number)
    assert (len(record.decisions), len(record.issues), len(record.issue_ends)) == (1, 1, 1)
    assert f"{number} is released. Its document is sealed." in notices(client.get(f"/batches/{number}"))


def test_a_wrong_password_signs_nothing_and_keeps_the_reason(lab: Lab) -> None:
    number = lab.play(REVIEWED)
    before = events(lab, number)
    page = sign(lab, f"/batches/{number}/sign/on-hold", "quentin", password="not my password", reason=REASON)
    assert page.status_code == 400
    assert "Nothing was signed." in words(page)
    assert "Username or password is not right." in words(page)
    form = next(form for form in forms_of(page.text) if "reason" in form.names)
    assert form.values["reason"] == [REASON]
    assert form.values["username"] == ["quentin"]
    assert form.values.get("password", [""]) == [""]
    assert events(lab, number) == before


@pytest.mark.parametrize("reason", ["", "error", "x" * 501, "the \u202e label"])
def test_a_decision_against_the_product_needs_a_reason_that_says_something(lab: Lab, reason: str) -> None:
    number = lab.play(REVIEWED)
    page = sign(lab, f"/batches/{number}/sign/rejected", "quentin", reason=reason)
    assert page.status_code == 400
    assert lab.record(number).decisions == ()
    assert 'id="reason-error"' in page.text


def test_a_signer_who_took_part_reads_every_reason_and_keeps_what_was_typed(lab: Lab) -> None:
    number = lab.open_batch(by="quentin")
    lab.play("sample_after", number=number)
    page = sign(lab, f"/batches/{number}/sign/on-hold", "quentin", reason=REASON)
    assert page.status_code == 403
    assert "You took part in this batch." in words(page)
    assert REASON in unescape(page.text)
    assert lab.record(number).decisions == ()


def test_what_nobody_can_sign_offers_no_form(lab: Lab) -> None:
    number = lab.play("sample_after")
    page = lab.client("quentin").get(f"/batches/{number}/sign/released")
    assert "Nobody can sign this now" in words(page)
    assert f"Step {number_of('count_after')}, count the cells of the product: not recorded." in words(page)
    assert 'type="password"' not in page.text


def test_a_product_that_expires_while_the_page_is_open_is_not_released(lab: Lab) -> None:
    number = lab.play(REVIEWED)
    limit = use_before(lab.record(number))
    assert limit is not None
    lab.clock.set(limit.until - timedelta(minutes=5))
    client, url = lab.client("quentin"), f"/batches/{number}/sign/released"
    page = client.get(url)
    lab.clock.tick(10)
    fields = {"username": "quentin", "password": lab.cast["quentin"].password}
    answer = client.submit(url, fields, having="password", response=page)
    assert answer.status_code == 403
    assert "The product has expired." in words(answer)
    assert lab.record(number).decisions == ()


def test_a_record_that_moved_on_is_shown_with_what_came_before_it_can_be_signed(lab: Lab) -> None:
    number, client = lab.play(REVIEWED), lab.client("quentin")
    url = f"/batches/{number}/sign/on-hold"
    fields = {"username": "quentin", "password": lab.cast["quentin"].password, "reason": REASON}
    page = client.get(url)
    lab.correct_step(number, "count_after", "The two counts were exchanged.", live=180, dead=20)
    stale = client.submit(url, fields, having="password", response=page)
    assert stale.status_code == 409
    assert "The record has moved on since your page was shown. Nothing was signed." in words(stale)
    assert f"Tess Tamm : Corrected: step {number_of('count_after')}, count the cells of the product" in words(
        stale
    )
    assert REASON in unescape(stale.text)
    assert lab.record(number).decisions == ()
    assert client.submit(url, fields, having="password", response=stale).status_code == 303


def test_a_colleague_signs_on_a_shared_screen_and_the_signature_is_theirs(lab: Lab) -> None:
    added = people.add_person(
        lab.by("ivan"), username="petra", name="Petra Pohl", roles=("quality assurance",)
    )
    lab.identified(added["person_id"])
    password = "fourteen grey herons at dawn"
    accept_invitation(lab.system, secret=added["secret"], password=password)
    number = lab.play(REVIEWED, number=lab.open_batch())
    page = sign(
        lab, f"/batches/{number}/sign/on-hold", "quentin", username="petra", password=password, reason=REASON
    )
    assert page.status_code == 403
    assert "You have not yet accepted that electronic signatures bind." in words(page)
    assert "/account" in links(page)


def test_somebody_without_the_right_cannot_sign_on_the_screen_of_somebody_who_has_it(lab: Lab) -> None:
    number = lab.play(REVIEWED)
    tess = {"username": "tess", "password": lab.cast["tess"].password}
    page = sign(lab, f"/batches/{number}/sign/on-hold", "quentin", reason=REASON, **tess)
    assert page.status_code == 403
    assert "does not have the right: review a batch" in words(page)
    assert lab.record(number).decisions == ()


@pytest.mark.parametrize("path", ["sign/undecided", "sign/Released", "sign/on hold"])
def test_there_are_three_decisions(lab: Lab, path: str) -> None:
    number = lab.open_batch()
    assert lab.client("quentin").get(f"/batches/{number}/{path}").status_code == 404


@pytest.mark.parametrize("seen", ["", "-1", "many", "\u0661"])
def test_a_form_without_the_version_it_was_made_for_signs_nothing(lab: Lab, seen: str) -> None:
    number = lab.play(REVIEWED)
    assert sign(lab, f"/batches/{number}/sign/released", "quentin", seen=seen).status_code == 400
    assert lab.record(number).decisions == ()


def test_a_form_without_its_token_signs_nothing(lab: Lab) -> None:
    number = lab.play(REVIEWED)
    fields = {
        "username": "quentin",
        "password": lab.cast["quentin"].password,
        "seen": str(events(lab, number)),
    }
    answer = lab.client("quentin").post(f"/batches/{number}/sign/released", data=fields)
    assert answer.status_code == 400
    assert lab.record(number).decisions == ()


# ---- sealing fails ---------------------------------------------------------------------------------------------


def test_a_failed_sealing_is_said_with_its_reason_and_nothing_stands(
    lab: Lab, failing: pytest.MonkeyPatch
) -> None:
    number, client = lab.play(REVIEWED), lab.client("quentin")
    fields = {"username": "quentin", "password": lab.cast["quentin"].password}
    client.submit(f"/batches/{number}/sign/released", fields, having="password")
    page = client.get(f"/batches/{number}")
    assert "nothing stands yet. The seal could not be verified." in notices(page)[0]
    assert status(lab.record(number)) is Status.SEALING_FAILED
    assert f"/batches/{number}/seal-again" in links(page)
    assert number in words(client.get("/"), "failed")


def test_sealing_is_tried_again_by_signature(lab: Lab, failing: pytest.MonkeyPatch) -> None:
    number = lab.play(REVIEWED)
    lab.decide(number)
    url = f"/batches/{number}/seal-again"
    sign(lab, url, "quentin")
    assert status(lab.record(number)) is Status.SEALING_FAILED
    failing.undo()
    assert sign(lab, url, "quentin").status_code == 303
    assert status(lab.record(number)) is Status.RELEASED
    meanings = [signature.meaning for signature in lab.record(number).signatures]
    assert meanings.count("Sealing of the document tried again") == 2


def test_an_unsealed_document_is_withdrawn_and_the_batch_is_under_review_again(
    lab: Lab, failing: pytest.MonkeyPatch
) -> None:
    number = lab.play(REVIEWED)
    lab.decide(number)
    answer = sign(lab, f"/batches/{number}/withdraw", "quentin", reason="The key is replaced first.")
    assert answer.status_code == 303
    record = lab.record(number)
    assert status(record) is Status.UNDER_REVIEW
    assert record.issue_ends[-1].reason == "The key is replaced first."


@pytest.mark.parametrize("path", ["seal-again", "withdraw"])
def test_nothing_is_sealed_again_where_nothing_failed(lab: Lab, path: str) -> None:
    number = lab.play(REVIEWED)
    page = lab.client("quentin").get(f"/batches/{number}/{path}")
    assert "No document of this batch waits for its seal." in words(page)
    assert 'type="password"' not in page.text


# ---- closing and voiding ---------------------------------------------------------------------------------------


def test_the_physician_closes_the_administration(lab: Lab) -> None:
    number = lab.play("residual")
    assert sign(lab, f"/batches/{number}/close", "paula").status_code == 303
    record = lab.record(number)
    assert status(record) is Status.CLOSED
    assert record.issues[-1].version == 2


def test_a_product_that_was_not_injected_is_closed_as_such(lab: Lab) -> None:
    number = lab.play("released")
    for key in ("handover_theatre", "bedside", "injection"):
        lab.leave_out(number, key, "The patient fell ill before the injection.")
    assert "Not administered" in lab.client("paula").get(f"/batches/{number}").text
    lab.record_step(number, "residual", volume_ml=Decimal("7.50"), fate="destroyed")
    lab.confirm_all(number, "residual")
    assert f"/batches/{number}/close" in links(lab.client("paula").get("/"))
    page = lab.client("paula").get(f"/batches/{number}/close")
    assert "Not administered, as recorded" in words(page)
    assert sign(lab, f"/batches/{number}/close", "paula").status_code == 303
    assert status(lab.record(number)) is Status.CLOSED
    printed = text_of(lab.client("ada").get(f"/batches/{number}/documents/2.pdf").data)
    assert "NOT ADMINISTERED" in printed
    assert "Not administered, as recorded" in printed


def test_going_back_and_changing_a_sent_form_is_another_act(lab: Lab) -> None:
    number, client = lab.play(REVIEWED), lab.client("quentin")
    url = f"/batches/{number}/sign/on-hold"
    page = client.get(url)
    fields = {"username": "quentin", "password": lab.cast["quentin"].password, "reason": REASON}
    assert client.submit(url, fields, having="password", response=page).status_code == 303
    changed = client.submit(url, fields | {"reason": REASON + " And more."}, having="password", response=page)
    assert changed.status_code == 409
    assert [decision.reason for decision in lab.record(number).decisions] == [REASON]


def test_an_administration_with_a_step_missing_cannot_be_closed(lab: Lab) -> None:
    number = lab.play("injection")
    page = lab.client("paula").get(f"/batches/{number}/close")
    assert f"Step {number_of('residual')}, account for what was left: not recorded." in words(page)
    assert 'type="password"' not in page.text


@pytest.mark.parametrize("username", ["tess", "vic", "quentin", "ada", "ivan"])
def test_only_the_physician_closes(lab: Lab, username: str) -> None:
    number = lab.open_batch()
    assert lab.client(username).get(f"/batches/{number}/close").status_code == 403


def test_a_batch_opened_by_mistake_is_voided_and_keeps_its_number(lab: Lab) -> None:
    number = lab.open_batch()
    assert (
        sign(lab, f"/batches/{number}/void", "tess", reason="Opened twice for one order.").status_code == 303
    )
    assert status(lab.record(number)) is Status.VOIDED
    assert lab.open_batch() != number


def test_a_batch_with_work_in_it_is_not_voided(lab: Lab) -> None:
    number = lab.play("harvest")
    page = lab.client("tess").get(f"/batches/{number}/void")
    assert "Work on this batch has been recorded." in words(page)
    assert 'type="password"' not in page.text
