"""Tests of the batch in one view each: sample, method and people, then state, result and verdict (211.194(a))."""

from __future__ import annotations

from labrecords.documents.drawing.typefaces import COND_BOLD
from labrecords.documents.edition import Edition
from labrecords.documents.pages.cells import Cell, Column
from labrecords.documents.pages.outcomes import outcome_cell
from labrecords.documents.pages.sheet import Sheet
from labrecords.documents.pages.tables import Row, table
from labrecords.documents.sections.second_person import verified_words
from labrecords.domain.custody.names import same_container
from labrecords.domain.entries import INVALIDATED, VERIFIED
from labrecords.domain.results.assay_results import AssayStanding, assay_standings, open_late_tests
from labrecords.domain.results.assays import Assay
from labrecords.domain.review.decisions import OF_RESULTS, final_disposition
from labrecords.domain.steps.counted import Counted
from labrecords.domain.steps.sampling import Sample
from labrecords.domain.values.limits import Outcome
from labrecords.domain.values.numbers import plain
from labrecords.domain.values.typography import grouped_within, mid_sentence, with_unit

NO_TESTS = "Late tests: none; this version of the process has no test whose result comes after release."


def draw_tests(sheet: Sheet) -> None:
    """Both tables, counts among the samples, and which late tests are still open."""
    edition = sheet.edition
    tests = assay_standings(edition.record)
    begun = [item for item in tests if item.entry is not None]
    counts = [entry for entry in edition.record.current_entries() if isinstance(entry, Counted)]
    samples: list[Row] = [_count_row(edition, entry) for entry in counts]
    samples += [_sample_row(edition, item) for item in begun]
    columns = (
        Column("Count or test", 34, "l", COND_BOLD),
        Column("Sample, drawn from", 20),
        Column("Taken at; received or counted at", 37),
        Column("Amount", 19),
        Column("Method, version", 28),
        Column("Tester; reviewer", 40),
    )
    table(sheet, columns, samples, "Counts and tests: samples, methods and people")
    if not tests:
        sheet.note(NO_TESTS)
        return
    results: list[Row] = [_result_row(edition, item) for item in tests]
    verdicts = (
        Column("Test", 40, "l", COND_BOLD),
        Column("State", 24),
        Column("Result and verdict in words", 62),
        Column("Expected by", 32),
        Column("Outcome", 20),
    )
    rules = [
        (None, f"{item.step.title}: {grouped_within(item.judgement.rule)}.")
        for item in begun
        if item.judgement.outcome is not Outcome.NOT_DONE
    ]
    table(sheet, verdicts, results, "Tests: results against their limits", rules)
    sheet.note(pending_words(edition) or "Late tests: none is open in this version of the record.")


def _count_row(edition: Edition, count: Counted) -> Row:
    """A count as a test is told: the parts of sample in the dilution are the amount used."""
    sample = next(
        (
            item
            for item in edition.record.of_kind(Sample)
            if same_container(edition.record, item.sample_code, count.sample_code)
        ),
        None,
    )
    taken = edition.when(sample.performed_at) if sample else "not a sample of this batch"
    part, diluent = getattr(count, "sample_part", None), getattr(count, "diluent_part", None)
    amount = (
        f"{plain(part)} in {plain(part + diluent)} parts" if part and diluent is not None else "undiluted"
    )
    software = getattr(count, "software", None)
    by = getattr(count, "chamber", None) or getattr(count, "analyser", None)
    counter = getattr(count, "counter", None)
    by = by or (edition.record.equipment_item(counter).model if counter else "")
    return (
        edition.record.process.step(count.step_key).title,
        f"{count.sample_code}, {sample.container_code}" if sample else count.sample_code,
        f"{taken}; {edition.when(count.performed_at)}",
        amount,
        ", ".join(words for words in (count.method, by, software) if words),
        f"{edition.name(count.performed_by)}; {verified_words(edition, count)}",
    )


def _sample_row(edition: Edition, item: AssayStanding) -> Row:
    entry, sample = item.entry, item.sample
    assert entry is not None, "only tests that were begun have a row"
    taken = edition.when(sample.performed_at) if sample else "not a sample of this batch"
    return (
        item.step.title,
        f"{entry.sample_code}, {sample.container_code}" if sample else entry.sample_code,
        f"{taken}; {edition.when(entry.received_at)}",
        with_unit(plain(entry.amount_ml), "mL"),
        f"{entry.method}, {entry.method_version}",
        f"{_testers(edition, item)}; {_reviewers(edition, entry)}",
    )


def _testers(edition: Edition, item: AssayStanding) -> str:
    history = edition.record.history(item.step.key)
    names = [
        edition.name(entry.performed_by)
        for entry in history
        if isinstance(entry, Assay) and entry.state != INVALIDATED
    ]
    return ", ".join(dict.fromkeys(names))


def _reviewers(edition: Edition, entry: Assay) -> str:
    names = [
        edition.name(item.person_id)
        for item in edition.record.confirmations_of(entry)
        if item.act == VERIFIED
    ]
    return ", ".join(names) or "not reviewed yet"


def _result_row(edition: Edition, item: AssayStanding) -> Row:
    outcome = item.judgement.outcome
    open_word = "open" if item.open else "not begun, optional"
    return (
        item.step.title + (", late" if item.step.late else ""),
        item.state,
        grouped_within(item.judgement.sentence),
        edition.when(item.due_at) if item.due_at else "no day set",
        Cell(open_word) if outcome is Outcome.NOT_DONE else outcome_cell(outcome),
    )


def pending_words(edition: Edition) -> str:
    """Which late tests are open, and when their results are expected; empty where none is."""
    words = [
        f"{mid_sentence(item.step.title)} ({item.state}"
        + (f", expected by {edition.when(item.due_at)})" if item.due_at else ")")
        for item in open_late_tests(edition.record)
    ]
    return f"Late tests pending: {'; '.join(words)}." if words else ""


def draw_late_results(sheet: Sheet) -> None:
    """Every report of a late test that came after the first decision, and the final disposition."""
    edition, record = sheet.edition, sheet.edition.record
    late = {step.key for step in record.process.late_tests}
    first = record.decisions[0].decided_at if record.decisions else None
    rows: list[Row] = [
        (
            record.process.step(entry.step_key).title,
            entry.state,
            entry.result_words() or "no result stated",
            edition.name(entry.performed_by),
            edition.when(entry.recorded_at),
        )
        for entry in record.entries
        if isinstance(entry, Assay) and entry.step_key in late and first and entry.recorded_at > first
    ]
    columns = (
        Column("Test", 44, "l", COND_BOLD),
        Column("Report", 24),
        Column("What was found", 52),
        Column("By", 28),
        Column("Recorded at", 30),
    )
    table(sheet, columns, rows, "Late results, as of this version of the record")
    if not rows:
        sheet.text("Results after release: none up to this version of the record.")
    if words := pending_words(edition):
        sheet.text(words)
    made = edition.disposition or final_disposition(record)
    if made and made.decision in OF_RESULTS:
        sheet.text(
            f"{made.decision[:1].upper()}{made.decision[1:]}: {edition.name(made.person_id)}, "
            f"{edition.when(made.decided_at)}. {made.reason}".strip(),
            COND_BOLD,
            9,
        )
    sheet.text("Complaints: none up to this version of the record.")
