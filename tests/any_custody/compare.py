"""After an act: who holds what where, how much is in it, and what is not as it should be, as the model has it."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from labrecords.domain.custody.batch_chain import chain_of
from labrecords.domain.custody.holders import IN_STORE, Segment
from labrecords.domain.custody.label_overs import unread, unread_stops
from labrecords.domain.custody.names import key_of
from labrecords.domain.record import BatchRecord
from labrecords.domain.results.contents import held
from tests.any_custody.model import Act, Custody, custody_of
from tests.support.lab import Lab
from tests.support.story import CAST

DOUBTFUL = {"ended", "filled twice", "over-draw"}
"""After these a record of volumes says nothing."""


def compare(lab: Lab, number: str, acts: list[Act], read: dict[str, datetime]) -> None:
    """Fail where the record comes to something else than the model."""
    record, wanted = lab.record(number), custody_of(acts)
    check_breaks(record, wanted, acts)
    check_holders(record, wanted)
    check_labels(record, acts, read)
    if DOUBTFUL.isdisjoint(rule for rule, _ in wanted.broken):
        check_volumes(record, wanted)


def check_breaks(record: BatchRecord, wanted: Custody, acts: list[Act]) -> None:
    """Each fault is named once, at its act and its container, and nothing else is."""
    found = chain_of(record).breaks
    named = {act.key: act.about() for act in acts}
    told = Counter((one.rule, one.step_key) for one in found)
    assert told == Counter(wanted.broken), (
        f"found {told - Counter(wanted.broken)}, missing {Counter(wanted.broken) - told}"
    )
    for one in found:
        assert one.container in named[one.step_key], f"named at another container: {one}"


def check_holders(record: BatchRecord, wanted: Custody) -> None:
    """Every container that is there has one holder and one place now, and no other has any."""
    now = [part for part in chain_of(record).segments if part.end is None]
    found = {part.container: (part.holder, part.place) for part in now}
    assert len(found) == len(now), f"held twice: {now}"
    expected = {
        code: (IN_STORE if item.stored else CAST[item.holder][0], item.place)
        for code, item in wanted.there.items()
        if not item.ended
    }
    assert found == expected, f"found {found}, expected {expected}"
    waiting = {(offer.container, record.name(offer.receiver)) for offer in chain_of(record).offers}
    expected_offers = {
        (code, CAST[item.offered_to][0])
        for code, item in wanted.there.items()
        if item.offered_to and not item.ended
    }
    assert waiting == expected_offers, f"offered {waiting}, expected {expected_offers}"
    check_stretches(record, wanted)


def check_stretches(record: BatchRecord, wanted: Custody) -> None:
    """No container has two holders at one time."""
    if any(rule in ("overlap", "backward") for rule, _ in wanted.broken):
        return  # who had it when is then what the finding asks
    last: dict[str, Segment] = {}
    for part in chain_of(record).segments:
        assert part.end is None or part.start <= part.end, part
        before = last.get(part.container)
        assert before is None or (before.end is not None and before.end <= part.start), (before, part)
        last[part.container] = part


def check_labels(record: BatchRecord, acts: list[Act], read: dict[str, datetime]) -> None:
    """What one person alone has read is told, and stops an injection out of that container until it is read again."""
    overs = [act for act in acts if act.kind == "label over"]
    assert {entry.step_key for entry, _ in unread(record)} == {
        act.key for act in overs if act.key not in read
    }
    for act in acts:
        if act.kind != "injection":
            continue
        mine = {key_of(record, act.code)}
        open_then = [
            one.key
            for one in overs
            if one.at <= act.at and not (one.key in read and read[one.key] <= act.at)
            and key_of(record, one.code) in mine
        ]  # fmt: skip
        assert len(unread_stops(record, act.at, {act.code})) == len(open_then), (act.words(), open_then)


def check_volumes(record: BatchRecord, wanted: Custody) -> None:
    """How much is in each container, before anything was injected out of it."""
    found = {one.code: one.volume_ml for one in held(record).values()}
    for code, item in wanted.there.items():
        if not item.ended and item.volume_ml:
            assert found.get(code) == item.volume_ml, (
                f"{code} holds {found.get(code)}, and {item.volume_ml} mL"
            )
