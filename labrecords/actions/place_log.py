"""Taking the temperature of a place, correcting what was taken, and reviewing it by signature."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from labrecords.actions.door import PLACE_LOG, Invalid, Refused, Stale, Tx, action
from labrecords.actions.signing import Proof, sign_over
from labrecords.domain.evidence.signatures import LOG_REVIEWED
from labrecords.domain.permissions import Permission
from labrecords.domain.reasons import reason_problem
from labrecords.domain.registers.place_log import (
    PlaceReading,
    PlaceReview,
    days_problem,
    done_problem,
    reading_problems,
    review_blockers,
    shown_as,
)
from labrecords.domain.registers.place_tree import range_kept
from labrecords.domain.review.release import Blocker
from labrecords.domain.values import times
from labrecords.models.batch_record import head_of, laboratory
from labrecords.models.people import accounts_of
from labrecords.models.place_readings import place_versions, reading_by_id, readings_between

NO_PLACE = Blocker("place", "There is no such place.", "Open the register of equipment and places.")


@dataclass(frozen=True)
class ReadingFacts:
    """What was read of a place, in °C. `replaces_id` names the reading that it corrects, `reason` says why."""

    place_code: str
    read_at: datetime
    now_c: Decimal
    min_c: Decimal | None = None
    max_c: Decimal | None = None
    note: str = ""
    done: str = ""
    replaces_id: str = ""
    reason: str = ""


@dataclass(frozen=True)
class ReviewFacts:
    """What is reviewed: the readings of a place from a day to a day, on the calendar of the laboratory."""

    place_code: str
    since: date
    until: date
    comment: str
    seen: str
    """The readings that the form showed, as `shown_as` says."""


@action("place.read", needs=Permission.RECORD_CUSTODY, chains=(PLACE_LOG,))
def record_reading(tx: Tx, *, facts: ReadingFacts) -> str:
    """Record what the thermometer of a place showed; one that is outside its range says why, and what was done.

    It is judged by the range that was registered when it was read. With `replaces_id` it stands instead of an earlier
    one, with the reason. Returns the id of the reading. Refused where the earlier one was corrected already.
    """
    register = place_versions(tx.session)
    if not any(item.code == facts.place_code for item in register):
        raise Refused(NO_PLACE)
    allowed = range_kept(register, facts.place_code, facts.read_at)
    celsius = (facts.now_c, facts.min_c, facts.max_c)
    problems = reading_problems(*celsius)
    if facts.read_at > times.end_of_minute(tx.now):
        problems["read_at"] = "This time is in the future."
    if wrong := done_problem(allowed, celsius, facts.done):
        problems["done"] = wrong
    if facts.replaces_id:
        tx.act, tx.reason = "place.reading_corrected", facts.reason
        _check_replaced(tx, facts)
        if wrong := reason_problem(facts.reason):
            problems["reason"] = wrong
    if problems:
        raise Invalid(problems)
    reading = PlaceReading(
        id=tx.new_id(),
        place_code=facts.place_code,
        read_at=facts.read_at,
        now_c=facts.now_c,
        min_c=facts.min_c,
        max_c=facts.max_c,
        low_c=allowed.low if allowed else None,
        high_c=allowed.high if allowed else None,
        note=facts.note,
        done=facts.done,
        replaces_id=facts.replaces_id or None,
        reason=facts.reason if facts.replaces_id else "",
        person_id=tx.actor.person_id,
        by_name=tx.actor.name,
        recorded_at=tx.now,
    )
    tx.subject, tx.detail = facts.place_code, {"code": facts.place_code}
    tx.add(reading)
    return reading.id


def _check_replaced(tx: Tx, facts: ReadingFacts) -> None:
    known = reading_by_id(tx.session, facts.replaces_id)
    if known is None or known.reading.place_code != facts.place_code:
        raise Refused(
            Blocker("reading", "There is no such reading of this place.", "Open the log of the place.")
        )
    if known.corrected:
        raise Refused(
            Blocker("reading", "Somebody has corrected this reading already.", "Open the log again.")
        )


@action("place.reviewed", needs=Permission.REVIEW_PLACES, chains=(PLACE_LOG,))
def review_log(tx: Tx, *, facts: ReviewFacts, proof: Proof) -> str:
    """Sign that the readings of a place over whole days were looked at, with a comment. Returns the review's id.

    Stale where there are other readings than were shown. Refused to whoever took one of them. A reading that is
    recorded or corrected afterwards counts as not reviewed.
    """
    if not any(item.code == facts.place_code for item in place_versions(tx.session)):
        raise Refused(NO_PLACE)
    zone = laboratory(tx.session).zone
    problems = _problems(facts, times.local(tx.now, ZoneInfo(zone)).date())
    if problems:
        raise Invalid(problems)
    start, end = times.days_between(facts.since, facts.until, ZoneInfo(zone))
    readings = readings_between(tx.session, facts.place_code, start, end)
    if shown_as(readings) != facts.seen:
        raise Stale(-1, len(readings))
    if blockers := review_blockers(readings, accounts_of(tx.session, tx.actor.person_id)):
        raise Refused(*blockers)
    signature = sign_over(tx, proof, head_of(tx.session, PLACE_LOG), zone, facts.place_code, LOG_REVIEWED)
    review = PlaceReview(
        id=tx.new_id(),
        place_code=facts.place_code,
        start_at=start,
        end_at=end,
        readings=len(readings),
        outside=sum(reading.outside for reading in readings),
        comment=facts.comment,
        person_id=tx.actor.person_id,
        by_name=tx.actor.name,
        signature_id=signature.id,
        reviewed_at=tx.now,
    )
    tx.subject, tx.reason, tx.detail = facts.place_code, facts.comment, {"code": facts.place_code}
    tx.add(review)
    return review.id


def _problems(facts: ReviewFacts, today: date) -> dict[str, str]:
    found = {}
    if problem := days_problem(facts.since, facts.until, today):
        found["until"] = problem
    if wrong := reason_problem(facts.comment):
        found["reason"] = wrong
    return found
