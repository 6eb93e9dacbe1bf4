"""The two lists of the cover: results for release, and what needs a second look."""

from __future__ import annotations

from collections.abc import Iterator

from labrecords.documents.drawing.ink import GREY, INK
from labrecords.documents.drawing.marks import draw_mark, draw_tag
from labrecords.documents.drawing.typefaces import COND, COND_BOLD, SANS_BOLD
from labrecords.documents.drawing.wrapping import fit, wrap
from labrecords.documents.edition import Edition
from labrecords.documents.flags import WORDS, letter_of
from labrecords.documents.pages.geometry import LEFT, MM, RIGHT, col, span
from labrecords.documents.pages.outcomes import outcome_cell
from labrecords.documents.pages.sheet import Sheet
from labrecords.documents.pages.values import range_words
from labrecords.domain.entries import INVALIDATED, REPEATED
from labrecords.domain.processes.process import ADMINISTRATION, PROCESSING
from labrecords.domain.record import BatchRecord
from labrecords.domain.results.assay_results import assay_standings
from labrecords.domain.results.assays import FINAL, Assay
from labrecords.domain.results.results import judged_results
from labrecords.domain.review.bypass import not_bypassed
from labrecords.domain.review.bypass import words as bypass_words
from labrecords.domain.review.release import missing_confirmations
from labrecords.domain.rules.findings import stops_of
from labrecords.domain.steps.counted import Counted
from labrecords.domain.values.limits import Limit
from labrecords.domain.values.typography import grouped, with_unit

_ROW = 17
_STOPS = 3
"""So many acts with a stop are told on the first page; the others are counted there."""


def draw_results(sheet: Sheet, top: float) -> float:
    """Results beside their limits, and the steps in numbers. Returns the lower edge."""
    edition, ink, y = sheet.edition, sheet.ink, top - 7
    ink.text(LEFT, top, "Results for release", SANS_BOLD, 10)
    ink.across(LEFT, LEFT + span(6), y, 0.9, INK)
    for result in judged_results(edition.record):
        y -= _ROW
        derived, spec = result.derived, result.spec
        value = with_unit(grouped(derived.reported), derived.unit) if derived else "no result"
        size, label = fit(COND, 8.4, spec.label, 32 * MM)
        ink.text(LEFT, y + 4.4, label, COND, size)
        size, value = fit(COND_BOLD, 8.4, value, 24 * MM)
        ink.text(LEFT + 57 * MM, y + 4.4, value, COND_BOLD, size, "r")
        size, limits = fit(COND, 7.4, _limit_words(spec.limit), 17 * MM)
        ink.text(LEFT + 59 * MM, y + 4.4, limits, COND, size, colour=GREY)
        cell = outcome_cell(result.judgement.outcome)
        x = LEFT + 74 * MM
        x += draw_mark(ink, x, y + 4.4, cell.mark, 8.2) if cell.mark else 0
        ink.text(x, y + 4.4, cell.text, COND, 8)
        ink.across(LEFT, LEFT + span(6), y)
    if not edition.record.process.results:
        ink.text(LEFT, y - 11, "The process asks for none.", COND, 8.4)
        y -= _ROW
    for line in (_steps_in_words(edition), _tests_in_words(edition)):
        size, words = fit(COND, 8.4, line, span(6))
        ink.text(LEFT, y - 13, words, COND, size)
        y -= 12
    return y - _ROW + 12


def _limit_words(limit: Limit) -> str:
    """What a result is compared with on the cover."""
    return range_words(limit.acceptance) or ("alert only" if range_words(limit.alert) else "report only")


def _steps_in_words(edition: Edition) -> str:
    record = edition.record
    recorded = sum(1 for step in record.process.steps if record.current(step.key))
    left_out = sum(1 for step in record.process.steps if record.not_done_reason(step.key))
    unanswered = len(record.process.steps) - recorded - left_out
    return f"Steps: {recorded} recorded, {left_out} not done with reason, {unanswered} open"


def _tests_in_words(edition: Edition) -> str:
    """How many counts and tests there are, and how many of their results are late, repeated or set aside."""
    record = edition.record
    counts = [entry for entry in record.entries if isinstance(entry, Counted)]
    tests = assay_standings(record)
    final = sum(1 for item in tests if item.state == FINAL)
    late = [item for item in tests if item.step.late]
    aside = sum(1 for entry in record.entries if isinstance(entry, Assay) and entry.state == INVALIDATED)
    return (
        f"Counts: {len({entry.step_key for entry in counts})}, "
        f"{sum(1 for entry in counts if entry.follows_as == REPEATED)} repeated. "
        f"Tests: {len(tests)}, {final} final, {sum(1 for item in tests if item.fails)} failed, {aside} set aside. "
        f"Late results: {sum(1 for item in late if item.state == FINAL)} of {len(late)}"
    )


def draw_second_look(sheet: Sheet, top: float) -> float:
    """How many flags of each kind there are, zeros included, and where they are explained. Returns the lower edge."""
    edition, ink, left, y = sheet.edition, sheet.ink, col(6), top - 7
    ink.text(left, top, "What needs a second look", SANS_BOLD, 10)
    ink.across(left, RIGHT, y, 0.9, INK)
    counts = dict.fromkeys(WORDS, 0)
    for flag in edition.flags:
        counts[letter_of(flag.finding.rule)] += 1
    missing = [
        *missing_confirmations(edition.record, PROCESSING),
        *missing_confirmations(edition.record, ADMINISTRATION),
    ]
    rows = [
        (letter, counts[letter], words.partition(",")[0], 22 if letter in "CL" else 17)
        for letter, words in WORDS.items()
    ]
    for letter, count, words, section in [*rows, ("", len(missing), "confirmations still open", 18)]:
        y -= 14.6
        if letter:
            draw_tag(ink, left, y + 4.2, letter, inverted=letter in "SFG" and count > 0)
        ink.text(left + 9.5 * MM, y + 3.8, str(count), SANS_BOLD, 9, "r")
        size, words = fit(COND, 8.2, words, RIGHT - left - 24 * MM)
        ink.text(left + 12 * MM, y + 3.8, words, COND, size)
        sheet.page_of(section, RIGHT, y + 3.8, COND, 8, "p. ")
        ink.across(left, RIGHT, y)
    return _draw_stops(sheet, left, y)


def _draw_stops(sheet: Sheet, left: float, y: float) -> float:
    """Every bypass with both names, and every act that had begun although it must not, each with its reason: nobody
    has to turn the page to learn of it."""
    said = [*_bypassed(sheet.edition.record), *_begun(sheet.edition.record)]
    for words in said[:_STOPS]:
        for line in wrap(COND, 7.4, words, RIGHT - left)[:2]:
            y -= 9.4
            sheet.ink.text(left, y, line, COND, 7.4)
    if len(said) > _STOPS:
        y -= 9.4
        sheet.ink.text(left, y, f"and {len(said) - _STOPS} more: section 17", COND, 7.4)
    return y


def _bypassed(record: BatchRecord) -> Iterator[str]:
    for bypass in record.bypasses:
        yield f"Step {record.process.step(bypass.step_key).number}: {bypass_words(record, bypass)}"


def _begun(record: BatchRecord) -> Iterator[str]:
    """For each act that was stopped and had happened: by which rules, and the reason that was given."""
    for entry in record.current_entries():
        rules = [stop.rule for stop in not_bypassed(record, entry, stops_of(record, entry))]
        if entry.happened_reason and rules:
            number, named = record.process.step(entry.step_key).number, ", ".join(dict.fromkeys(rules))
            yield f"Step {number}: had begun in spite of {named}: {entry.happened_reason}"
