"""Labels: what stands on each kind, which legends apply, what became of each copy, and what follows for the batch."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from labrecords.domain.labels import prints
from labrecords.domain.labels.contents import KINDS, contents
from labrecords.domain.labels.legends import LEGENDS, legends
from labrecords.domain.labels.prints import APPLIED, CHECKED, DESTROYED, LOST, OPEN, SPOILED, TAKEN_BACK
from labrecords.domain.labels.rules import LOST_COPY, NOT_ACCOUNTED, UNCHECKED, waiting_copies
from labrecords.domain.labels.stocks import STOCKS
from labrecords.domain.record import BatchRecord
from labrecords.domain.results.contents import volume_in
from labrecords.domain.review.investigation import may_be_investigated
from labrecords.domain.review.release import release_blockers
from labrecords.domain.rules.finding import Severity
from labrecords.domain.rules.findings import findings, stops_of
from labrecords.domain.steps.order import Order
from labrecords.domain.steps.reconciliation import YieldReconciliation
from tests.support.example import example_record
from tests.support.shipped import processed

BAG = STOCKS["100x50"]


def up_to(step_key: str) -> BatchRecord:
    """The example as it stood when this step was recorded."""
    record = example_record()
    return record.as_it_stood(record.history(step_key)[0].recorded_at)


def texts(record: BatchRecord, kind: str, code: str = "SYR-7") -> dict[str, str]:
    return {line.element: line.text for line in contents(record, kind, code, BAG, "15 to 25 °C")}


def with_order(record: BatchRecord, **facts: Any) -> BatchRecord:
    order = record.of_kind(Order)[0]
    return replace(
        record, entries=tuple(replace(one, **facts) if one is order else one for one in record.entries)
    )


def labelled(
    record: BatchRecord, *acts: tuple[int, str], copies: int = 2, code: str = "BAG-7"
) -> BatchRecord:
    """The record with a print of labels before the first entry, and acts about its copies a minute apart."""
    at, who = record.entries[0].recorded_at - timedelta(hours=1), record.batch.opened_by
    label = prints.LabelPrint(
        "a" * 32, record.batch.id, code, "harvest", "50x25", 1, copies, (), "", None, who, at
    )
    made = tuple(
        prints.LabelAct(
            f"{n:032d}", record.batch.id, label.id, copy, act, None, who, at + timedelta(minutes=n)
        )
        for n, (copy, act) in enumerate(acts, start=1)
    )
    return replace(record, label_prints=(label,), label_acts=made)


@pytest.mark.parametrize("kind", list(KINDS))
def test_every_label_identifies_container_patient_and_product_and_never_names_the_patient(kind: str) -> None:
    record = example_record()
    found = texts(record, kind)
    assert found["id"] == "SYR-7"
    assert found["identity"].endswith(record.batch.identity_code)
    assert found["patient"] == "Patient P-2048"
    assert found["product"] == record.process.product
    assert all(line.why for line in contents(record, kind, "SYR-7", BAG))


def test_volume_expiry_and_times_come_from_the_record_with_their_zone() -> None:
    found = texts(example_record(), "final")
    assert found["expiry"] == "Use before 2026-11-23 12:34 +01:00 (Europe/Warsaw)"
    assert found["collected"].endswith("+01:00 (Europe/Warsaw)")
    assert found["storage"] == "Keep at 15 to 25 °C"
    before = up_to("order")
    assert "______" in texts(before, "final")["expiry"]
    assert texts(before, "final")["volume"] == "Volume ______ mL"


def test_a_volume_is_told_only_where_the_record_knows_it() -> None:
    harvested = up_to("harvest")
    assert volume_in(harvested, "bag 7") == Decimal("60.0")
    assert volume_in(example_record(), "BAG-7") is None, "it was processed on since"
    assert volume_in(example_record(), "S-1") is not None


def test_a_partial_label_leaves_to_the_record_what_has_no_room() -> None:
    lines = contents(example_record(), "final", "SYR-7", STOCKS["25x15"])
    assert [line.element for line in lines] == [
        "id",
        "identity",
        "patient",
        "product",
        "autologous",
        "expiry",
    ]


NEGATIVE = dict.fromkeys(("hiv", "hbv", "hcv", "syphilis"), "negative")


@pytest.mark.parametrize(
    ("markers", "names"),
    [
        ({}, {"autologous", "not evaluated"}),
        (NEGATIVE, {"autologous"}),
        (NEGATIVE | {"hcv": "not tested"}, {"autologous", "not evaluated"}),
        (NEGATIVE | {"hcv": "positive"}, {"autologous", "biohazard"}),
        ({"hcv": "positive"}, {"autologous", "not evaluated", "biohazard"}),
    ],
)
def test_legends_about_infection_follow_the_markers_of_the_order(
    markers: dict[str, str], names: set[str]
) -> None:
    blank = dict.fromkeys(NEGATIVE, None)
    record = with_order(up_to("harvest"), **blank | markers)
    found = {line.element: line.text for line in legends(record, "harvest")}
    assert set(found) == names
    if "biohazard" in names:
        assert found["biohazard"].startswith("BIOHAZARD. WARNING: Reactive test results for")


def test_each_legend_says_its_rule_and_stands_on_the_kinds_of_its_table() -> None:
    record = processed("svf_enzymatic")
    assert legends(record, "quarantine")[0].text == "QUARANTINE - not released"
    assert any(line.text.startswith("Conditional release: ") for line in legends(record, "final"))
    assert [line.element for line in legends(record, "sample")] == []
    assert all(legend.why and set(legend.kinds) <= set(KINDS) for legend in LEGENDS)


def test_printed_is_always_applied_and_spoiled_and_destroyed_and_open() -> None:
    record = labelled(up_to("harvest"), (1, APPLIED), (2, SPOILED), (3, APPLIED), (3, TAKEN_BACK), copies=4)
    now = prints.reconciliation(record)
    assert (now.printed, now.applied, now.spoiled, now.destroyed, now.open, now.unchecked) == (
        4,
        1,
        1,
        0,
        2,
        1,
    )
    assert [copy.state for copy in prints.copies(record)] == [APPLIED, SPOILED, OPEN, OPEN]


@pytest.mark.parametrize(
    ("before", "act", "possible"),
    [
        ((), APPLIED, True),
        ((), CHECKED, False),
        ((), TAKEN_BACK, False),
        ((APPLIED,), CHECKED, True),
        ((APPLIED,), SPOILED, False),
        ((APPLIED, CHECKED), DESTROYED, True),
        ((SPOILED,), APPLIED, False),
        ((SPOILED,), TAKEN_BACK, True),
        ((DESTROYED,), CHECKED, False),
    ],
)
def test_a_copy_becomes_only_what_it_can_from_what_it_is(
    before: tuple[str, ...], act: str, possible: bool
) -> None:
    record = labelled(up_to("harvest"), *((1, one) for one in before), copies=1)
    assert (prints.cannot_become(prints.copies(record)[0], act) is None) == possible


def waiting(record: BatchRecord) -> list[str]:
    return [rule for rule, _, _ in waiting_copies(record)]


def test_open_and_unchecked_copies_stand_in_the_way_of_release_and_accounted_ones_do_not() -> None:
    record = up_to("harvest")
    assert waiting(record) == []
    assert waiting(labelled(record)) == [NOT_ACCOUNTED]
    assert waiting(labelled(record, (1, APPLIED), (2, SPOILED))) == [UNCHECKED]
    done = labelled(record, (1, APPLIED), (2, DESTROYED), (1, CHECKED))
    assert waiting(done) == []
    now = labelled(record).entries[-1].recorded_at
    assert NOT_ACCOUNTED in {blocker.rule for blocker in release_blockers(labelled(record), now)}
    assert NOT_ACCOUNTED not in {blocker.rule for blocker in release_blockers(done, now)}


def test_a_lost_copy_is_a_finding_that_quality_assurance_investigates() -> None:
    (found,) = [item for item in findings(labelled(up_to("harvest"), (1, LOST))) if item.rule == LOST_COPY]
    assert found.severity is Severity.BLOCKING
    assert may_be_investigated(found)


def test_a_container_is_not_used_before_its_label_was_scanned_back() -> None:
    record = up_to("resuspension")
    used = record.history("resuspension")[0]
    stops = stops_of(labelled(record, (1, APPLIED), copies=1), used)
    assert UNCHECKED in {stop.rule for stop in stops}
    for acts in (((1, APPLIED), (1, CHECKED)), ((1, APPLIED), (1, TAKEN_BACK)), ()):
        assert UNCHECKED not in {stop.rule for stop in stops_of(labelled(record, *acts, copies=1), used)}
    other = labelled(record, (1, APPLIED), copies=1, code="SYR-7")
    assert UNCHECKED not in {stop.rule for stop in stops_of(other, used)}


def test_who_counts_fewer_labels_than_were_printed_is_told() -> None:
    record = example_record()
    counted = record.of_kind(YieldReconciliation)[0].labels_printed
    assert "label count" not in {item.rule for item in findings(labelled(record, copies=counted))}
    assert "label count" in {item.rule for item in findings(labelled(record, copies=counted + 1))}
