"""The red page: why an act must not begin, with the codes that differ and the way out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from labrecords.domain.custody.mixups import way_out
from labrecords.domain.entries import Stop
from labrecords.web.parts import CodePanel

NOT_SHOWN = "A code that nobody here has. It is not shown: it may tell who somebody is."


@dataclass(frozen=True)
class StopPage:
    title: str
    reasons: tuple[str, ...]
    """The other reasons, where there are several."""
    panels: tuple[tuple[CodePanel, CodePanel], ...]
    """Codes that should be the same: the one that was given, and the one that belongs here."""
    todo: tuple[str, ...]


def stop_of(stops: tuple[Stop, ...], locked: Sequence[str] = ()) -> StopPage:
    """The page for these stops, the gravest first. `locked` are the numbers of batches that a mix-up has locked."""
    ordered = sorted(stops, key=lambda stop: not stop.critical)
    panels = tuple(
        (
            CodePanel("Given", stop.found, "" if stop.found else NOT_SHOWN),
            CodePanel("Belongs to this batch", stop.expected),
        )
        for stop in ordered
        if stop.expected
    )
    sentences = tuple(dict.fromkeys(stop.sentence for stop in ordered))
    return StopPage(
        title=f"Stop. {sentences[0]}",
        reasons=sentences[1:],
        panels=panels,
        todo=(*_lock_words(locked), *dict.fromkeys(stop.way_out for stop in ordered)),
    )


def _lock_words(locked: Sequence[str]) -> tuple[str, ...]:
    if not locked:
        return ()
    if len(locked) == 1:
        sentence = f"The product of batch {locked[0]} is locked now. Do nothing more with it."
    else:
        numbers = " and ".join(locked)
        sentence = f"The products of batches {numbers} are locked now. Do nothing more with them."
    return (f"{sentence} {way_out(len(locked) > 1)}",)
