"""Tests on the pages: reported, read, set aside, listed as due, alarming, and signed at the end."""

from __future__ import annotations

from labrecords.domain.review.decisions import CONFORM
from labrecords.domain.status import Status, status
from tests.support import qc
from tests.support.lab import Lab
from tests.support.printed import text_of
from tests.support.reading import links, words
from tests.support.typed import typed

FORM = "performed_by"


def url(number: str, more: str = "", key: str = "sterility") -> str:
    return f"/batches/{number}/steps/{key}{more}"


def test_a_running_test_is_reported_on_its_page_with_what_was_stated_before(lab: Lab) -> None:
    number = qc.sampled(lab)
    lab.clock.tick(3 * qc.DAY)
    tess = lab.client("tess")
    page = tess.get(url(number))
    assert [link for link in links(page) if "/report" in link] == [
        url(number, f"/report?as={state}") for state in ("running", "preliminary", "final")
    ]
    form = tess.get(url(number, "/report?as=preliminary"))
    assert "This is the next report." in words(form)
    assert "Reported at" in words(form)
    answer = tess.submit(
        url(number, "/report?as=preliminary"),
        {"growth": "no", "reads-0-day": "3", "reads-0-growth": "no"},
        having=FORM,
    )
    assert answer.status_code == 303, words(answer)
    entry = lab.record(number).current("sterility")
    assert entry is not None
    assert (entry.follows_as, entry.summary(lab.record(number))) == (
        "reported",
        "preliminary: no growth up to day 3",
    )
    page = tess.get(url(number))
    assert "Report 1" in words(page)
    assert "<del>" not in page.text
    assert "Correct" in words(page)


def test_what_cannot_be_reported_is_asked_back_at_its_entry(lab: Lab) -> None:
    number = qc.sampled(lab)
    lab.clock.tick(5 * qc.DAY)
    tess = lab.client("tess")
    answer = tess.submit(url(number, "/report?as=final"), {"growth": "no", "method": "QC-010"}, having=FORM)
    assert answer.status_code == 400
    assert "A final report states it: test finished at." in answer.text
    finished = {"finished_at": f"{lab.clock.now:%Y-%m-%d %H:%M}+00:00", "blank_reason": "not applicable"}
    answer = tess.submit(
        url(number, "/report?as=final"), {"growth": "no", "method": "QC-010"} | finished, having=FORM
    )
    assert "no growth before they are over is a preliminary result" in answer.text
    answer = tess.submit(
        url(number, "/report?as=final"), {"growth": "yes", "method": "QC-010"} | finished, having=FORM
    )
    assert answer.status_code == 400
    assert "To change it, correct the report" in answer.text


def test_a_final_test_offers_no_report_and_shows_the_limit_of_the_hour(lab: Lab) -> None:
    number, tess = qc.sampled(lab), lab.client("tess")
    computed = words(tess.get(url(number, key="endotoxin")), "computed")
    assert "Endotoxin limit for all sites of one hour together 3.500 EU/mL" in computed
    assert "0.500 EU/mL is within the limit: at most 3.500 EU/mL" in computed
    assert "endotoxin-limit/1" in computed
    assert not [link for link in links(tess.get(url(number, key="gram"))) if "/report" in link]
    assert tess.get(url(number, "/report", key="gram")).status_code == 303


def test_quality_assurance_sets_a_result_aside_with_a_signature(lab: Lab) -> None:
    number = qc.sampled(lab)
    assert lab.client("tess").get(url(number, "/invalidate", key="gram")).status_code == 403
    client = lab.client("quentin")
    assert url(number, "/invalidate", key="gram") in links(client.get(url(number, key="gram")))
    sent = {"password": lab.cast["quentin"].password, "reason": "The control slide was mixed up."}
    answer = client.submit(url(number, "/invalidate", key="gram"), sent, having="reason")
    assert answer.status_code == 303, words(answer)
    page = words(client.get(url(number, key="gram")))
    assert "invalidated" in page
    assert "The control slide was mixed up." in page


def test_the_batch_lists_its_tests_apart_from_its_steps(lab: Lab) -> None:
    number = qc.injected(lab)
    page = lab.client("tess").get(f"/batches/{number}")
    tests = words(page, "tests")
    assert "Sterility of the product may come after release Running" in tests
    assert "The test is running; it has no result." in tests
    assert "Gram stain of the product before release Final" in tests
    assert "Administered, late tests pending" in page.text


