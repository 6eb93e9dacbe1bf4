"""Repeats: a measurement done again. Its result stands beside the first, which stays a result and is no correction.

A repeat after a result out of acceptance is a retest (21 CFR 211.165(f), 211.192): both results are named.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from labrecords.domain.results.results import judged_results, judged_values
from labrecords.domain.rules.finding import Finding, Severity
from labrecords.domain.values.limits import Outcome

if TYPE_CHECKING:
    from labrecords.domain.entries import Entry
    from labrecords.domain.record import BatchRecord

CAUSES = (
    "counts too far apart",
    "clumped cells",
    "too few cells",
    "dilution did not fit",
    "run aborted",
    "control invalid",
    "sample spoiled",
    "ordered by quality assurance",
    "another cause",
)
"""Why a measurement is repeated: a list, and beside it the words of whoever repeats."""


def of_repeat(record: BatchRecord, entry: Entry) -> Finding:
    """The finding of a repeat, with both results; another rule where the one before was out of acceptance."""
    title = record.process.step(entry.step_key).title
    sentence = f"{title}: repeated by {record.name(entry.recorded_by)}. {entry.reason}"
    old = record.replaced(entry)
    failed: tuple[str, ...] = ()
    if old is not None:
        failed = failures(record.as_it_stood(entry.recorded_at - timedelta(microseconds=1)), old)
        sentence += f" Result before: {old.summary(record)}. Result now: {entry.summary(record)}."
    if failed:
        sentence += f" The result before had failed: {' '.join(failed)}"
    rule = "repeated after a failing result" if failed else "repeat"
    return Finding(rule, Severity.EXCEPTION, sentence, entry.step_key, entry.recorded_at, entry.id)


def failures(record: BatchRecord, entry: Entry) -> tuple[str, ...]:
    """What an entry that counts says out of acceptance about the product, as sentences."""
    about_the_product = [
        (value.label, value.judgement)
        for value in judged_values(record, entry)
        if value.name not in type(entry).about_the_measurement
    ]
    if entry.step_key == record.process.yields.count_after:
        about_the_product += [(result.spec.label, result.judgement) for result in judged_results(record)]
    return tuple(
        f"{label}: {judgement.sentence}"
        for label, judgement in about_the_product
        if judgement.outcome is Outcome.FAIL
    )
