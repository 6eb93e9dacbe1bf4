"""What labels mean for the batch: copies that wait or were lost, labels nobody scanned back, counts that differ."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from labrecords.domain.custody.container_ids import shown
from labrecords.domain.entries import Entry, Stop
from labrecords.domain.labels.prints import (
    APPLIED,
    LOST,
    OPEN,
    Copy,
    copies,
    copies_of,
    reconciliation,
)
from labrecords.domain.rules.finding import Finding, Severity
from labrecords.domain.steps.administration import Injection
from labrecords.domain.steps.label_over import REMOVED, LabelOver
from labrecords.domain.steps.reconciliation import YieldReconciliation
from labrecords.domain.steps.sampling import Sample
from labrecords.domain.values import times
from labrecords.domain.values.codes import normalise

if TYPE_CHECKING:
    from labrecords.domain.record import BatchRecord

UNCHECKED, NOT_ACCOUNTED, LOST_COPY = "label not scanned back", "label not accounted for", "label lost"
_WHERE = "On the page Labels of the batch:"


def label_stops(record: BatchRecord, entry: Entry) -> tuple[Stop, ...]:
    """Material is not taken out of a container whose new label no second person has scanned back by then."""
    used = set(_used(entry))
    if not used:
        return ()
    waiting = {
        normalise(copy.label.container_code): copy
        for copy in copies(record)
        if normalise(copy.label.container_code) in used and _unchecked(copy, entry)
    }
    return tuple(
        Stop(
            rule=UNCHECKED,
            sentence=f"The label of {shown(copy.label.container_code)} (copy {copy.number}) was not scanned back "
            "by a second person.",
            way_out=f"{_WHERE} a second person scans the label on the container.",
        )
        for copy in waiting.values()
    )


def _used(entry: Entry) -> Iterator[str]:
    """The containers that an act takes material out of."""
    if isinstance(entry, Injection):
        yield from map(normalise, entry.containers())
    elif isinstance(entry, Sample):
        yield normalise(entry.container_code)
    elif entry.pours_into():
        yield from map(normalise, entry.sources())


def _unchecked(copy: Copy, entry: Entry) -> bool:
    """Whether the copy was on its container when the act began to count, and not scanned back by then."""
    at = times.minute(entry.performed_at)
    before = [item.act for item in copy.acts if times.minute(item.recorded_at) <= at]
    return bool(before) and before[-1] == APPLIED


def label_findings(record: BatchRecord) -> tuple[Finding, ...]:
    """Every copy that was lost, every second print, and counts that differ from the system's."""
    found: list[Finding] = []
    for label in record.label_prints:
        name = f"Label of {shown(label.container_code)}"
        if label.reason:
            sentence = f"{name}: printed again. Reason given: {label.reason}"
            found.append(Finding("label printed again", Severity.EXCEPTION, sentence, "", label.printed_at))
        found += [
            Finding(
                LOST_COPY,
                Severity.BLOCKING,
                f"{name}, copy {copy.number}: lost. {copy.acts[-1].note}",
                "",
                copy.acts[-1].recorded_at,
            )
            for copy in copies_of(record, label.id)
            if copy.state == LOST
        ]
    return (*found, *_of_counts(record))


def waiting_copies(record: BatchRecord) -> tuple[tuple[str, str, str], ...]:
    """What stands in the way of release until somebody acts: rule, sentence and way out for each print and state."""
    found, off = [], _taken_off(record)
    gone = {(copy.label.id, copy.number) for copy, _ in off}
    for label in record.label_prints:
        for state, rule, said, way_out in (
            (OPEN, NOT_ACCOUNTED, "nobody stated what became of it", "say what became of it."),
            (APPLIED, UNCHECKED, "not scanned back by a second person", "a second person scans it."),
        ):
            numbers = [
                str(copy.number)
                for copy in copies_of(record, label.id)
                if copy.state == state and (label.id, copy.number) not in gone
            ]
            if numbers:
                sentence = f"Label of {shown(label.container_code)}, copy {', '.join(numbers)}: {said}."
                found.append((rule, sentence, f"{_WHERE} {way_out}"))
    for copy, over in off:
        sentence = (
            f"Label of {shown(over.container_code)}, copy {copy.number}: taken off when the container was labelled "
            f"over as {shown(over.new_code)}, and not accounted for."
        )
        found.append((NOT_ACCOUNTED, sentence, f"{_WHERE} say what became of it."))
    return tuple(found)


def _taken_off(record: BatchRecord) -> list[tuple[Copy, LabelOver]]:
    """The labels that were removed for a new one, and still stand in the books as on their container."""
    removed = {
        normalise(one.container_code): one for one in record.of_kind(LabelOver) if one.old_label == REMOVED
    }
    pairs = ((copy, removed.get(normalise(copy.label.container_code))) for copy in copies(record))
    return [(copy, over) for copy, over in pairs if over is not None and copy.applied]


def _of_counts(record: BatchRecord) -> Iterator[Finding]:
    """Who counts the labels at the end cannot have fewer than the system printed; pre-printed ones come on top."""
    now = reconciliation(record)
    for entry in record.of_kind(YieldReconciliation):
        if entry.labels_printed < now.printed:
            yield Finding(
                "label count",
                Severity.BLOCKING,
                f"{entry.labels_printed} labels were counted as printed, and the system printed {now.printed}.",
                entry.step_key,
                entry.performed_at,
                entry.id,
                "Count them again, and correct the number.",
            )