def test_results_that_are_due_stand_on_the_start_page_of_quality_assurance(lab: Lab) -> None:
    number = qc.injected(lab)
    client = lab.client("quentin")
    assert number in words(client.get("/"), "due").split("Final disposition")[0]
    assert "Overdue" not in words(client.get("/"), "due").split("Final disposition")[0]
    lab.clock.tick(15 * qc.DAY)
    assert "Overdue" in words(lab.client("quentin").get("/"), "due").split("Final disposition")[0]


def test_a_late_failure_stands_on_the_start_pages_until_the_disposition_is_signed(lab: Lab) -> None:
    number = qc.injected(lab)
    assert lab.close_administration(number).sha256
    qc.grown(lab, number)
    for name in ("quentin", "paula"):
        page = words(lab.client(name).get("/"), "alarms")
        assert "late test failed after injection: growth, Cutibacterium acnes." in page
        assert number in page
    client = lab.client("quentin")
    sign = f"/batches/{number}/disposition/does-not-conform"
    assert sign in links(client.get(f"/batches/{number}"))
    sent = {
        "password": lab.cast["quentin"].password,
        "reason": "Growth in both bottles, the physician knows.",
    }
    answer = client.submit(sign, sent, having="reason")
    assert answer.status_code == 303, words(answer)
    # The physician has not said yet that the word has come.
    assert 'id="alarms"' in lab.client("paula").get("/").text
    assert status(lab.record(number)) is Status.CLOSED
    number_of_document = lab.record(number).issues[-1].version
    printed = text_of(client.get(f"/batches/{number}/documents/{number_of_document}.pdf").data)
    assert "CRITICAL. Sterility of the product: late test failed after injection" in printed
    assert "FINAL DISPOSITION: DOES NOT CONFORM" in printed
    assert "Growth in both bottles, the physician knows." in printed.partition("Late results, as of")[2]
    assert "TESTFAILED" in printed.replace("\n", ""), "the watermark is turned, letter by letter"


def test_a_disposition_waits_for_the_results_and_is_then_on_the_start_page(lab: Lab) -> None:
    number = qc.injected(lab)
    assert lab.close_administration(number).sha256
    client = lab.client("quentin")
    assert not [link for link in links(client.get(f"/batches/{number}")) if "disposition" in link]
    assert "no valid final result" in words(client.get(f"/batches/{number}/disposition/conforms"))
    qc.clean(lab, number)
    client = lab.client("quentin")
    assert number in words(client.get("/"), "dispositions")
    assert client.get(f"/batches/{number}/disposition/fine").status_code == 404
    sent = {"password": lab.cast["quentin"].password}
    answer = client.submit(f"/batches/{number}/disposition/conforms", sent, having="password")
    assert answer.status_code == 303, words(answer)
    assert lab.record(number).decisions[-1].decision == CONFORM
    assert number not in words(lab.client("quentin").get("/"), "dispositions")


def test_a_release_with_open_tests_is_printed_as_conditional(lab: Lab) -> None:
    number = qc.sampled(lab)
    assert lab.decide(number).sha256
    printed = text_of(lab.client("ada").get(f"/batches/{number}/documents/1.pdf").data)
    assert "RELEASED, LATE TESTS PENDING" in printed
    assert "CONDITIONAL" in printed.replace("\n", ""), "the watermark is turned, letter by letter"
    assert "Late tests pending: sterility of the product (running, expected by" in printed


def test_a_release_with_open_tests_is_signed_with_the_meaning_that_the_dialog_says(lab: Lab) -> None:
    number = qc.sampled(lab)
    client = lab.client("quentin")
    review = words(client.get(f"/batches/{number}/review"), "decision")
    assert "The release is conditional." in review
    assert "Sterility of the product: running, expected by 2026-12-07" in review
    dialog = words(client.get(f"/batches/{number}/sign/released"))
    assert "Test still open Sterility of the product: running" in dialog
    assert lab.decide(number).sha256
    (signature,) = [item for item in lab.record(number).signatures if item.name == "Quentin Quist"]
    assert "late tests are pending" in signature.meaning
    assert f"Your signature means: {signature.meaning}" in dialog


def test_a_test_form_of_the_story_is_accepted_as_typed(lab: Lab) -> None:
    number = qc.by_filtration(lab)
    qc.recorded(lab, number, *(step.key for step in lab.record(number).process.phase("processing")))
    lab.clock.tick(2)
    sent = typed(lab, number, "sterility")
    answer = lab.client("tess").submit(url(number), sent, having=FORM)
    assert answer.status_code == 303, words(answer)
