"""An expired product: it waits for the word of quality assurance, and nothing is done with it before."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from labrecords.domain.record import BatchRecord
from labrecords.domain.results.expiry import use_before
from labrecords.domain.review.decisions import CONFORM, DESTROY, OF_EXPIRED, REJECTED, RETAIN
from labrecords.domain.review.disposition import waits_since, word_blockers
from labrecords.domain.steps.handover import Handover
from labrecords.domain.steps.offer import Offer
from labrecords.domain.steps.residual import Residual
from tests.support.clean import acted, altered, clean, entry_of, person_id, played

MOMENT = timedelta(seconds=1)


def until(record: BatchRecord) -> datetime:
    found = use_before(record)
    assert found is not None
    return found.until


def said(word: str) -> BatchRecord:
    """The reviewed product, expired by an hour, with a sealed word of quality assurance."""
    example = played(decision="")
    example.now = until(example.record) + timedelta(hours=1)
    example.decide(word, "Nobody came for it.")
    example.seal()
    return example.record


def signable(record: BatchRecord, word: str, at: datetime) -> set[str]:
    return {item.rule for item in word_blockers(record, word, person_id(record, "quentin"), at)}


def test_a_product_waits_from_its_last_instant_on_until_the_word_is_sealed() -> None:
    record = clean()
    limit = until(record)
    assert waits_since(record, limit) is None, "the last instant is in date"
    assert waits_since(record, limit + MOMENT) == limit
    assert waits_since(said(DESTROY), limit + timedelta(days=1)) is None
    assert waits_since(said(REJECTED), limit + timedelta(days=1)) is None, "rejection is final"
    unsealed = replace(said(DESTROY), issue_ends=())
    assert waits_since(unsealed, limit + MOMENT) == limit


def test_what_was_injected_in_time_waits_for_nothing() -> None:
    record = clean("injection")
    assert waits_since(record, until(record) + timedelta(days=1)) is None


@pytest.mark.parametrize("word", OF_EXPIRED)
def test_each_word_is_signed_once_and_only_of_an_expired_product(word: str) -> None:
    record, late = clean(), until(clean()) + MOMENT
    assert signable(record, word, late) == set()
    assert signable(record, word, until(record)) == {"in date"}
    assert signable(said(word), word, late) == {"decided"}
    tess = {item.rule for item in word_blockers(record, word, person_id(record, "tess"), late)}
    assert tess == {"took part"}
    assert "ended" in signable(clean("injection"), word, late)
    assert "no late test" in signable(record, CONFORM, late), "a word on results goes on by its own rules"


def offered(record: BatchRecord, at: datetime) -> Offer:
    """The product offered to somebody at an instant."""
    entry = entry_of(acted("offer-5"), "offer-5")
    assert isinstance(entry, Offer)
    tess, paula = person_id(record, "tess"), person_id(record, "paula")
    return replace(
        entry, step_key="offer-1", container_code="SYR-7", performed_by=tess, receiver=paula, performed_at=at
    )


def test_an_expired_product_is_given_to_nobody_before_the_word_and_to_whoever_does_it_after() -> None:
    record, late = clean(), until(clean()) + timedelta(hours=3)
    assert offered(record, until(record)).stops(record) == ()
    (stop,) = offered(record, late).stops(record)
    assert (stop.rule, stop.critical) == ("expired", True)
    assert "has not said what becomes of it" in stop.sentence
    spoken = said(RETAIN)
    assert offered(spoken, late).stops(spoken) == ()
    (before,) = offered(spoken, until(spoken) + MOMENT).stops(spoken)
    assert before.rule == "expired", "the word was sealed later"


def handed(record: BatchRecord, at: datetime) -> Handover:
    """The product handed over by an act that no process foresees."""
    entry = entry_of(acted("handover-3"), "handover-3")
    assert isinstance(entry, Handover)
    tess, paula = person_id(record, "tess"), person_id(record, "paula")
    mine = {"step_key": "handover-1", "container_code": "SYR-7", "place_to": "Theatre 2", "performed_at": at}
    return replace(entry, **mine, giver=tess, performed_by=paula, given_at=at)  # type: ignore[arg-type]


def test_an_expired_product_is_handed_over_by_no_act_before_the_word() -> None:
    record, late = clean(), until(clean()) + timedelta(hours=3)
    assert handed(record, until(record)).stops(record) == ()
    (stop,) = handed(record, late).stops(record)
    assert (stop.rule, stop.critical) == ("expired", True)
    spoken = said(RETAIN)
    assert handed(spoken, late).stops(spoken) == ()
    assert handed(clean("injection"), late).stops(clean("injection")) == (), "what is left of an injected one"


def test_an_expired_product_that_was_injected_later_still_went_out_expired() -> None:
    record = clean("injection")
    late = until(record) + timedelta(hours=3)
    (first, *_) = getattr(entry_of(record, "injection"), "sites")  # noqa: B009 - an Entry has no sites for mypy
    later = altered(record, "injection", sites=(replace(first, injected_at=late + timedelta(minutes=5)),))
    assert [stop.rule for stop in handed(later, late).stops(later)] == ["expired"]


def test_it_is_not_done_away_with_before_the_word_nor_otherwise_than_signed() -> None:
    residual = entry_of(clean("residual"), "residual")
    assert isinstance(residual, Residual)

    def stops(record: BatchRecord, fate: str) -> list[str]:
        late = until(record) + timedelta(hours=3)
        return [stop.rule for stop in replace(residual, fate=fate, performed_at=late).stops(record)]

    assert stops(clean(), "destroyed") == ["expired"]
    assert stops(said(DESTROY), "destroyed") == []
    assert stops(said(DESTROY), "returned") == ["disposition"]
    assert stops(said(RETAIN), "retained for quality control") == []
    assert residual.stops(clean("residual")) == (), "what is left of an injected product is destroyed at once"
