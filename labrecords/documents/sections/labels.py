"""Section 15: a specimen of each label that was printed, what became of every copy, the reconciliation (211.125)."""

from __future__ import annotations

from collections.abc import Iterator

from labrecords.documents.drawing.ink import GREY
from labrecords.documents.drawing.typefaces import COND, COND_BOLD
from labrecords.documents.drawing.wrapping import wrap
from labrecords.documents.labels.layout import draw, placed_copy
from labrecords.documents.pages.cells import Column
from labrecords.documents.pages.geometry import GUTTER, LEFT, MM, RIGHT
from labrecords.documents.pages.sheet import Sheet
from labrecords.documents.pages.tables import Row, table
from labrecords.domain.custody.container_ids import shown
from labrecords.domain.labels.contents import KINDS
from labrecords.domain.labels.legends import FINAL, HARVEST, IN_PROCESS
from labrecords.domain.labels.prints import Copy, LabelPrint, copies, reconciliation
from labrecords.domain.labels.stocks import STOCKS
from labrecords.domain.processes.process import LABELS
from labrecords.domain.steps.reconciliation import YieldReconciliation

_SIZE, _LEAD, _PAD = 7.4, 9.2, 2 * MM
_NARROWEST = 60 * MM
"""What is said of a specimen stands beside it where there is so much room, else below it."""
_PRINTED_AS = {"harvest": HARVEST, "in-process": IN_PROCESS, "final": FINAL}
"""The kinds of labels by which a master record asks for them. The accompanying record is this document."""


def draw_labels(sheet: Sheet) -> None:
    """What the master record asks for, the reconciliation, the copies, and a specimen of each content."""
    sheet.begin_section(15, need=60)
    record = sheet.edition.record
    for sentence in (*_asked(sheet), *_counted(sheet)):
        sheet.text(sentence)
    if not record.label_prints:
        sheet.none("Printed by the system: none.")
        return
    now = reconciliation(record)
    sheet.text(
        f"Printed by the system: {now.printed} = {now.applied} applied + {now.spoiled} spoiled + "
        f"{now.destroyed} destroyed + {now.lost} lost + {now.open} open; "
        f"{now.unchecked} of those applied not scanned back."
    )
    _draw_copies(sheet)
    sheet.note(
        "Beside each specimen: AF is affixed to the container, AT attached where there is room; then the rule."
    )
    specimens: dict[str, LabelPrint] = {}
    for label in record.label_prints:
        specimens.setdefault(label.digest, label)
    for label in specimens.values():
        _draw_specimen(sheet, label)


def _asked(sheet: Sheet) -> Iterator[str]:
    """The labels that the master record names, and whether the system printed each."""
    record = sheet.edition.record
    printed = {label.kind for label in record.label_prints}
    named = [
        f"{LABELS[name]} ({'printed' if _PRINTED_AS[name] in printed else 'not printed by the system'})"
        for name in record.process.label_set
        if name in _PRINTED_AS
    ]
    if named:
        yield f"Labels that the master record asks for: {'; '.join(named)}."


def _counted(sheet: Sheet) -> Iterator[str]:
    """The labels as they were counted by hand, pre-printed ones included."""
    for entry in sheet.edition.record.of_kind(YieldReconciliation):
        yield (
            f"{sheet.edition.step_words(entry.step_key)}, counted by {sheet.edition.name(entry.performed_by)}: "
            f"{entry.labels_printed} printed, {entry.labels_used} used, {entry.labels_destroyed} destroyed."
        )


def _draw_copies(sheet: Sheet) -> None:
    columns = (
        Column("Container", 34, face=COND_BOLD),
        Column("Label", 34),
        Column("Copy", 10, "r"),
        Column("Printed", 42),
        Column("What became of it", 58),
    )
    table(sheet, columns, [_row(sheet, copy) for copy in copies(sheet.edition.record)], "Copies of labels")


def _row(sheet: Sheet, copy: Copy) -> Row:
    edition, label = sheet.edition, copy.label
    again = f". Printed again: {label.reason}" if label.reason else ""
    acts = "; ".join(
        f"{item.act}, {edition.name(item.person_id)}, {edition.when(item.recorded_at)}"
        + (f" ({item.note})" if item.note else "")
        for item in copy.acts
    )
    return (
        shown(label.container_code),
        f"{KINDS[label.kind]}, {STOCKS[label.stock].title}",
        str(copy.number),
        f"{edition.name(label.person_id)}, {edition.when(label.printed_at)}{again}",
        f"{acts}. Now: {copy.state}" if copy.acts else "open: nothing stated",
    )


def _draw_specimen(sheet: Sheet, label: LabelPrint) -> None:
    """A label in its real size, framed, with what it is and by which rule each line stands on it."""
    placed = placed_copy(label, label.first_copy)
    beside = RIGHT - LEFT - placed.wide - GUTTER
    room = beside if beside >= _NARROWEST else RIGHT - LEFT
    lines = [(part, face) for text, face in _words(sheet, label) for part in wrap(face, _SIZE, text, room)]
    text_high = len(lines) * _LEAD
    high = max(placed.high, text_high) if beside >= _NARROWEST else placed.high + _PAD + text_high
    sheet.need(high + 2 * _PAD)
    sheet.gap(_PAD)
    bottom = sheet.y - placed.high
    sheet.ink.box(LEFT, bottom, placed.wide, placed.high, 0.4, GREY, dash="2 2")
    draw(sheet.ink, placed, LEFT, bottom)
    x, y = (LEFT + placed.wide + GUTTER, sheet.y) if beside >= _NARROWEST else (LEFT, bottom - _PAD)
    for number, (text, face) in enumerate(lines, start=1):
        sheet.ink.text(x, y - number * _LEAD + 2, text, face, _SIZE)
    sheet.y -= high + _PAD


def _words(sheet: Sheet, label: LabelPrint) -> Iterator[tuple[str, str]]:
    numbers = [
        str(number)
        for one in sheet.edition.record.label_prints
        if one.digest == label.digest
        for number in one.numbers()
    ]
    yield f"Specimen: {KINDS[label.kind]}, {STOCKS[label.stock].title}", COND_BOLD
    named = f"{'copy' if len(numbers) == 1 else 'copies'} {', '.join(numbers)}"
    yield f"{shown(label.container_code)}, {named}. Drawn from the record in its real size.", COND
    yield f"SHA-256 of its content {label.digest[:16]}…", COND
    for line in label.lines:
        yield f"{line.text}: {line.why}", COND
