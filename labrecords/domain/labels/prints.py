"""Labels that were printed, and what became of every copy (21 CFR 211.125; lessons of label control)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from labrecords.domain.evidence.canonical import canonical_bytes, sha256_hex
from labrecords.domain.once import once
from labrecords.domain.values.codes import normalise

if TYPE_CHECKING:
    from labrecords.domain.record import BatchRecord

OPEN, APPLIED, CHECKED, SPOILED = "open", "applied", "scanned back", "spoiled"
DESTROYED, LOST = "destroyed", "lost"
TAKEN_BACK = "stated by mistake"
FATES = (APPLIED, SPOILED, DESTROYED, LOST, TAKEN_BACK)
"""What a person states of a copy; `scanned back` comes from the scan alone."""
MOST_COPIES = 48


@dataclass(frozen=True)
class Line:
    """One thing that stands on a label: which, in what words, and by which rule."""

    element: str
    text: str
    why: str


@dataclass(frozen=True)
class LabelPrint:
    """One act of printing: one or more copies of one label, numbered on over all prints for the container."""

    id: str
    batch_id: str
    container_code: str
    kind: str
    stock: str
    first_copy: int
    copies: int
    lines: tuple[Line, ...]
    digest: str
    """SHA-256 of what was printed, without the number of the copy: `content_digest`."""
    reason: str | None
    """Why it was printed again, where copies of this kind were printed for the container before."""
    person_id: str
    printed_at: datetime

    def numbers(self) -> range:
        """The numbers of the copies."""
        return range(self.first_copy, self.first_copy + self.copies)


@dataclass(frozen=True)
class LabelAct:
    """What became of one copy, or that it was scanned back on its container."""

    id: str
    batch_id: str
    print_id: str
    copy: int
    act: str
    note: str | None
    person_id: str
    recorded_at: datetime


@dataclass(frozen=True)
class Copy:
    """One copy of a label as it stands now."""

    label: LabelPrint
    number: int
    acts: tuple[LabelAct, ...]
    """Everything that was stated of it, the oldest first."""

    @property
    def state(self) -> str:
        """`open` until somebody stated what became of it, and again where that was a mistake."""
        last = self.acts[-1].act if self.acts else OPEN
        return OPEN if last == TAKEN_BACK else last

    @property
    def applied(self) -> bool:
        """Whether it is on a container, scanned back or not."""
        return self.state in (APPLIED, CHECKED)

    def applied_by(self) -> str:
        """Id of the person who stated last that it was applied; empty where nobody did."""
        return next((item.person_id for item in reversed(self.acts) if item.act == APPLIED), "")


@dataclass(frozen=True)
class Reconciliation:
    """How many copies were printed, and what became of them: the five add up to the first."""

    printed: int
    applied: int
    spoiled: int
    destroyed: int
    lost: int
    open: int
    unchecked: int
    """Of those applied: not scanned back yet."""


@once
def copies(record: BatchRecord) -> tuple[Copy, ...]:
    """Every copy that was printed, in the order of printing."""
    return tuple(
        Copy(
            label,
            number,
            tuple(act for act in record.label_acts if (act.print_id, act.copy) == (label.id, number)),
        )
        for label in record.label_prints
        for number in label.numbers()
    )


def copies_of(record: BatchRecord, print_id: str) -> tuple[Copy, ...]:
    """The copies of one print."""
    return tuple(copy for copy in copies(record) if copy.label.id == print_id)


def reconciliation(record: BatchRecord) -> Reconciliation:
    """Printed = applied + spoiled + destroyed + lost + open."""
    states = [copy.state for copy in copies(record)]
    return Reconciliation(
        printed=len(states),
        applied=states.count(APPLIED) + states.count(CHECKED),
        spoiled=states.count(SPOILED),
        destroyed=states.count(DESTROYED),
        lost=states.count(LOST),
        open=states.count(OPEN),
        unchecked=states.count(APPLIED),
    )


def next_copy(record: BatchRecord, code: str) -> int:
    """The number of the next copy for a container: they are counted over all its labels."""
    return 1 + sum(label.copies for label in record.label_prints if _same(label.container_code, code))


def printed_before(record: BatchRecord, code: str, kind: str) -> bool:
    """Whether a label of this kind was printed for the container before."""
    return any(label.kind == kind and _same(label.container_code, code) for label in record.label_prints)


def cannot_become(copy: Copy, act: str) -> str | None:
    """Why this cannot be stated of a copy as it stands, as a sentence; None where it can."""
    words = f"Copy {copy.number} is {copy.state}."
    if act == TAKEN_BACK:
        return f"{words} There is nothing to take back." if copy.state == OPEN else None
    if act == CHECKED:
        return None if copy.state == APPLIED else f"{words} A label is scanned back once it is applied."
    if copy.state == OPEN or (copy.applied and act in (DESTROYED, LOST)):
        return None
    return f"{words} Where that was a mistake, say so first."


def content_digest(code: str, kind: str, stock: str, lines: tuple[Line, ...]) -> str:
    """SHA-256 of what a label shows, in canonical form."""
    shown = [[line.element, line.text, line.why] for line in lines]
    return sha256_hex(canonical_bytes({"code": code, "kind": kind, "lines": shown, "stock": stock}))


def _same(one: str, other: str) -> bool:
    return normalise(one) == normalise(other)
