"""Lists of batches: paged by key, searched by part of a code, counted only so far."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import insert

from labrecords.domain.status import Status
from labrecords.domain.values.codes import normalise
from labrecords.models import lists
from labrecords.models.lists import BatchQuery, count_batches, documents_of, list_batches, urgent_batches
from labrecords.models.overview import BatchOverview
from tests.support.lab import Lab


def numbers(lab: Lab, query: BatchQuery) -> list[str]:
    with lab.store.read() as session:
        return [row.number for row in list_batches(session, query).rows]


def opened(lab: Lab, count: int) -> list[str]:
    made = []
    for n in range(count):
        lab.clock.tick(1)
        made.append(lab.open_batch(patient=f"P-{n}"))
    return made


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8])
def test_pages_by_key_show_every_batch_once_the_newest_first(lab_on_both: Lab, size: int) -> None:
    lab = lab_on_both
    made, seen, before = opened(lab, 7), [], ""
    with lab.store.read() as session:
        while True:
            page = list_batches(session, BatchQuery(before=before), size)
            assert len(page.rows) <= size
            seen += [row.number for row in page.rows]
            before = page.next
            if not before:
                break
    assert seen == made[::-1]


def test_a_batch_opened_meanwhile_does_not_shift_the_next_page(lab: Lab) -> None:
    made = opened(lab, 4)
    with lab.store.read() as session:
        first = list_batches(session, BatchQuery(), 2)
    opened(lab, 1)
    with lab.store.read() as session:
        second = list_batches(session, BatchQuery(before=first.next), 2)
    assert [row.number for row in second.rows] == made[1::-1]


def test_batches_opened_in_the_same_instant_are_not_lost_between_pages(lab: Lab) -> None:
    lab.tampered = True  # these overviews belong to no batch
    now = lab.clock()
    row = {
        "patient_code": "P-1", "identity_code": "X", "product": "BMC", "status": "open", "next_step": "",
        "next_title": "", "opened_at": now, "exceptions": 0, "blocking": 0, "outstanding": "", "late_tests": "",
    }  # fmt: skip
    with lab.store.write() as session:
        rows = [row | {"batch_id": f"{n:032d}", "number": f"KRK-26-{n:04d}"} for n in range(5)]
        session.execute(insert(BatchOverview.__table__), rows)
        session.commit()
    seen, before = [], ""
    with lab.store.read() as session:
        for _ in range(5):
            page = list_batches(session, BatchQuery(before=before), 1)
            seen += [found.number for found in page.rows]
            before = page.next
    assert sorted(seen) == [f"KRK-26-{n:04d}" for n in range(5)]


@pytest.mark.parametrize(
    ("words", "found"),
    [("P-1", ["P-1"]), ("p-1", ["P-1"]), ("p1", ["P-1"]), ("KRK-26", ["P-2", "P-1", "P-0"]), ("26-0003", ["P-2"]),
     ("%", []), ("_", []), ("\\", []), ("'", []), ("nobody", [])],
)  # fmt: skip
def test_a_search_finds_parts_of_codes_and_takes_no_sign_for_a_wildcard(
    lab_on_both: Lab, words: str, found: list[str]
) -> None:
    lab = lab_on_both
    opened(lab, 3)
    with lab.store.read() as session:
        rows = list_batches(session, BatchQuery(words=words)).rows
    assert [row.patient_code for row in rows] == found


def test_a_search_finds_the_chain_of_identity_code_however_it_is_typed(lab: Lab) -> None:
    number = lab.open_batch()
    code = lab.record(number).batch.identity_code
    for typed in (code, code.lower(), code.replace("-", ""), code.replace("-", " "), code[2:9]):
        assert numbers(lab, BatchQuery(words=typed)) == [number], typed


def test_a_list_of_one_status_and_of_several(lab_on_both: Lab) -> None:
    lab = lab_on_both
    number = lab.play("order")
    other = lab.open_batch()
    assert numbers(lab, BatchQuery(status=Status.OPEN.value)) == [other]
    assert numbers(lab, BatchQuery(status=Status.IN_PROCESS.value)) == [number]
    both = (Status.OPEN.value, Status.IN_PROCESS.value)
    assert numbers(lab, BatchQuery(statuses=both)) == [other, number]
    assert numbers(lab, BatchQuery(statuses=both, numbers=(number,))) == [number]


def test_who_is_awaited_finds_the_own_work(lab_on_both: Lab) -> None:
    lab = lab_on_both
    number = lab.open_batch()
    lab.record_step(number, "order")
    lab.open_batch()
    assert numbers(lab, BatchQuery(awaited=lab.id("paula"))) == [number]
    assert numbers(lab, BatchQuery(awaited=f"{lab.id('vic')} verified")) == [number]
    assert numbers(lab, BatchQuery(awaited=lab.id("vic"))) == []
    lab.confirm_all(number, "order")
    assert numbers(lab, BatchQuery(awaited=f"{lab.id('paula')} verified")) == []


def test_what_must_be_used_first_comes_first(lab: Lab) -> None:
    number = lab.play("harvest")
    lab.clock.tick(10)
    later = lab.play("harvest", lab.open_batch())
    fresh = lab.open_batch()
    with lab.store.read() as session:
        rows = urgent_batches(session, BatchQuery())
    assert [row.number for row in rows] == [number, later, fresh]
    harvest = lab.record(number).current("harvest")
    assert harvest is not None
    assert rows[0].use_before == harvest.performed_at + timedelta(hours=4)


def test_a_count_goes_only_so_far(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    opened(lab, 4)
    with lab.store.read() as session:
        assert count_batches(session, BatchQuery()) == 4
        monkeypatch.setattr(lists, "COUNTED_TO", 2)
        assert count_batches(session, BatchQuery()) == 3


def test_documents_are_listed_without_their_bytes(lab: Lab) -> None:
    number = lab.play("closed")
    with lab.store.read() as session:
        first, second = documents_of(session, lab.record(number).batch.id)
    assert first.sealed_at < second.sealed_at
    assert "pdf" not in first._fields


def found(lab: Lab, query: BatchQuery) -> list[str]:
    """The same as the list and as the count say it."""
    listed = numbers(lab, query)
    with lab.store.read() as session:
        assert count_batches(session, query) == len(listed)
    return listed


@pytest.mark.parametrize("at_most", [1000, 1])
def test_a_code_is_found_by_its_beginning_whatever_it_stands_on(
    lab_on_both: Lab, monkeypatch: pytest.MonkeyPatch, at_most: int
) -> None:
    lab = lab_on_both
    monkeypatch.setattr(lists, "COUNTED_TO", at_most)
    first, second = opened(lab, 2)
    lab.play("harvest", first)
    container = next(iter(lab.record(first).container_ids)).code if lab.record(first).container_ids else ""
    with lab.store.read() as session:
        for beginning, batches in (("P0", [first]), ("P1", [second]), ("KRK26", [second, first])):
            assert lists.begins_a_code(session, beginning)
            rows = list_batches(session, BatchQuery(beginning=beginning)).rows
            assert [row.number for row in rows] == batches, beginning
        for nothing in ("0P", "%", "_", "KRK_", "\\", "P0 "):
            assert not lists.begins_a_code(session, nothing), nothing
        if container:
            assert lists.begins_a_code(session, normalise(container)[:-1])


def test_a_list_by_product_day_and_who_took_part(lab_on_both: Lab) -> None:
    lab = lab_on_both
    early = lab.open_batch(patient="P-1")
    lab.clock.tick(60 * 24)
    middle = lab.clock.now
    late = lab.open_batch(patient="P-2")
    lab.play("harvest", late)
    with lab.store.read() as session:
        (product,) = lists.products(session)
    assert found(lab, BatchQuery(product=product)) == [late, early]
    assert found(lab, BatchQuery(product="Another")) == []
    assert found(lab, BatchQuery(begins=middle)) == [late]
    assert found(lab, BatchQuery(ends=middle)) == [early]
    assert found(lab, BatchQuery(person_id=lab.id("paula"))) == [late]
    assert found(lab, BatchQuery(person_id=lab.id("ivan"))) == []


def test_the_list_of_one_person_pages_by_key(lab_on_both: Lab) -> None:
    lab = lab_on_both
    made = [lab.play("order", number) for number in opened(lab, 3)]
    seen, before = [], ""
    with lab.store.read() as session:
        for _ in made:
            page = list_batches(session, BatchQuery(person_id=lab.id("paula"), before=before), 1)
            seen += [row.number for row in page.rows]
            before = page.next
    assert sorted(seen) == made
