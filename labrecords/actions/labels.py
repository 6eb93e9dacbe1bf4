"""Ids of containers, given out here and nowhere else; labels printed, accounted for copy by copy, and scanned back."""

from __future__ import annotations

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from labrecords.actions.door import LABORATORY, BatchRef, Invalid, Refused, Tx, action
from labrecords.actions.projections import project
from labrecords.actions.steps import open_record
from labrecords.documents.drawing.datamatrix import NotEncodable
from labrecords.documents.drawing.typefaces import MissingGlyph
from labrecords.documents.labels.layout import TooSmall, placed_copy
from labrecords.domain.custody.container_ids import (
    LENGTH,
    MOST_A_YEAR,
    ContainerId,
    beginning,
    new_code,
    shown,
)
from labrecords.domain.custody.mixups import LOCKED, said_of, standing, way_out_of
from labrecords.domain.custody.scans import misread_id, read_scan
from labrecords.domain.labels.contents import KINDS, contents, label_codes, needs_storage
from labrecords.domain.labels.prints import (
    CHECKED,
    FATES,
    LOST,
    MOST_COPIES,
    TAKEN_BACK,
    Copy,
    LabelAct,
    LabelPrint,
    cannot_become,
    content_digest,
    copies_of,
    next_copy,
    printed_before,
)
from labrecords.domain.labels.stocks import STOCKS
from labrecords.domain.permissions import Permission
from labrecords.domain.reasons import reason_problem
from labrecords.domain.record import BatchRecord
from labrecords.domain.review.decisions import being_sealed
from labrecords.domain.review.release import Blocker, state_blockers
from labrecords.domain.values import codes, times
from labrecords.models.batch_record import load_record
from labrecords.models.codes import is_carried
from labrecords.models.records import ContainerIdRow


@action("container.numbered", needs=Permission.RECORD_PROCESSING, chains=(LABORATORY,))
def give_container_id(tx: Tx, *, batch: BatchRef) -> str:
    """Give out the next id of the laboratory for a container of this batch. Returns its code of 14 characters.

    Refused for a batch that is void, being sealed or locked, and when the ids of the year are used up.
    """
    record = unlocked_batch(tx, batch)
    given = next_id(tx, record)
    tx.detail = {"container": given.code}
    tx.add(given)
    project(tx.session, load_record(tx.session, record.batch))
    return given.code


def labelled_batch(tx: Tx, batch: BatchRef) -> BatchRecord:
    """The record of a batch that labels can be made for now."""
    record = open_record(tx, batch.batch_id)
    if record.voids or being_sealed(record, tx.now):
        raise Refused(*state_blockers(record))
    return record


def unlocked_batch(tx: Tx, batch: BatchRef) -> BatchRecord:
    """The same, where nothing new is labelled while it is in doubt whose the product is: that would make it lasting."""
    record = labelled_batch(tx, batch)
    if locks := standing(record):
        raise Refused(*(Blocker(LOCKED, said_of(record, lock), way_out_of(lock)) for lock in locks))
    return record


def next_id(tx: Tx, record: BatchRecord) -> ContainerId:
    """The next id in the sequence of the laboratory's year. The lock on its chain keeps two from taking one.

    One that a record carries all the same, misread or misprinted, is left out: it is on a container already.
    """
    site = record.laboratory
    year = times.local(tx.now, ZoneInfo(site.zone)).year
    table, begun = ContainerIdRow.__table__, beginning(site.site_code, year)
    query = select(func.max(table.c.code)).where(table.c.code.startswith(begun, autoescape=True))
    last = tx.session.execute(query).scalar()
    # All begin alike and have six digits next: the last one in the order of texts has the highest number.
    sequence = int(last[len(begun) : LENGTH]) + 1 if last else 1
    while sequence <= MOST_A_YEAR and is_carried(tx.session, new_code(site.site_code, year, sequence)):
        sequence += 1
    if sequence > MOST_A_YEAR:
        raise Refused(Blocker("ids", "All ids of this year are given out.", "Use the maker's codes."))
    code = new_code(site.site_code, year, sequence)
    return ContainerId(tx.new_id(), record.batch.id, code, tx.actor.person_id, tx.now)


@action("labels.printed", needs=Permission.RECORD_PROCESSING)
def print_labels(
    tx: Tx,
    *,
    batch: BatchRef,
    code: str,
    kind: str,
    stock: str,
    copies: int,
    storage: str,
    reason: str,
    over: str = "",
) -> str:
    """Record that labels are printed for a container: what stands on them follows from the record. Returns the id.

    `storage` is how the container is to be kept, where the kind of label says so; `over` the code that is on it still,
    where the label will be put over that one, so that it says what is inside. A second print of a kind for a
    container needs the reason. Refused while the product is locked. Raises Invalid for a code that is none of this
    batch's, and for a label that does not fit or cannot be printed.
    """
    record = unlocked_batch(tx, batch)
    found = _what_is_wrong(record, code, kind, stock, copies, storage)
    if over and (over not in label_codes(record) or codes.normalise(over) == codes.normalise(code)):
        found["over"] = "Choose another container of this batch, the one that is labelled over."
    if not found and printed_before(record, code, kind) and (problem := reason_problem(reason)):
        found["reason"] = f"Such a label was printed for this container before. {problem}"
    if found:
        raise Invalid(found)
    lines = contents(record, kind, code, STOCKS[stock], storage, over)
    label = LabelPrint(
        id=tx.new_id(),
        batch_id=record.batch.id,
        container_code=code,
        kind=kind,
        stock=stock,
        first_copy=next_copy(record, code),
        copies=copies,
        lines=lines,
        digest=content_digest(code, kind, stock, lines),
        reason=reason if printed_before(record, code, kind) else None,
        person_id=tx.actor.person_id,
        printed_at=tx.now,
    )
    try:
        placed_copy(label, label.numbers()[-1])
    except TooSmall as too_small:
        raise Invalid({"stock": str(too_small)}) from too_small
    except (MissingGlyph, NotEncodable) as unprintable:
        raise Invalid({"container": str(unprintable)}) from unprintable
    tx.reason, tx.detail = label.reason, {"container": code, "copies": str(copies)}
    tx.add(label)
    project(tx.session, load_record(tx.session, record.batch))
    return label.id


