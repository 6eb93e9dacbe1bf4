"""Which decision of QA stands at an instant, and whether the product may leave because of it (domain 6.1)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from labrecords.domain.entries import Entry, Stop
from labrecords.domain.processes.process import Step
from labrecords.domain.results.assay_results import failing_tests
from labrecords.domain.results.assays import RUNNING, Assay
from labrecords.domain.values import times
from labrecords.domain.values.typography import mid_sentence

if TYPE_CHECKING:
    from labrecords.domain.record import BatchRecord, Decision
    from labrecords.domain.review.issues import Issue

RELEASED, REJECTED, ON_HOLD = "released", "rejected", "on hold"
ON_THE_PRODUCT = (RELEASED, REJECTED, ON_HOLD)
"""Decisions on whether the product may be used."""
CONFORM, NOT_CONFORM, RESULTS_ADDED = (
    "final disposition: conforms",
    "final disposition: does not conform",
    "late results added",
)
DESTROY, RETURN, RETAIN = (
    "expired product: destroy",
    "expired product: return",
    "expired product: retain for test",
)
OF_EXPIRED = (DESTROY, RETURN, RETAIN)
"""What quality assurance signs of a product whose use-before time has passed."""
OF_RESULTS = (CONFORM, NOT_CONFORM, RESULTS_ADDED)
"""What quality assurance signs once late results have come."""
DISPOSITIONS = (*OF_RESULTS, *OF_EXPIRED)
"""Words of quality assurance that leave the decision on the product what it was."""
SEALING_LASTS = timedelta(minutes=2)
"""Sealing takes a second; after this time nobody is at it any more."""
SEALED, FAILED, WITHDRAWN = "sealed", "failed", "withdrawn"


def issue_of(record: BatchRecord, cause_id: str) -> Issue | None:
    """The document version that a decision or closure caused."""
    return next((issue for issue in record.issues if issue.cause_id == cause_id), None)


def open_issue(record: BatchRecord) -> Issue | None:
    """The document version that is being sealed, or whose sealing failed; None when nothing is open."""
    for issue in reversed(record.issues):
        end = record.ending(issue)
        if end is None or end.outcome == FAILED:
            return issue
    return None


def being_sealed(record: BatchRecord, now: datetime) -> bool:
    """Whether a document is being made at this moment. One that takes longer was interrupted."""
    issue = open_issue(record)
    if issue is None:
        return False
    end = record.ending(issue)
    begun = max([issue.requested_at, *(item.signed_at for item in record.signatures)])
    return end is None and now - begun < SEALING_LASTS


def sealed_decisions(record: BatchRecord) -> tuple[tuple[Decision, datetime], ...]:
    """Decisions on the product whose document is sealed, each with the instant since which it stands, oldest first."""
    return _sealed(record, ON_THE_PRODUCT)


def final_disposition(record: BatchRecord) -> Decision | None:
    """The final disposition that stands: signed and sealed, with no late result recorded after it."""
    made = [decision for decision, _ in _sealed(record, (CONFORM, NOT_CONFORM))]
    return made[-1] if made and not results_after(record, made[-1].decided_at) else None


def expired_word(record: BatchRecord, at: datetime | None = None) -> Decision | None:
    """The last word on an expired product that was sealed, by an instant where one is given; or None."""
    made = [item for item, since in _sealed(record, OF_EXPIRED) if at is None or since <= at]
    return made[-1] if made else None


def _sealed(record: BatchRecord, among: tuple[str, ...]) -> tuple[tuple[Decision, datetime], ...]:
    standing = []
    for decision in record.decisions:
        if decision.decision not in among:
            continue
        issue = issue_of(record, decision.id)
        end = record.ending(issue) if issue else None
        if end and end.outcome == SEALED:
            standing.append((decision, end.ended_at))
    return tuple(standing)


def changed_after(record: BatchRecord, decision: Decision, until: datetime | None = None) -> bool:
    """Whether something that the decision rests on was recorded after it (and before `until`).

    It rests on the processing and on the tests that release waits for; late tests are expected to come back after it.
    What is poured together after it is another product.
    """
    recorded = _recorded(record, record.process.decisive)
    recorded += [entry.recorded_at for entry in record.entries if entry.remakes]
    return any(at > decision.decided_at and (until is None or at <= until) for at in recorded)


def results_after(record: BatchRecord, instant: datetime) -> bool:
    """Whether a result of a late test was reported, corrected, set aside or said never to come after an instant.

    That a test was begun, or still runs, is no result.
    """
    return any(at > instant for at in _recorded(record, record.process.late_tests))


def _recorded(record: BatchRecord, steps: tuple[Step, ...]) -> list[datetime]:
    keys = {step.key for step in steps}
    instants = [entry.recorded_at for entry in record.entries if entry.step_key in keys and not _runs(entry)]
    return instants + [item.recorded_at for item in record.not_done if item.step_key in keys]


def _runs(entry: Entry) -> bool:
    return isinstance(entry, Assay) and entry.state == RUNNING


def standing_decision(record: BatchRecord, at: datetime | None = None) -> Decision | None:
    """The decision that stood at an instant (now, when none is given), or None.

    A decision stands from the sealing of its document. It no longer stands once something of the processing was
    recorded after it: QA then decides anew (P11-70: a changed record invalidates its signature). Rejection is final:
    whatever is recorded later, the product stays rejected.
    """
    made = [decision for decision, since in sealed_decisions(record) if at is None or since <= at]
    final = next((decision for decision in made if decision.decision == REJECTED), None)
    if final or not made or changed_after(record, made[-1], at):
        return final
    return made[-1]


def is_rejected(record: BatchRecord, at: datetime | None = None) -> bool:
    """Whether the product was rejected by an instant (now, when none is given)."""
    made = standing_decision(record, at)
    return made is not None and made.decision == REJECTED


def release_stop_of(record: BatchRecord, act: Entry, at: datetime) -> Stop | None:
    """The same as `release_stop` for an act that was done at an instant, judged too when it was first recorded.

    Neither a stated time nor a late record leads around what quality assurance decided.
    """
    return release_stop(record, at) or release_stop(record, record.first_recorded_at(act))


def release_stop(record: BatchRecord, at: datetime) -> Stop | None:
    """A critical stop when the product may not be used at the given instant for want of a release.

    Nor is it used once quality assurance has said what becomes of it as an expired one, even where a time that was
    corrected since makes it in date.
    """
    if word := expired_word(record, times.end_of_minute(at)):
        return Stop(
            rule="release",
            sentence=f"Quality assurance signed “{word.decision}”: it must not be used.",
            way_out="Set the product aside and call QA.",
            critical=True,
        )
    decision = standing_decision(record, times.end_of_minute(at))
    if decision and decision.decision == RELEASED:
        return _failed_test_stop(record, times.end_of_minute(at))
    if decision:
        return Stop(
            rule="release",
            sentence=f"This product is {decision.decision}: it must not be used.",
            way_out="Set the product aside and call QA.",
            critical=True,
        )
    if not record.process.release_required:
        return _failed_test_stop(record, times.end_of_minute(at))
    return Stop(
        rule="release",
        sentence="This product is not released.",
        way_out="Wait for the release by QA.",
        critical=True,
    )


def _failed_test_stop(record: BatchRecord, at: datetime) -> Stop | None:
    """A critical stop when a test was known to have failed at an instant, whatever was decided before it came back."""
    failed = failing_tests(record.as_it_stood(at))
    if not failed:
        return None
    entry = failed[0].entry
    words = entry.result_words() if entry else ""
    return Stop(
        rule="test failed",
        sentence=f"A test of this product failed: {mid_sentence(failed[0].step.title)}, {words}. It must not be used.",
        way_out="Set the product aside and call QA.",
        critical=True,
    )
