"""Signature blocks: who, in which role, with which meaning, when on which clocks, and what exactly was signed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from labrecords.documents.drawing.ink import GREY, INK, Ink
from labrecords.documents.drawing.typefaces import COND, COND_BOLD, MONO, SANS_BOLD, width
from labrecords.documents.drawing.wrapping import groups, wrap
from labrecords.documents.edition import Edition
from labrecords.documents.pages.geometry import LEFT, col, span
from labrecords.documents.pages.sheet import Sheet
from labrecords.domain.record import Signature

_ROOM = span(6) - 14
_LABEL = 22 * 72 / 25.4


@dataclass(frozen=True)
class _Block:
    signature: Signature
    name: tuple[str, ...]
    role: tuple[str, ...]
    meaning: tuple[str, ...]
    covers: tuple[str, ...]

    @property
    def high(self) -> float:
        return 12 * len(self.name) + 9 * len(self.role) + 10 * (len(self.meaning) + len(self.covers)) + 38


def signature_blocks(sheet: Sheet, signatures: Sequence[Signature], title: str) -> None:
    """Blocks in two columns below a line that says what they belong to. Without signatures nothing is drawn."""
    blocks = [_block(sheet.edition, signature) for signature in signatures]
    rows = [blocks[start : start + 2] for start in range(0, len(blocks), 2)]
    for number, row in enumerate(rows):
        high = max(block.high for block in row)
        sheet.need(high + 6 + (19 if number == 0 else 0))
        if number == 0:
            sheet.y -= 11
            sheet.ink.text(LEFT, sheet.y, title, COND_BOLD, 7.6)
            sheet.y -= 6
        for place, block in enumerate(row):
            _draw(sheet.ink, sheet.edition, block, col(6 * place), sheet.y, high)
        sheet.y -= high + 6
    if rows:
        sheet.y -= 2


def covers(edition: Edition, signature: Signature) -> str:
    """What a signature was given for: a step, the batch as a whole, or its master record."""
    if not signature.subject:
        return f"Batch {edition.record.batch.number}"
    if signature.batch_id is None:
        return f"Master {edition.master}, text {signature.subject[:16]}…"
    step = edition.record.process.step(signature.subject)
    return f"Step {step.number}: {step.title}"


def _block(edition: Edition, signature: Signature) -> _Block:
    return _Block(
        signature,
        wrap(SANS_BOLD, 9.6, signature.name, _ROOM),
        wrap(COND, 7.6, f"{signature.role} · user {signature.username}", _ROOM),
        wrap(COND_BOLD, 8.4, f"Meaning: {signature.meaning}", _ROOM - 9),
        wrap(COND, 7.9, covers(edition, signature), _ROOM),
    )


def _draw(ink: Ink, edition: Edition, block: _Block, x: float, y: float, high: float) -> None:
    signature, wide, left = block.signature, span(6), x + 8
    ink.box(x, y - high, wide, high, 0.7)
    ink.box(x, y - high, 2.2, high, 0, fill=INK)
    ink.lines(left, y - 12, block.name, SANS_BOLD, 9.6, 12)
    y -= 12 * len(block.name)
    ink.lines(left, y - 9.5, block.role, COND, 7.6, 9, colour=GREY)
    y -= 9 * len(block.role) + 3
    boxed = max(width(COND_BOLD, 8.4, line) for line in block.meaning) + 9
    tall = 10 * len(block.meaning) + 2
    ink.box(left, y - tall, boxed, tall, 0.7)
    ink.lines(left + 4.5, y - 8.8, block.meaning, COND_BOLD, 8.4, 10)
    y -= tall
    ink.lines(left, y - 10, block.covers, COND, 7.9, 10)
    y -= 10 * len(block.covers)
    local = f"{edition.when(signature.signed_at)} {signature.zone}"
    ink.text(left, y - 10, local, COND_BOLD, 7.6)
    ink.text(x + wide - 6, y - 10, edition.utc(signature.signed_at), COND, 7.6, "r", GREY)
    chain = "Record" if signature.batch_id else "Masters"
    ink.text(left, y - 19, f"{chain} event {signature.record_version}", COND, 7.2, colour=GREY)
    ink.text(left + _LABEL, y - 19, groups(signature.record_digest[:32]) + " …", MONO, 6.6)
    ink.text(left, y - 28, "Signature", COND, 7.2, colour=GREY)
    ink.text(left + _LABEL, y - 28, signature.id, MONO, 6.6)
