"""What is handed over before its release travels as quarantine; after it, and where none is wanted, it does not."""

from __future__ import annotations

from dataclasses import replace

from labrecords.domain.custody.quarantine import IN_QUARANTINE
from labrecords.domain.labels.legends import legends
from labrecords.domain.record import BatchRecord
from labrecords.domain.review.decisions import ON_HOLD
from tests.support.clean import LAST, clean, entry_of, played


def said(record: BatchRecord, key: str) -> list[str]:
    return [remark.rule for remark in entry_of(record, key).remarks(record)]


def test_the_way_to_the_laboratory_is_before_the_release_and_the_way_to_the_theatre_after_it() -> None:
    record = clean(LAST)
    assert said(record, "handover_laboratory") == [IN_QUARANTINE]
    assert said(record, "handover_theatre") == []
    assert said(played("handover_theatre", decision=ON_HOLD).record, "handover_theatre") == [IN_QUARANTINE]


def test_a_process_without_release_knows_no_quarantine() -> None:
    record = clean(LAST)
    free = replace(record, process=replace(record.process, release_required=False))
    assert said(free, "handover_laboratory") == []


def test_a_container_in_process_says_so_on_its_label_until_the_release() -> None:
    before, after = clean("receipt"), clean(LAST)
    assert "in quarantine" in [line.element for line in legends(before, "in-process")]
    assert "in quarantine" not in [line.element for line in legends(before, "final")]
    assert "in quarantine" not in [line.element for line in legends(after, "in-process")]
