"""An id of the laboratory's own that was not given out for a batch is never on a container of that batch.

Ids are given out for one batch each, and never twice. So another batch's id, on what is filled or found here, is the
label of another patient, and one that was never given out will be that of somebody else: no reason makes it right
(21 CFR 1271.290(c)).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from labrecords.domain.custody.container_ids import is_own, shown
from labrecords.domain.entries import Entry, Stop
from labrecords.domain.facts import FactType, stated_in
from labrecords.domain.values import codes

if TYPE_CHECKING:
    from labrecords.domain.record import BatchRecord

WAY_OUT = (
    "Stop. Put nothing into the container and take nothing out of it. Read the label once more, with a second person. "
    "A new container gets an id of this batch, on its page Labels."
)


def own_id_stops(record: BatchRecord, entry: Entry, named: Collection[str] = ()) -> tuple[Stop, ...]:
    """A critical stop for each id of this laboratory that an act states and that is none of this batch's.

    `named` are codes that other stops have named already.
    """
    known = {codes.normalise(code) for code in named}
    given = {codes.normalise(code): code for code in _codes_of(entry)}
    return tuple(
        Stop(
            rule="identity",
            sentence=f"Wrong container: {shown(code)} is this laboratory's id, and was not given out for this batch.",
            way_out=WAY_OUT,
            critical=True,
            found=code,
        )
        for bare, code in given.items()
        if bare not in known and is_foreign_id(record, code)
    )


def is_foreign_id(record: BatchRecord, code: str) -> bool:
    """Whether a code is an id of this laboratory that was not given out for this batch."""
    given = {item.code for item in record.container_ids}
    return is_own(code, record.laboratory.site_code) and codes.normalise(code) not in given


def _codes_of(act: Entry) -> Iterator[str]:
    """All codes that an act states, those in its rows too. A blank is none."""
    return (value for fact, value in stated_in(act) if fact.type is FactType.CODE and value)
