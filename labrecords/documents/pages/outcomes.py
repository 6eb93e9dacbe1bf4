"""Verdicts in a cell: always the word, and a sign that differs by its shape."""

from __future__ import annotations

from collections.abc import Sequence

from labrecords.documents.drawing.marks import ALERT, FAIL, NOT_DONE, PASS
from labrecords.documents.drawing.typefaces import COND_BOLD
from labrecords.documents.flags import Flag
from labrecords.documents.pages.cells import Cell, Tag
from labrecords.domain.values.limits import Outcome

_WORDS = {
    Outcome.PASS: (PASS, "pass"),
    Outcome.ALERT: (ALERT, "alert"),
    Outcome.FAIL: (FAIL, "FAIL"),
    Outcome.NOT_DONE: (NOT_DONE, "not done"),
    Outcome.NO_LIMIT: ("", "no limit"),
}


def outcome_cell(outcome: Outcome, tags: Sequence[Tag] = ()) -> Cell:
    """The cell of a judged value."""
    mark, word = _WORDS[outcome]
    return Cell(word, mark=mark, tags=tags, face=COND_BOLD if outcome is Outcome.FAIL else "")


def met(condition: bool, yes: str = "yes", no: str = "NO") -> Cell:
    """The cell of something that is so or is not."""
    return Cell(yes, mark=PASS) if condition else Cell(no, mark=FAIL, face=COND_BOLD)


def tags_of(flags: Sequence[Flag]) -> tuple[Tag, ...]:
    """The tags of some flags."""
    return tuple(Tag(flag.tag, flag.inverted) for flag in flags)
