"""Containers poured together: of one chain of identity, in one hand; the pool is as old as the oldest of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from labrecords.domain.custody.batch_chain import breaks, segments
from labrecords.domain.custody.containers import container_stop, containers_at, line_of
from labrecords.domain.entries import Entry
from labrecords.domain.labels.prints import APPLIED, LabelAct, LabelPrint
from labrecords.domain.labels.rules import label_stops
from labrecords.domain.record import BatchRecord
from labrecords.domain.results.contents import held, volume_in
from labrecords.domain.results.expiry import use_before, use_before_of
from labrecords.domain.review.decisions import standing_decision
from labrecords.domain.rules.findings import findings, stops_of
from labrecords.domain.steps.division import Division
from labrecords.domain.steps.harvest import Harvest
from labrecords.domain.steps.pool import Pool, Poured
from tests.support.clean import acted, altered, clean, entry_of
from tests.support.syringes import two_syringes

KEY = "pool-10"


def row(code: str, volume: str, left: str = "0") -> Poured:
    return Poured(container_code=code, volume_ml=Decimal(volume), left_ml=Decimal(left))


def pooled(**changes: Any) -> Pool:
    entry = entry_of(acted(KEY), KEY)
    assert isinstance(entry, Pool)
    return replace(entry, **changes)


def with_pool(**changes: Any) -> BatchRecord:
    return altered(acted(KEY), KEY, **changes)


def values(**changes: Any) -> dict[str, Any]:
    return {name: getattr(pooled(), name) for name in ("poured", "container_code", "total_ml")} | changes


def rules(record: BatchRecord) -> list[str]:
    return sorted(item.rule for item in findings(record) if item.step_key == KEY)


@pytest.mark.req("HCT-220")
def test_what_was_poured_together_is_in_the_new_container_and_the_rest_where_it_was() -> None:
    record = acted(KEY)
    assert rules(record) == []
    assert containers_at(record, "storage-11") == ("SYR-7A", "BAG-7", "BAG-8")
    assert container_stop(record, "storage-11", "SYR-7B") is not None
    volumes = {one.code: str(one.volume_ml) for one in held(record).values()}
    assert volumes == {"SYR-7A": "20.0", "BAG-7": "5.0", "BAG-8": "35.0"}
    assert [str(volume_in(record, code)) for code in ("BAG-7", "BAG-8")] == ["5.0", "35.0"]


def test_the_pool_is_held_by_who_held_them_all() -> None:
    record = acted(KEY)
    assert [item.step_key for item in breaks(record)] == ["refusal-6"]
    now = {part.container: (part.holder, part.place) for part in segments(record) if part.end is None}
    assert now["BAG-8"] == now["BAG-7"] == ("Vic Vermeer", "Laboratory")
    ended = [part for part in segments(record) if part.container == "SYR-7B"][-1]
    assert (ended.ended_by, ended.note) == (KEY, "all of it went into BAG-8")


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"poured": (row("SYR-7B", "25"),)}, "poured"),
        ({"poured": (row("SYR-7B", "25"), row("syr 7b", "5"))}, "poured"),
        ({"poured": (row("SYR-7B", "25"), row("BAG-7", "0", "15"))}, "poured"),
        ({"total_ml": Decimal(0)}, "total_ml"),
    ],
)
def test_what_cannot_be(changes: dict[str, Any], name: str) -> None:
    assert list(Pool.contradictions(values(**changes))) == [name]
    assert Pool.contradictions(values()) == {}


def test_a_container_of_another_chain_of_identity_is_a_critical_stop_and_none_of_the_product() -> None:
    record = with_pool(poured=(row("SYR-7B", "25"), row("SYR-OF-ANOTHER", "10", "5")), container_code="BAG-8")
    (stop,) = [stop for stop in stops_of(record, entry_of(record, KEY)) if stop.critical]
    assert (stop.rule, stop.found) == ("identity", "SYR-OF-ANOTHER")
    assert "SYROFANOTHER" not in held(record)
    assert [item.step_key for item in breaks(record)] == ["refusal-6"]


@pytest.mark.parametrize(
    ("total", "open_"), [("35.0", False), ("33.3", False), ("33.2", True), ("36.8", True)]
)
def test_a_pool_that_is_not_what_was_taken_stays_open_and_blocks(total: str, open_: bool) -> None:
    """35 mL, 5 % tolerated: 33.25 to 36.75 mL are the whole."""
    assert ("pool" in rules(with_pool(total_ml=Decimal(total)))) is open_


@pytest.mark.parametrize(("left", "open_"), [("5.0", False), ("4.3", False), ("4.2", True), ("6.0", True)])
def test_what_was_taken_and_left_is_what_was_in_it(left: str, open_: bool) -> None:
    """The division left 15 mL in the bag, 5 % tolerated: 14.25 to 15.75 mL."""
    changed = with_pool(poured=(row("SYR-7B", "25.0"), row("BAG-7", "10.0", left)))
    assert ("pool" in rules(changed)) is open_


def test_nobody_takes_more_out_than_was_in() -> None:
    record = with_pool(poured=(row("SYR-7B", "25.5"), row("BAG-7", "10.0", "5.0")), total_ml=Decimal("35.5"))
    assert rules(record) == ["custody over-draw", "volume"]
    (broken,) = [item for item in breaks(record) if item.step_key == KEY]
    assert broken.sentence == "25.5 mL were taken out of SYR-7B, and 25.0 mL were in it."


@pytest.mark.parametrize("code", ["BAG-7", "SYR-7A", "SYR-7B"])
def test_the_pool_has_a_code_of_its_own(code: str) -> None:
    """Poured into a container that is in use, or back into one of its own: a fact, and never right."""
    record = with_pool(container_code=code)
    assert rules(record) == ["code in use", "custody filled twice"]
    assert use_before(record) is not None
    assert line_of(record, code)


def test_nothing_is_poured_into_what_it_was_filled_from() -> None:
    """BAG-9 was divided out of BAG-8: a correction that says BAG-8 was poured out of it cannot be a fact."""
    record = acted(KEY)
    whole = entry_of(record, "division-4")
    assert isinstance(whole, Division)
    division = replace(
        whole,
        id="later",
        step_key="division-11",
        source_container_code="BAG-8",
        parts=(replace(whole.parts[0], container_code="BAG-9"),),
        performed_at=pooled().performed_at + timedelta(minutes=5),
    )
    record = replace(record, entries=(*record.entries, division))
    looped = pooled(poured=(row("BAG-9", "20.0"), row("BAG-7", "10.0", "5.0")))
    assert list(looped.contradictions_in(record)) == ["poured"]
    assert pooled().contradictions_in(record) == {}


# ---- what the pool inherits ------------------------------------------------------------------------------------------


def two_harvests() -> BatchRecord:
    """The harvest of the story twice, an hour apart, into two bags that are poured together after the receipt."""
    record = clean("receipt")
    first = entry_of(record, "harvest")
    assert isinstance(first, Harvest)
    step = record.process.step("harvest")
    process = replace(
        record.process, steps=(*record.process.steps, replace(step, key="harvest_right", number=90))
    )
    second = replace(
        first,
        id="second",
        step_key="harvest_right",
        container_code="BAG-R",
        performed_at=first.performed_at - timedelta(hours=1),
    )
    last = entry_of(record, "receipt")
    pool = pooled(
        step_key="pool-1",
        poured=(row("BAG-7", "60.0"), row("BAG-R", "50.0", "10.0")),
        container_code="BAG-8",
        total_ml=Decimal("110.0"),
        performed_at=last.performed_at + timedelta(minutes=1),
        recorded_at=last.recorded_at + timedelta(minutes=1),
    )
    return replace(record, process=process, entries=(*record.entries, second, pool))


def test_a_pool_of_two_harvests_is_as_old_as_the_first() -> None:
    record = two_harvests()
    pool, late, early = (use_before_of(record, code) for code in ("BAG-8", "BAG-7", "BAG-R"))
    assert pool is not None
    assert late is not None
    assert early is not None
    assert pool.until == early.until == late.until - timedelta(hours=1)
    assert sorted(limit.since for limit in pool.limits) == [early.limits[0].since, late.limits[0].since]
    whole = use_before(record)
    assert whole is not None
    assert whole.until == pool.until


def test_both_harvests_hold_the_product_until_they_are_poured_together() -> None:
    record = two_harvests()
    assert containers_at(record, "pool-1") == ("BAG-R", "BAG-7")
    assert containers_at(record, "storage-2") == ("BAG-R", "BAG-8")
    assert line_of(record, "BAG-R") == (entry_of(record, "harvest_right"),)


def test_two_that_were_held_apart_did_not_come_together_by_themselves() -> None:
    """The left bag was handed over to the laboratory; the right one is still with the physician in the theatre."""
    record = two_harvests()
    broken = [item for item in breaks(record) if item.step_key == "pool-1"]
    assert [item.rule for item in broken] == ["holder"]
    said = "Tess Tamm held BAG-7 and Paula Pereira held BAG-R: nobody recorded who gave the other theirs."
    assert broken[0].sentence == said


def test_what_has_expired_is_poured_into_nothing() -> None:
    record = two_harvests()
    late = altered(record, "pool-1", performed_at=entry_of(record, "pool-1").performed_at + timedelta(days=2))
    stops = [stop for stop in entry_of(late, "pool-1").stops(late) if stop.rule == "expired"]
    assert [stop.critical for stop in stops] == [True, True]


def test_a_shelf_life_begins_with_the_first_that_was_filled() -> None:
    """Two final containers, filled an hour apart and poured together: the pool expires with the first."""
    record = clean("resuspension")
    fill = next(entry for entry in reversed(record.current_entries()) if entry.holds() == "SYR-7")
    division = entry_of(acted(KEY), "division-4")
    assert isinstance(division, Division)
    limit = use_before_of(record, "SYR-7")
    assert limit is not None
    split = replace(
        division,
        step_key="division-1",
        source_container_code="SYR-7",
        performed_at=fill.performed_at + timedelta(minutes=10),
    )
    pool = pooled(
        step_key="pool-2",
        poured=(row("SYR-7A", "20.0"), row("SYR-7B", "25.0")),
        container_code="SYR-8",
        total_ml=Decimal("45.0"),
        performed_at=fill.performed_at + timedelta(minutes=20),
    )
    after = use_before_of(replace(record, entries=(*record.entries, split, pool)), "SYR-8")
    assert after is not None
    assert after.until == limit.until
    assert after.limits == limit.limits


def test_what_it_says_in_one_line() -> None:
    said = "25.0 mL of SYR-7B, 10.0 mL of BAG-7 (5.0 mL left) into BAG-8, 35.0 mL in all"
    assert pooled().summary(acted(KEY)) == said


@pytest.mark.parametrize("code", ["SYR-7B", "BAG-7"])
def test_the_label_of_each_that_is_poured_is_scanned_back_before(code: str) -> None:
    record, at = acted(KEY), pooled().performed_at
    label = LabelPrint("1", record.batch.id, code, "in-process", "50x25", 1, 1, (), "", None, "vic", at)
    act = LabelAct("2", record.batch.id, "1", 1, APPLIED, None, "vic", at)
    (stop,) = label_stops(replace(record, label_prints=(label,), label_acts=(act,)), pooled())
    assert code in stop.sentence


def test_what_is_poured_together_after_the_release_is_not_released() -> None:
    record = two_syringes("2.0", "2.0")
    bedside = entry_of(record, "bedside")
    assert standing_decision(record) is not None
    late = pooled(
        step_key="pool-2",
        poured=(row("SYR-7A", "3.5"), row("SYR-7B", "4.0")),
        container_code="SYR-P",
        total_ml=Decimal("7.5"),
        performed_at=bedside.performed_at,
        recorded_at=bedside.recorded_at,
    )
    assert standing_decision(replace(record, entries=(*record.entries, late))) is None


def test_pools_of_parts_of_pools_are_followed_back_once() -> None:
    """25 times divided into two and poured together again: every way alone would be 33 million ways."""
    record = clean("receipt")
    last, whole = entry_of(record, "receipt"), entry_of(acted(KEY), "division-4")
    assert isinstance(whole, Division)
    source = "BAG-7"
    more: list[Entry] = []
    for level in range(25):
        left, right, pool = f"L-{level}", f"R-{level}", f"P-{level}"
        at = last.performed_at + timedelta(minutes=2 * level + 1)
        parts = tuple(
            replace(one, container_code=code, volume_ml=Decimal("10.0"))
            for one, code in zip(whole.parts, (left, right), strict=True)
        )
        more.append(
            replace(
                whole,
                id=f"d{level}",
                step_key=f"division-{2 * level + 1}",
                source_container_code=source,
                parts=parts,
                left_ml=Decimal(0),
                performed_at=at,
            )
        )
        more.append(
            pooled(
                id=f"p{level}",
                step_key=f"pool-{2 * level + 2}",
                poured=(row(left, "10.0"), row(right, "10.0")),
                container_code=pool,
                total_ml=Decimal("20.0"),
                performed_at=at + timedelta(minutes=1),
            )
        )
        source = pool
    record = replace(record, entries=(*record.entries, *more))
    line = line_of(record, "P-24")
    assert (len(line), line[0].id, line[-1].step_key) == (51, "p24", "harvest")
    assert use_before_of(record, "P-24") == use_before_of(record, "BAG-7")
    assert use_before(record) == use_before_of(record, "BAG-7")