def _what_is_wrong(
    record: BatchRecord, code: str, kind: str, stock: str, copies: int, storage: str
) -> dict[str, str]:
    found = {}
    if code not in label_codes(record):
        found["container"] = "Choose a container of this batch, or give out an id for a new one first."
    if kind not in KINDS:
        found["kind"] = "Choose what the label is for."
    elif not storage and needs_storage(kind):
        found["storage"] = "Say how the container is to be kept: it must stand on this label."
    if stock not in STOCKS:
        found["stock"] = "Choose the size of the label."
    if not 1 <= copies <= MOST_COPIES:
        found["copies"] = f"From 1 to {MOST_COPIES} copies are printed at once."
    return found


@action("labels.accounted", needs=Permission.RECORD_PROCESSING)
def account_for_labels(
    tx: Tx, *, batch: BatchRef, print_id: str, fates: Mapping[int, str], note: str
) -> list[str]:
    """Record what became of copies of one print, by their numbers. Returns the ids of the rows.

    Whatever takes something back, was lost, or ends a label that was applied, needs a note that says why. Raises
    Invalid, with the sentence at `copy-N`.
    """
    record = labelled_batch(tx, batch)
    mine = _copies(record, print_id)
    found, explained = {}, reason_problem(note) is None
    for number, fate in fates.items():
        copy = mine.get(number)
        if copy is None or fate not in FATES:
            found[f"copy-{number}"] = (
                "There is no such copy." if copy is None else "Choose what became of it."
            )
        elif problem := cannot_become(copy, fate):
            found[f"copy-{number}"] = problem
        elif (fate in (TAKEN_BACK, LOST) or copy.applied) and not explained:
            found["note"] = "Say what happened and why, so that another person understands it."
    if not fates:
        found["note"] = "Choose of at least one copy what became of it."
    if found:
        raise Invalid(found)
    tx.reason = note or None
    made = [_act(tx, mine[number], fate, note) for number, fate in sorted(fates.items())]
    project(tx.session, load_record(tx.session, record.batch))
    return made


@action("label.scanned_back", needs=Permission.VERIFY)
def scan_label_back(tx: Tx, *, batch: BatchRef, print_id: str, copy: int, read: str) -> str:
    """Record that a second person scanned an applied label on its container, and that it says what it should.

    Raises Invalid for a code that was misread or is another one: then nothing is confirmed. Refused for whoever
    applied the label, with whichever account.
    """
    record = labelled_batch(tx, batch)
    mine = _copies(record, print_id)
    if copy not in mine:
        raise Invalid({"copy": "Choose the copy that is on the container."})
    label = mine[copy]
    if problem := cannot_become(label, CHECKED):
        raise Invalid({"copy": problem})
    if record.same_human(label.applied_by(), tx.actor.person_id):
        raise Refused(
            Blocker("second person", "You applied this label.", "Another person scans it on the container.")
        )
    if problem := _misread(record, label, read):
        raise Invalid({"read": problem})
    made = _act(tx, label, CHECKED, "")
    project(tx.session, load_record(tx.session, record.batch))
    return made


def _misread(record: BatchRecord, copy: Copy, read: str) -> str | None:
    """Why what was scanned does not confirm the label, in a sentence; None where it does."""
    try:
        scan = read_scan(read)
    except codes.NotACode as misread:
        return str(misread)
    code, wanted = scan.code, copy.label.container_code
    if not code:
        return "Scan the label on the container."
    if wrong := misread_id(code, record.laboratory.site_code):
        return wrong.sentence
    if code == codes.normalise(wanted):
        if scan.copy in (None, copy.number):
            return None
        return (
            f"Copy {scan.copy} was read, and this is about copy {copy.number}. Find out which label is on the "
            "container, and scan that one back."
        )
    return (
        f"{shown(code)} was read, and this label is for {shown(wanted)}. Stop: put the container aside, find out which "
        "label is on it, and tell quality assurance."
    )


def _copies(record: BatchRecord, print_id: str) -> dict[int, Copy]:
    found = {copy.number: copy for copy in copies_of(record, print_id)}
    if not found:
        raise Refused(Blocker("label", "There is no such print.", "Open the page Labels of the batch again."))
    return found


def _act(tx: Tx, copy: Copy, act: str, note: str) -> str:
    row = LabelAct(
        tx.new_id(),
        copy.label.batch_id,
        copy.label.id,
        copy.number,
        act,
        note or None,
        tx.actor.person_id,
        tx.now,
    )
    tx.add(row)
    return row.id
