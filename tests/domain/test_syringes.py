"""Several syringes: each is checked, in date, not overdrawn and accounted for by itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from labrecords.domain.entries import Stop
from labrecords.domain.processes.process_text import read_process
from labrecords.domain.record import BatchRecord
from labrecords.domain.results.container_balance import container_balances, container_findings
from labrecords.domain.results.expiry import use_before_of
from labrecords.domain.review.decisions import RELEASED
from labrecords.domain.steps.bedside import BedsideCheck
from labrecords.domain.steps.final_container import FinalContainer
from labrecords.domain.steps.offer import Offer
from labrecords.domain.steps.residual import Leftover, Residual
from tests.support.clean import acted, altered, clean, entry_of, person_id, played, process_text
from tests.support.syringes import two_syringes


def stops(record: BatchRecord, key: str = "injection") -> tuple[Stop, ...]:
    return entry_of(record, key).stops(record)


def test_two_syringes_for_two_levels_are_sound() -> None:
    record = two_syringes()
    assert (stops(record, "bedside"), stops(record), container_findings(record)) == ((), (), [])
    assert [(code, found.closed) for code, found in container_balances(record).items()] == [
        ("SYR-7A", True),
        ("SYR-7B", True),
    ]


def test_a_syringe_that_was_not_scanned_at_the_bedside_is_a_critical_stop() -> None:
    (stop,) = stops(two_syringes(checked="SYR-7A"))
    assert (stop.rule, stop.critical) == ("bedside check", True)
    assert stop.sentence.startswith("SYR-7B was not scanned")


def test_a_syringe_that_was_checked_for_another_level_is_a_critical_stop() -> None:
    """A for L4/5 and B for L5/S1 were checked; B went into L4/5, and A into L5/S1."""
    record = two_syringes(a="2.0", b="2.0")
    first, second = getattr(entry_of(record, "injection"), "sites")  # noqa: B009 - an Entry has no sites for mypy
    swapped = (replace(first, container_code="syr 7b"), replace(second, container_code="SYR-7A"))
    found = stops(altered(record, "injection", sites=swapped))
    assert [(stop.rule, stop.critical, stop.sentence) for stop in found] == [
        (
            "bedside check",
            True,
            f"{code} was checked for intervertebral disc {level}, midline, not for intervertebral disc {other}, "
            "midline.",
        )
        for code, level, other in (("syr 7b", "L5/S1", "L4/5"), ("SYR-7A", "L4/5", "L5/S1"))
    ]


def test_one_syringe_written_in_two_ways_is_drawn_from_once() -> None:
    """2.5 mL of "SYR-7A" and 2.5 mL of "syr 7a", of 3.5 mL."""
    record = two_syringes()
    seen = getattr(entry_of(record, "bedside"), "sites")  # noqa: B009 - an Entry has no sites for mypy
    record = altered(record, "bedside", sites=tuple(replace(one, container_code="SYR-7A") for one in seen))
    first, second = getattr(entry_of(record, "injection"), "sites")  # noqa: B009 - an Entry has no sites for mypy
    much = Decimal("2.5")
    sites = (replace(first, volume_ml=much), replace(second, volume_ml=much, container_code="syr 7a"))
    (stop,) = stops(altered(record, "injection", sites=sites))
    assert stop.sentence == "5.0 mL are more than the 3.5 mL that SYR-7A held."


def test_a_correction_of_the_bedside_check_after_the_injection_checks_nothing() -> None:
    record = two_syringes(checked="SYR-7A")
    old = entry_of(record, "bedside")
    assert isinstance(old, BedsideCheck)
    mended = tuple(
        replace(site, container_code=code) for site, code in zip(old.sites, ("SYR-7A", "SYR-7B"), strict=True)
    )
    after = entry_of(record, "injection").recorded_at + timedelta(minutes=5)
    new = replace(
        old, id="f" * 32, replaces_id=old.id, sites=mended, recorded_at=after, reason="Not scanned."
    )
    assert [stop.rule for stop in stops(replace(record, entries=(*record.entries, new)))] == ["bedside check"]


def test_another_patients_syringe_at_the_bedside_is_a_critical_stop() -> None:
    (stop,) = stops(two_syringes(checked="SYR-9"), "bedside")
    assert (stop.rule, stop.critical, stop.found) == ("identity", True, "SYR-9")


def test_more_than_one_syringe_held_is_a_stop_though_the_whole_would_do() -> None:
    (stop,) = stops(two_syringes(a="3.6", left=("0", "2.0")))
    assert stop.sentence == "3.6 mL are more than the 3.5 mL that SYR-7A held."


@pytest.mark.parametrize(
    ("left", "words"),
    [
        (("1.5",), "SYR-7B is open: of 4.0 mL 2.0 mL are unaccounted for"),
        (("1.5", "1.7"), "SYR-7B is open: of 4.0 mL 0.3 mL are unaccounted for"),
        (("1.7", "2.0"), "SYR-7A is open: 0.2 mL more came out than the 3.5 mL that it held"),
    ],
)
def test_a_syringe_that_is_not_accounted_for_is_a_standing_finding(left: tuple[str, ...], words: str) -> None:
    (finding,) = container_findings(two_syringes(left=left))
    assert words in finding.sentence


def test_what_is_left_is_said_once() -> None:
    row = Leftover(container_code="SYR-7A", volume_ml=Decimal("1.5"))
    given = {"volume_ml": Decimal("1.5"), "fate": "destroyed", "containers": (row,)}
    assert Residual.contradictions(given) == {}
    assert list(Residual.contradictions(given | {"volume_ml": Decimal(2)})) == ["volume_ml"]
    assert list(Residual.contradictions(given | {"fate": "nothing left"})) == ["fate"]


def test_each_container_expires_by_its_own_filling() -> None:
    """Two syringes filled an hour apart out of one bag: the first expires an hour before the second."""
    text = process_text(('max_age_h = "4"', 'max_age_h = "24"\nshelf_life_h = "2"'))
    record = replace(clean("residual"), process=read_process(text))
    first = entry_of(record, "resuspension")
    filled = entry_of(record, "final_container")
    assert isinstance(filled, FinalContainer)
    record = altered(record, "final_container", container_code="SYR-8", source_container_code="BAG-9")
    record = altered(record, "resuspension", source_container_code="BAG-9")
    early, late = use_before_of(record, "SYR-7"), use_before_of(record, "SYR-8")
    assert early is not None
    assert late is not None
    assert early.until == first.performed_at + timedelta(hours=2)
    assert late.until == filled.performed_at + timedelta(hours=2)


def test_an_expired_syringe_is_a_critical_stop_by_the_last_site_out_of_it() -> None:
    record = two_syringes()
    limit = use_before_of(record, "SYR-7B")
    assert limit is not None
    injection = entry_of(record, "injection")
    first, second = getattr(injection, "sites")  # noqa: B009 - an Entry has no sites for mypy
    late = replace(second, injected_at=limit.until + timedelta(seconds=1))
    (stop,) = stops(altered(record, "injection", sites=(first, late)))
    assert (stop.rule, stop.critical) == ("expired", True)
    assert stop.sentence.startswith("SYR-7B has expired: it was to be used before ")


def dispensed(record: BatchRecord, **changes: Any) -> Offer:
    """The released syringe offered to the physician."""
    tess, paula = person_id(record, "tess"), person_id(record, "paula")
    entry = entry_of(acted("offer-5"), "offer-5")
    assert isinstance(entry, Offer)
    at = record.issue_ends[-1].ended_at + timedelta(minutes=2)
    mine = {"step_key": "offer-1", "container_code": "SYR-7", "performed_by": tess, "recorded_by": tess}
    more = {"receiver": paula, "performed_at": at, "recorded_at": at, "volume_ml": Decimal("7.5")}
    return replace(entry, **{**mine, **more, **changes})


def released() -> BatchRecord:
    example = played()
    example.decide(RELEASED)
    example.seal()
    return example.record


def test_what_is_offered_once_released_is_dispensed_with_its_volume() -> None:
    record = released()
    assert dispensed(record).contradictions_in(record) == {}
    assert list(dispensed(record, volume_ml=None).contradictions_in(record)) == ["volume_ml"]
    waiting = clean()
    unreleased = replace(dispensed(record, volume_ml=None), performed_at=waiting.entries[-1].performed_at)
    assert unreleased.contradictions_in(waiting) == {}, "it travels as quarantine"


@pytest.mark.parametrize(("volume", "found"), [("7.2", []), ("7.0", ["volume"]), ("7.9", ["volume"])])
def test_another_volume_than_the_syringe_held_is_a_stop(volume: str, found: list[str]) -> None:
    """7.5 mL, 5 % tolerated."""
    record = released()
    assert [stop.rule for stop in dispensed(record, volume_ml=Decimal(volume)).stops(record)] == found


def test_no_more_is_injected_than_was_dispensed() -> None:
    record = two_syringes(a="3.4", left=("0.1", "2.0"))
    given = dispensed(record, container_code="SYR-7A", volume_ml=Decimal("3.35"), piece=1, pieces=2)
    at = entry_of(record, "bedside").performed_at
    record = replace(record, entries=(*record.entries, replace(given, performed_at=at)))
    (stop,) = stops(record)
    assert stop.sentence == "3.4 mL are more than the 3.35 mL that SYR-7A held."


def test_a_container_has_a_number_among_all_of_them() -> None:
    assert Offer.contradictions({"piece": 1, "pieces": 3}) == {}
    assert list(Offer.contradictions({"piece": 4, "pieces": 3})) == ["piece"]
    assert list(Offer.contradictions({"piece": 1, "pieces": None})) == ["pieces"]
