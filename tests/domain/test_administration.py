"""The injection: every reason why it must not begin."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from labrecords.domain.entries import Stop
from labrecords.domain.record import BatchRecord
from labrecords.domain.results.expiry import use_before
from labrecords.domain.review.decisions import ON_HOLD, REJECTED
from labrecords.domain.steps.administration import Injection
from tests.support.clean import altered, clean, entry_of, played, process_text, without

RECORD = clean("injection")


def injection(record: BatchRecord = RECORD, **changes: Any) -> Injection:
    entry = entry_of(record, "injection")
    assert isinstance(entry, Injection)
    return replace(entry, **changes)


def moved(**changes: Any) -> Injection:
    """The injection with another first site."""
    first, *rest = injection().sites
    return injection(sites=(replace(first, **changes), *rest))


def only(stops: tuple[Stop, ...]) -> Stop:
    assert len(stops) == 1, stops
    return stops[0]


def test_a_released_product_in_date_for_this_patient_and_these_sites_is_not_stopped() -> None:
    assert injection().stops(RECORD) == ()
    assert injection().injected_volume_ml() == 4


@pytest.mark.req("HCT-290")
def test_another_patient_is_a_critical_stop() -> None:
    stop = only(injection(patient_code="P-2049").stops(RECORD))
    assert (stop.rule, stop.critical, stop.found) == ("identity", True, "P-2049")


def test_another_container_is_a_critical_stop() -> None:
    stop = only(injection(container_code="BAG-7").stops(RECORD))
    assert (stop.rule, stop.critical, stop.expected) == ("identity", True, "SYR-7")


@pytest.mark.req("HCT-265", "GMP-165")
def test_a_product_that_was_never_released_is_a_critical_stop() -> None:
    record = replace(RECORD, decisions=(), issues=(), issue_ends=())
    stop = only(injection().stops(record))
    assert (stop.rule, stop.critical, stop.sentence) == ("release", True, "This product is not released.")


@pytest.mark.req("HCT-265")
def test_an_injection_before_the_release_is_a_critical_stop_even_when_it_was_released_later() -> None:
    released = RECORD.issue_ends[-1].ended_at
    before = moved(injected_at=released - timedelta(seconds=1)).stops(RECORD)
    assert [(stop.rule, stop.critical) for stop in before] == [("release", True), ("bedside check", True)]


@pytest.mark.parametrize("decision", [REJECTED, ON_HOLD])
def test_a_product_that_is_rejected_or_on_hold_is_a_critical_stop(decision: str) -> None:
    record = replace(RECORD, decisions=(replace(RECORD.decisions[0], decision=decision),))
    stop = only(injection().stops(record))
    assert (stop.rule, stop.critical) == ("release", True)
    assert stop.sentence == f"This product is {decision}: it must not be used."


def test_where_the_pathway_needs_no_release_none_is_waited_for() -> None:
    text = process_text(("release_required = true", "release_required = false"))
    record = played("injection", text=text, decision="").record
    assert record.decisions == ()
    assert injection(record).stops(record) == ()


@pytest.mark.req("GMP-137", "GMP-111")
def test_an_expired_product_is_a_critical_stop_judged_by_the_last_site() -> None:
    limit = use_before(RECORD)
    assert limit is not None
    assert moved(injected_at=limit.until).stops(RECORD) == ()
    stop = only(moved(injected_at=limit.until + timedelta(seconds=1)).stops(RECORD))
    assert (stop.rule, stop.critical) == ("expired", True)


def test_without_the_check_at_the_bedside_it_is_a_critical_stop() -> None:
    stop = only(injection().stops(without(RECORD, "bedside")))
    assert (stop.rule, stop.critical) == ("bedside check", True)


def test_a_check_at_the_bedside_that_nobody_verified_is_a_critical_stop() -> None:
    check = entry_of(RECORD, "bedside")
    record = replace(RECORD, confirmations=tuple(c for c in RECORD.confirmations if c.entry_id != check.id))
    assert only(injection().stops(record)).rule == "bedside check"


def test_a_check_at_the_bedside_that_was_verified_after_the_first_site_is_a_critical_stop() -> None:
    verified = next(item for item in RECORD.confirmations if item.step_key == "bedside").recorded_at
    assert moved(injected_at=verified).stops(RECORD) == ()
    stop = only(moved(injected_at=verified - timedelta(seconds=1)).stops(RECORD))
    assert (stop.rule, stop.critical) == ("bedside check", True)


def test_more_than_was_filled_is_a_stop() -> None:
    stop = only(moved(volume_ml=Decimal("6.1")).stops(RECORD))
    assert (stop.rule, stop.critical) == ("volume", False)
    assert stop.sentence == "8.1 mL are more than the 7.50 mL that were left for injection."
    assert moved(volume_ml=Decimal("5.5")).stops(RECORD) == ()


@pytest.mark.parametrize("change", [{"side": "left"}, {"level": "L3/4"}, {"structure": "facet joint"}])
def test_a_side_level_or_structure_that_was_not_ordered_is_a_critical_stop(change: dict[str, str]) -> None:
    stop = only(moved(**change).stops(RECORD))
    assert (stop.rule, stop.critical) == ("wrong site", True)
    assert stop.sentence.endswith(" is not among the ordered targets.")


def test_each_wrong_site_is_a_stop_of_its_own() -> None:
    sites = tuple(replace(site, side="right") for site in injection().sites)
    assert [stop.rule for stop in injection(sites=sites).stops(RECORD)] == ["wrong site", "wrong site"]


def test_without_an_order_no_site_is_wrong() -> None:
    assert moved(side="left").stops(without(RECORD, "order")) == ()


def test_every_reason_is_named_not_only_the_first() -> None:
    wrong = replace(moved(side="left", volume_ml=Decimal(9)), patient_code="X-1")
    assert {stop.rule for stop in wrong.stops(RECORD)} == {"identity", "volume", "wrong site"}


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"patient_code": "X-1"}, "identity"),
        ({"identity_code": "X-1"}, "identity"),
        ({"container_code": "X"}, "identity"),
    ],
)
def test_the_check_at_the_bedside_is_stopped_by_each_wrong_code(change: dict[str, str], rule: str) -> None:
    record = altered(RECORD, "bedside", **change)
    check = entry_of(record, "bedside")
    assert only(check.stops(record)).rule == rule
    assert check.summary(record).startswith("codes do not match")


def test_the_check_at_the_bedside_is_stopped_by_a_missing_release_and_by_expiry() -> None:
    check = entry_of(RECORD, "bedside")
    assert check.stops(RECORD) == ()
    unreleased = replace(RECORD, decisions=())
    assert only(check.stops(unreleased)).rule == "release"
    late = replace(check, performed_at=check.performed_at + timedelta(hours=5))
    assert only(late.stops(RECORD)).rule == "expired"


def test_a_product_that_does_not_look_as_it_should_is_a_critical_stop() -> None:
    record = altered(RECORD, "bedside", looks_normal=False)
    check = entry_of(record, "bedside")
    stop = only(check.stops(record))
    assert (stop.rule, stop.critical, stop.sentence) == (
        "appearance",
        True,
        "The product does not look as it should.",
    )
    assert check.summary(record).endswith("product does not look as it should")


def test_the_summary_names_every_site_with_its_volume() -> None:
    assert injection().summary(RECORD) == (
        "intervertebral disc L4/5, midline: 2.0 mL; intervertebral disc L5/S1, midline: 2.0 mL"
    )
