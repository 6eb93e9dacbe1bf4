"""Files that people attached to a step: pictures drawn side by side, and every other file by its name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from labrecords.documents.attachment import PRINTED, place_of
from labrecords.documents.drawing.typefaces import COND, COND_BOLD
from labrecords.documents.drawing.wrapping import groups, wrap
from labrecords.documents.edition import Edition
from labrecords.documents.pages.geometry import GUTTER, LEFT, MEASURE, MM
from labrecords.documents.pages.sheet import Sheet
from labrecords.domain.attachments import WORDS, Attachment, withdrawal_of
from labrecords.domain.processes.process import Step
from labrecords.domain.values.typography import grouped

_WIDE, _HIGH = (MEASURE - GUTTER) / 2, 72 * MM
"""The room of one picture: two stand side by side."""
_SIZE, _LEAD = 7.4, 9.2


@dataclass(frozen=True)
class _Picture:
    """A picture ready to be drawn: its SHA-256, its internal name, its measures in points, and the lines below it."""

    sha256: str
    name: str
    wide: float
    high: float
    caption: list[tuple[str, str]]

    @property
    def height(self) -> float:
        return self.high + len(self.caption) * _LEAD + 8


def attested_words(edition: Edition, item: Attachment) -> str:
    """Who attached it when, and whether they signed that it is a true copy."""
    said = "signed as a true copy of the original" if item.signature_id else "not signed as a true copy"
    return f"{edition.name(item.person_id)}, {edition.when(item.added_at)}, {said}"


def withdrawn_words(edition: Edition, item: Attachment) -> str:
    """By whom, when and why a file was withdrawn; empty where it stands."""
    gone = withdrawal_of(edition.record, item)
    if gone is None:
        return ""
    return f"WITHDRAWN by {edition.name(gone.person_id)}, {edition.when(gone.withdrawn_at)}: {gone.reason}"


def draw_files(sheet: Sheet, step: Step) -> None:
    """Every file of a step, in the order of attaching."""
    edition = sheet.edition
    files = [item for item in edition.record.attachments if item.step_key == step.key]
    shown = [item for item in files if place_of(edition, item) == PRINTED]
    if shown:
        sheet.heading(f"Pictures attached to step {step.number}", need=_HIGH / 2)
    for start in range(0, len(shown), 2):
        _draw_row(sheet, [_picture(sheet, item) for item in shown[start : start + 2]])
    for item in files:
        if item not in shown:
            gone = withdrawn_words(edition, item)
            sheet.note(
                f"Attached, {place_of(edition, item)}: {item.called()}. {_file_words(item)}; section 2. {gone}".rstrip()
            )


def _picture(sheet: Sheet, item: Attachment) -> _Picture:
    sha256 = item.picture_sha256 or ""
    name, wide, high = sheet.pen.picture(sha256, sheet.edition.package.pictures[sha256])
    scale = min(_WIDE / wide, _HIGH / high)
    heads = (withdrawn_words(sheet.edition, item), item.called())
    words = [(line, COND_BOLD) for head in heads if head for line in wrap(COND_BOLD, _SIZE, head, _WIDE)]
    for text in (
        _file_words(item),
        f"Added by {attested_words(sheet.edition, item)}.",
        f"SHA-256 of the file {groups(item.sha256)}",
        f"Printed from the smaller picture made of it, SHA-256 {sha256[:16]}…",
    ):
        words += [(line, COND) for line in wrap(COND, _SIZE, text, _WIDE)]
    return _Picture(sha256, name, wide * scale, high * scale, words)


def _file_words(item: Attachment) -> str:
    return f"{item.name}, {WORDS[item.media_type]}, {grouped(str(item.size))} bytes"


def _draw_row(sheet: Sheet, pictures: Sequence[_Picture]) -> None:
    """Two pictures with their captions, kept together; both hang from one line."""
    sheet.need(max(picture.height for picture in pictures))
    for number, picture in enumerate(pictures):
        x, y = LEFT + number * (_WIDE + GUTTER), sheet.y - picture.high
        sheet.ink.picture(picture.name, x, y, picture.wide, picture.high)
        sheet.pages[-1].pictures.append(picture.sha256)
        sheet.ink.box(x, y, picture.wide, picture.high, 0.5)
        for line, (words, face) in enumerate(picture.caption):
            sheet.ink.text(x, y - (line + 1) * _LEAD, words, face, _SIZE)
    sheet.y -= max(picture.height for picture in pictures)
