"""The list of batches, opening one, and the page of one batch."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from labrecords.actions import masters
from labrecords.actions.batches import void_batch
from labrecords.domain.entries import GIVEN
from labrecords.domain.values import codes
from labrecords.domain.values.times import to_text
from labrecords.models import lists
from labrecords.web.batches.kept import MOST, KeptRecords
from tests.support import story
from tests.support.clean import REVIEWED
from tests.support.lab import Lab
from tests.support.reading import links, notices, words
from tests.support.scanning import scanned
from tests.support.story import number_of

STEPS = len(story.PARTS)

# ---- the list --------------------------------------------------------------------------------------------------


def test_the_list_says_when_there_is_nothing_and_what_was_searched(lab: Lab) -> None:
    assert "No batch has been opened here yet" in words(lab.client("ada").get("/batches"))
    found = lab.client("ada").get("/batches?q=P-9")
    assert "0 batches found" in words(found)
    assert "Number, patient code and chain-of-identity code of every batch were searched" in words(found)


@pytest.mark.parametrize(
    "typed", ["P-2048", "p-2048", "2048", "p 20 48", "7QX4M2KD9RTV", "7qx4-m2kd", "-0001"]
)
def test_a_batch_is_found_by_parts_of_its_codes_however_they_are_written(lab: Lab, typed: str) -> None:
    number = lab.open_batch(identity_code="7QX4-M2KD-9RTV")
    lab.open_batch(patient="P-7777")
    found = words(lab.client("ada").get("/batches", query_string={"q": typed}))
    assert "1 batch found" in found
    assert number in found


def test_the_list_is_filtered_by_day_person_and_product_and_says_how_codes_were_found(lab: Lab) -> None:
    number = lab.play("order")
    client, day = lab.client("ada"), lab.clock.now.date().isoformat()
    product = lab.record(number).process.product
    given = {"who": lab.id("paula"), "begins": day, "ends": day, "product": product}
    assert "1 batch found" in words(client.get("/batches", query_string=given))
    assert "0 batches found" in words(client.get("/batches", query_string=given | {"begins": "2031-01-01"}))
    assert "0 batches found" in words(client.get("/batches", query_string=given | {"who": lab.id("ivan")}))
    asked = words(client.get("/batches?begins=yesterday"))
    assert "Type the day as 2026-11-23." in asked
    assert "0 batches found" in asked
    page = client.get("/batches?q=krk")
    assert "With a code that begins so" in words(page)
    inside = client.get(next(link for link in links(page) if "anywhere=1" in link))
    assert "1 batch found" in words(inside)
    assert "With a code that begins so" not in words(inside)


@pytest.mark.parametrize(
    "typed", ["%", "_", "' OR 1=1 --", "{{ 7*7 }}", "<script>", "\u202e", "\u0663", "9" * 10_000]
)
def test_hostile_searches_find_nothing_and_are_shown_as_typed(lab: Lab, typed: str) -> None:
    lab.open_batch()
    page = lab.client("ada").get("/batches", query_string={"q": typed})
    assert page.status_code == 200
    assert "0 batches found" in words(page)
    assert "<script>" not in page.text


def test_the_list_is_filtered_by_status(lab: Lab) -> None:
    number = lab.play("order")
    lab.open_batch(patient="P-2")
    page = lab.client("ada").get("/batches?status=in+process")
    assert "1 batch found" in words(page)
    assert number in words(page)


@pytest.mark.parametrize(
    "query", ["status=nonsense", "before=nonsense", "before=2026-11-23T07:00:00.000000Z/x", "q=a&q=b"]
)
def test_a_query_that_cannot_be_meant_is_refused(lab: Lab, query: str) -> None:
    assert lab.client("ada").get(f"/batches?{query}").status_code == 400


def test_the_list_pages_by_key_and_meets_every_batch_once(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lists.list_batches, "__defaults__", (3,))
    numbers = []
    for patient in range(7):
        lab.clock.tick()
        numbers.append(lab.open_batch(patient=f"P-{patient}"))
    client, url, seen = lab.client("ada"), "/batches", []
    while url:
        page = client.get(url)
        seen += [number for number in reversed(numbers) if f"/batches/{number}" in links(page)]
        url = next((link for link in links(page) if "before=" in link), "")
    assert seen == list(reversed(numbers))


def test_the_count_is_capped(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lists, "COUNTED_TO", 2)
    monkeypatch.setattr("labrecords.web.batches.pages.COUNTED_TO", 2)
    for patient in range(4):
        lab.open_batch(patient=f"P-{patient}")
    assert "2+ batches" in words(lab.client("ada").get("/batches"))


# ---- opening ---------------------------------------------------------------------------------------------------


def new_batch(lab: Lab) -> dict[str, str]:
    """What is chosen and typed to open a batch."""
    return {"definition": lab.master().digest, "patient_code": "P-9"}


def test_which_process_it_is_must_be_chosen(lab: Lab) -> None:
    page = lab.client("tess").submit("/batches/new", {"patient_code": "P-9"}, having="patient_code")
    assert page.status_code == 400
    assert "Choose one of the processes." in words(page)


def test_without_an_effective_master_the_page_says_where_to_go(lab: Lab) -> None:
    for master in lab.masters():
        masters.retire_master(
            lab.by("quentin"),
            digest=master.digest,
            reason="All are written anew.",
            proof=lab.proof("quentin"),
        )
    page = lab.client("tess").get("/batches/new")
    assert "No master record is effective today, so no batch can be opened." in words(page)
    assert 'href="/masters"' in page.text
    assert 'name="patient_code"' not in page.text


def test_a_batch_is_opened_with_a_random_chain_of_identity(lab: Lab) -> None:
    answer = lab.client("tess").submit("/batches/new", new_batch(lab), having="patient_code")
    assert answer.status_code == 303
    record = lab.record(answer.headers["Location"].removeprefix("/batches/"))
    assert record.batch.patient_code == "P-9"
    assert codes.is_valid(record.batch.identity_code)


def test_a_batch_is_opened_with_the_code_that_stands_on_the_labels(lab: Lab) -> None:
    client = lab.client("tess")
    answer = client.submit(
        "/batches/new",
        new_batch(lab) | {"identity_code": " DIN A9999 26 000123 "},
        having="patient_code",
    )
    page = client.get(answer.headers["Location"])
    assert "DIN A9999 26 000123" in words(page)
    assert notices(page) == ["KRK-26-0001 is open."]


def test_the_same_form_sent_twice_opens_one_batch(lab: Lab) -> None:
    client = lab.client("tess")
    page = client.get("/batches/new")
    first = client.submit("/batches/new", new_batch(lab), having="patient_code", response=page)
    second = client.submit("/batches/new", new_batch(lab), having="patient_code", response=page)
    assert first.headers["Location"] == second.headers["Location"]
    assert "1 batch" in words(client.get("/batches"))


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"patient_code": ""}, "Enter the patient's code, not the name."),
        ({"patient_code": " - "}, "Enter the patient's code."),
        ({"patient_code": "P" * 61}, "This is too long"),
        ({"patient_code": "P-\u202e9"}, "invisible character"),
        ({"patient_code": "P-9\x00"}, "not text"),
        ({"patient_code": "P-9", "identity_code": "X" * 61}, "This is too long"),
        ({"patient_code": "P-9", "definition": "0" * 64}, "Choose one of the processes."),
    ],
)
def test_what_cannot_be_a_code_is_asked_back_and_stays_typed(
    lab: Lab, fields: dict[str, str], sentence: str
) -> None:
    page = lab.client("tess").submit("/batches/new", new_batch(lab) | fields, having="patient_code")
    assert page.status_code == 400
    assert sentence in words(page)
    assert "No batch was opened." in words(page)
    assert "No batch has been opened here yet" in words(lab.client("tess").get("/batches"))


@pytest.mark.parametrize("username", ["vic", "paula", "ada", "ivan"])
def test_who_may_not_open_a_batch_is_refused(lab: Lab, username: str) -> None:
    assert lab.client(username).get("/batches/new").status_code == 403


# ---- the page --------------------------------------------------------------------------------------------------


def test_a_batch_that_does_not_exist_is_not_found(lab: Lab) -> None:
    assert lab.client("ada").get("/batches/KRK-26-0001").status_code == 404


def test_a_new_batch_shows_what_is_left_and_calls_nothing_in_order(lab: Lab) -> None:
    number = lab.open_batch()
    page = lab.client("tess").get(f"/batches/{number}")
    left = words(page, "left")
    assert f"{number_of(REVIEWED) - len(story.NOT_DONE)} required steps are not recorded yet." in left
    assert "(met)" not in left, "a blank is never a pass"
    assert f"/batches/{number}/steps/order" in links(page)
    assert "custody begins with the harvest" in words(page)


def test_the_page_of_a_complete_batch_shows_every_part(lab: Lab) -> None:
    number = lab.play("closed")
    page = lab.client("ada").get(f"/batches/{number}")
    text = words(page)
    assert f"{STEPS} of {STEPS} answered" in text
    assert "No gap" in words(page, "custody")
    assert "93.0 %" in words(page, "results")
    assert "within the limit" in words(page, "results")
    assert "Version 2 , administration closed" in words(page, "documents")
    assert "superseded" in words(page, "documents")
    assert "Signed: released, Quentin Quist" in text.replace(" ,", ",")
    assert f"/batches/{number}/documents/2.pdf" in links(page)
    assert 'aria-label="Batch in hand" data-clock' not in page.text, (
        "the clock of a product that was used stands still"
    )


def test_the_gravest_findings_stand_in_a_banner(lab: Lab) -> None:
    number = lab.play("handover_laboratory")
    lab.clock.tick(2)
    lab.record_step(
        number,
        "receipt",
        temperature_c=Decimal("31.0"),
        confirmed={"temperature_c": "The box stood in the sun."},
    )
    text = words(lab.client("ada").get(f"/batches/{number}"))
    assert "1 grave finding." in text
    assert "31.0 °C" in text


def test_a_gap_in_custody_is_named_with_its_minutes(lab: Lab) -> None:
    number = lab.play("harvest")
    lab.clock.tick(12)
    given = lab.clock() - timedelta(minutes=9)
    lab.record_step(number, "handover_laboratory", given_at=given)
    page = lab.client("ada").get(f"/batches/{number}")
    assert "gap 9 min" in words(page, "custody")
    assert "Nobody held the material for 9 min." in words(page)


def test_a_correction_shows_the_old_value_struck_and_the_new_one(lab: Lab) -> None:
    number = lab.play("receipt")
    lab.clock.tick(1)
    lab.correct_step(number, "receipt", "The scale was read upside down.", volume_ml=Decimal("59.0"))
    page = lab.client("ada").get(f"/batches/{number}")
    assert "<del>60.0\u00a0mL</del>" in page.text
    assert "<ins>59.0\u00a0mL</ins>" in page.text
    assert "The scale was read upside down." in words(page, "exceptions")
    assert "1 corrected" in words(page, "steps")


def test_the_page_asks_for_the_signature_that_only_this_person_can_give(lab: Lab) -> None:
    number = lab.play("harvest")
    lab.clock.tick(2)
    lab.record_step(number, "handover_laboratory")
    asked = "Confirm that you gave it"
    assert asked in words(lab.client("paula").get(f"/batches/{number}"))
    assert asked not in words(lab.client("vic").get(f"/batches/{number}"))
    lab.confirm(number, "handover_laboratory", "paula", GIVEN)
    assert asked not in words(lab.client("paula").get(f"/batches/{number}"))


def test_everybody_finds_the_next_act_that_is_theirs(lab: Lab) -> None:
    number = lab.play(REVIEWED)
    assert f"/batches/{number}/review" in links(lab.client("quentin").get(f"/batches/{number}"))
    tess = links(lab.client("tess").get(f"/batches/{number}"))
    assert f"/batches/{number}/review" not in tess
    lab.decide(number)
    page = lab.client("tess").get(f"/batches/{number}")
    assert "Hand the product over for injection" in words(page).split("Chain of custody")[0]
    lab.play("residual", number=number)
    assert f"/batches/{number}/close" in links(lab.client("paula").get(f"/batches/{number}"))


def test_a_void_batch_says_so_with_the_reason(lab: Lab) -> None:
    number = lab.open_batch()
    assert f"/batches/{number}/void" in links(lab.client("tess").get(f"/batches/{number}"))
    void_batch(lab.by("tess"), batch=lab.batch(number), reason="Opened twice.", proof=lab.proof("tess"))
    page = lab.client("tess").get(f"/batches/{number}")
    assert "This batch is void. Opened twice." in words(page)
    assert f"/batches/{number}/void" not in links(page)


def test_a_batch_with_work_in_it_cannot_be_called_a_mistake(lab: Lab) -> None:
    number = lab.play("harvest")
    assert f"/batches/{number}/void" not in links(lab.client("tess").get(f"/batches/{number}"))


def test_text_that_looks_like_markup_is_shown_as_typed(lab: Lab) -> None:
    number = lab.open_batch(patient="<b>P&1</b>")
    page = lab.client("ada").get(f"/batches/{number}")
    assert "&lt;b&gt;P&amp;1&lt;/b&gt;" in page.text
    assert "<b>P&" not in page.text


# ---- records that are kept -------------------------------------------------------------------------------------


def test_a_record_is_read_again_as_soon_as_something_was_recorded(lab: Lab) -> None:
    number, client = lab.open_batch(), lab.client("ada")
    assert f"0 of {STEPS} answered" in words(client.get(f"/batches/{number}"))
    lab.record_step(number, "order")
    assert f"1 of {STEPS} answered" in words(client.get(f"/batches/{number}"))


def test_a_record_is_kept_while_its_chain_stands_and_only_so_many_are(lab: Lab) -> None:
    kept, numbers = KeptRecords(), [lab.open_batch(patient=f"P-{n}") for n in range(MOST + 1)]
    with lab.store.read() as session:
        first, second = (kept.of(session, number) for number in numbers[:2])
        assert kept.of(session, numbers[0]) is first
        for number in numbers[2:]:
            kept.of(session, number)
        assert kept.of(session, numbers[0]) is first
        assert kept.of(session, numbers[1]) is not second
        assert kept.of(session, "BM-99-9999") is None


# ---- both databases --------------------------------------------------------------------------------------------


def test_search_paging_trail_and_scan_are_the_same_on_both_databases(lab_on_both: Lab) -> None:
    lab = lab_on_both
    number = lab.open_batch(identity_code="7QX4-M2KD-9RTV")
    lab.play(REVIEWED, number=number)
    lab.open_batch(patient="P-7777")
    client = lab.client("ada")
    assert "1 batch found" in words(client.get("/batches?q=7qx4m2kd"))
    assert scanned(client, "syr7").headers["Location"] == f"/batches/{number}"
    assert "The chain is whole." in words(client.get(f"/batches/{number}/trail"))
    jobs = words(lab.client("tess").get("/"))
    assert "P-7777" in jobs, "a batch without a clock stands in the work list too"
    assert number in words(lab.client("quentin").get("/"), "lane-pass")
    assert lab.client("quentin").get(f"/batches/{number}/review").status_code == 200
    older = f"/batches?before={to_text(lab.clock())}/{'f' * 32}"
    assert "P-7777" in words(client.get(older))
