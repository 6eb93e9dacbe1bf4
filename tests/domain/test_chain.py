"""The walk along custody events: sound runs pass, and every fault is named as what it is, once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labrecords.domain.custody import holders
from labrecords.domain.custody.chain import walk
from labrecords.domain.custody.events import (
    Collected,
    CustodyEvent,
    Declined,
    Discarded,
    Drawn,
    Filled,
    HandedOver,
    Injected,
    LabelledOver,
    Offered,
    Pooled,
    PutAway,
    Sampled,
    TakenOut,
)
from labrecords.domain.custody.holders import Chain

BEGIN = datetime(2026, 3, 28, 22, 0, tzinfo=UTC)
TOLERANCE = timedelta(minutes=5)
PEOPLE = ("paula", "tess", "vic", "omar")
PLACES = ("Theatre", "Laboratory", "Fridge 1", "Corridor")


def at(minutes: float) -> datetime:
    return BEGIN + timedelta(minutes=minutes)


def walked(events: Sequence[CustodyEvent]) -> Chain:
    return walk(events, tolerance=TOLERANCE, name=str.capitalize, same_person=str.__eq__)


def rules(events: Sequence[CustodyEvent]) -> list[str]:
    return [item.rule for item in walked(events).breaks]


COLLECTED = Collected(
    at=at(0), container="BAG-1", person="paula", source="harvest", place="Theatre", seal="S1"
)
GIVEN = HandedOver(
    at=at(12),
    container="BAG-1",
    person="tess",
    source="to_laboratory",
    giver="paula",
    given_at=at(10),
    place_from="Theatre",
    place_to="Laboratory",
    seal="S1",
)
STORED = PutAway(at=at(20), container="BAG-1", person="tess", source="storage-1", place="Fridge 1")
TAKEN = TakenOut(at=at(500), container="BAG-1", person="vic", source="storage-2", place="Fridge 1")
MOVED = Filled(at=at(530), container="SYR-1", person="vic", source="fill", origin="BAG-1")
BACK = HandedOver(
    at=at(545),
    container="SYR-1",
    person="paula",
    source="to_theatre",
    giver="vic",
    given_at=at(544),
    place_from="Fridge 1",
    place_to="Theatre",
)
OFFERED = Offered(
    at=at(540), container="SYR-1", person="vic", source="offer-3", receiver="paula", place="Fridge 1"
)
DECLINED = Declined(
    at=at(542), container="SYR-1", person="paula", source="refusal-4", giver="vic", why="It is warm."
)
PART = Filled(
    at=at(532),
    container="SYR-2",
    person="vic",
    source="divide",
    origin="SYR-1",
    emptied=False,
    volume_ml=Decimal(4),
)
SAMPLED = Sampled(at=at(533), container="SYR-2", person="vic", source="sample", volume_ml=Decimal(2))
POOLED = Pooled(
    at=at(535),
    container="SYR-3",
    person="vic",
    source="pool",
    out_of=(Drawn("SYR-1", Decimal(4), left_ml=Decimal(0)), Drawn("SYR-2", Decimal(3), left_ml=Decimal(1))),
    volume_ml=Decimal(7),
)
OVER = LabelledOver(at=at(533), container="SYR-1", person="vic", source="over", code="SYR-1N")
INJECTED = Injected(at=at(560), container="SYR-1", person="paula", source="injection")
SOUND = (COLLECTED, GIVEN, STORED, TAKEN, MOVED, BACK, INJECTED)


def changed(index: int, **changes: object) -> list[CustodyEvent]:
    events = list(SOUND)
    events[index] = replace(events[index], **changes)  # type: ignore[arg-type]
    return events


def without(index: int) -> list[CustodyEvent]:
    return [event for place, event in enumerate(SOUND) if place != index]


@pytest.mark.req("HCT-290")
def test_a_sound_run_has_a_holder_for_every_minute_of_every_container() -> None:
    found = walked(SOUND)
    assert found.breaks == ()
    assert [(part.container, part.holder, part.place) for part in found.segments] == [
        ("BAG-1", "Paula", "Theatre"),
        ("BAG-1", "Tess", "Laboratory"),
        ("BAG-1", holders.IN_STORE, "Fridge 1"),
        ("BAG-1", "Vic", "Fridge 1"),
        ("SYR-1", "Vic", "Fridge 1"),
        ("SYR-1", "Paula", "Theatre"),
    ]
    ends = [part.end for part in found.segments]
    assert ends == [at(10), at(20), at(500), at(530), at(544), at(560)]


def test_what_was_divided_names_every_container_that_it_went_into() -> None:
    found = walked([*SOUND[:5], PART, replace(PART, at=at(534), container="SYR-3", emptied=True)])
    (ended,) = (one for one in found.segments if one.container == "SYR-1")
    assert ended.note == "all of it went into SYR-2, SYR-3"


FAULTS: dict[str, tuple[Sequence[CustodyEvent], str]] = {
    "offered to somebody else than took it": (
        [*SOUND[:5], replace(OFFERED, receiver="omar"), *SOUND[5:]],
        holders.RECEIVER,
    ),
    "offered by somebody who did not hold it": (
        [*SOUND[:5], replace(OFFERED, person="tess"), *SOUND[5:]],
        holders.HOLDER,
    ),
    "given on by who was offered it and never took it": (
        [*SOUND[:5], replace(OFFERED, receiver="omar"), replace(BACK, giver="omar")],
        holders.HOLDER,
    ),
    "refused by its receiver": ([*SOUND[:5], OFFERED, DECLINED, *SOUND[5:]], holders.REFUSED),
    "poured together with one that somebody else held": (
        [*SOUND[:5], PART, replace(BACK, container="SYR-2", at=at(534), given_at=at(534)), POOLED],
        holders.HOLDER,
    ),
    "poured out of one that was never filled": ([*SOUND[:5], POOLED], holders.UNKNOWN),
    "poured into a code that is in use": (
        [*SOUND[:5], PART, replace(POOLED, container="BAG-1")],
        holders.FILLED_TWICE,
    ),
    "more poured than was in it": (
        [*SOUND[:5], PART, replace(POOLED, out_of=(Drawn("SYR-2", Decimal(5), left_ml=Decimal(0)),))],
        holders.OVERDRAWN,
    ),
    "more sampled than was in it": (
        [*SOUND[:5], PART, replace(SAMPLED, volume_ml=Decimal(5))],
        holders.OVERDRAWN,
    ),
    "more given than the samples had left": (
        [*SOUND[:5], PART, SAMPLED, replace(INJECTED, person="vic", container="SYR-2", volume_ml=Decimal(3))],
        holders.OVERDRAWN,
    ),
    "more sampled than a division had left": (
        [*SOUND[:5], replace(PART, left_ml=Decimal(1)), replace(SAMPLED, container="SYR-1")],
        holders.OVERDRAWN,
    ),
    "more sampled than a pool had left": (
        [*SOUND[:5], PART, POOLED, replace(SAMPLED, at=at(536))],
        holders.OVERDRAWN,
    ),
    "sampled in the fridge": ([*SOUND[:3], replace(SAMPLED, container="BAG-1")], holders.PLACE),
    "sampled after it was emptied": (
        [*SOUND[:5], replace(SAMPLED, container="BAG-1")],
        holders.ENDED,
    ),
    "given away under its old code": ([*SOUND[:5], OVER, BACK], holders.ENDED),
    "labelled over with a code that is in use": (
        [*SOUND[:5], replace(OVER, code="BAG-1")],
        holders.FILLED_TWICE,
    ),
    "labelled over and never filled": ([replace(OVER, container="SYR-9")], holders.UNKNOWN),
    "labelled over after it was destroyed": (
        [*SOUND[:5], Discarded(at=at(532), container="SYR-1", person="vic", source="residual"), OVER],
        holders.ENDED,
    ),
    "given away after it was poured": ([*SOUND[:5], PART, POOLED, BACK], holders.ENDED),
    "a gap": (changed(1, given_at=at(3)), holders.GAP),
    "given by somebody who did not hold it": (changed(1, giver="omar"), holders.HOLDER),
    "given before its giver had it": (changed(1, given_at=at(-2), at=at(1)), holders.OVERLAP),
    "received before it was given": (changed(1, given_at=at(15)), holders.BACKWARD),
    "given in another place": (changed(1, place_from="Corridor"), holders.PLACE),
    "a broken seal": (changed(1, seal_whole=False), holders.SEAL),
    "another seal": (changed(1, seal="S2"), holders.SEAL_CHANGED),
    "put away by a stranger": (changed(2, person="omar"), holders.HOLDER),
    "taken out without being put away": (without(2), holders.PLACE),
    "taken out of another place": (changed(3, place="Fridge 2"), holders.PLACE),
    "worked on while it lay in the fridge": (without(3), holders.PLACE),
    "nothing was ever filled": (changed(4, origin="BAG-2"), holders.UNKNOWN),
    "one code for two containers": (changed(4, container="BAG-1"), holders.FILLED_TWICE),
    "injected by a stranger": (changed(6, person="tess"), holders.HOLDER),
    "injected after it was destroyed": (
        [
            *SOUND[:6],
            Discarded(at=at(550), container="SYR-1", person="paula", source="residual"),
            INJECTED,
        ],
        holders.ENDED,
    ),
    "given away after all of it had gone on": (
        [*SOUND[:5], replace(GIVEN, at=at(540), given_at=at(539)), *SOUND[5:]],
        holders.ENDED,
    ),
    "harvested twice into one container": ([COLLECTED, *SOUND], holders.FILLED_TWICE),
}


@pytest.mark.parametrize(("events", "rule"), FAULTS.values(), ids=FAULTS.keys())
def test_every_fault_is_named_as_what_it_is(events: Sequence[CustodyEvent], rule: str) -> None:
    assert rule in rules(events)


def test_what_was_poured_together_has_one_holder_and_what_is_left_goes_on() -> None:
    found = walked([*SOUND[:5], PART, POOLED])
    assert found.breaks == ()
    now = [(part.container, part.holder, part.place) for part in found.segments if part.end is None]
    assert sorted(now) == [("SYR-2", "Vic", "Fridge 1"), ("SYR-3", "Vic", "Fridge 1")]


def test_a_container_that_is_labelled_over_goes_on_in_the_same_hands_with_what_it_held() -> None:
    found = walked(
        [*SOUND[:5], PART, OVER, replace(OFFERED, container="SYR-1N"), replace(BACK, container="SYR-1N")]
    )
    assert found.breaks == ()
    vic, paula = [part for part in found.segments if part.container == "SYR-1N"]
    assert (vic.start, vic.end, vic.holder, vic.note) == (
        at(530),
        at(544),
        "Vic",
        "SYR-1 until it was labelled over.",
    )
    assert (paula.start, paula.holder, paula.note) == (at(545), "Paula", "")


def test_a_container_that_has_ended_is_known_by_its_new_code_too() -> None:
    destroyed = Discarded(at=at(535), container="SYR-1", person="vic", source="discard")
    found = walked([*SOUND[:5], destroyed, replace(OVER, at=at(536)), replace(OFFERED, container="SYR-1N")])
    assert [(item.rule, item.step_key) for item in found.breaks] == [
        (holders.ENDED, "over"),
        (holders.ENDED, OFFERED.source),
    ]
    assert found.breaks[1].sentence == "Something was done with SYR-1N after it had been destroyed."
    assert "SYR-1N" not in {part.container for part in found.segments}


def test_what_is_offered_is_offered_under_its_new_code() -> None:
    found = walked([*SOUND[:5], OFFERED, replace(OVER, at=at(541))])
    assert [offer.container for offer in found.offers] == ["SYR-1N"]


def test_the_old_code_names_the_same_container_when_it_was_used_all_the_same() -> None:
    """The fault is told, and the hand-over counts: no second container comes of it."""
    found = walked([*SOUND[:5], OVER, BACK])
    assert [item.rule for item in found.breaks] == [holders.ENDED]
    assert (
        found.breaks[0].sentence == "Something was done with SYR-1 after it had been labelled over as SYR-1N."
    )
    assert [(part.container, part.holder) for part in found.segments if part.end is None] == [
        ("SYR-1N", "Paula")
    ]


def test_one_fault_is_told_once() -> None:
    """After a break the walk goes on from what was stated: the later, sound events are none."""
    for name in (
        "a gap",
        "given by somebody who did not hold it",
        "a broken seal",
        "another seal",
        "poured together with one that somebody else held",
        "poured into a code that is in use",
        "more poured than was in it",
    ):
        events, rule = FAULTS[name]
        assert rules(events) == [rule], name


def test_a_break_names_container_interval_people_and_step() -> None:
    found = walked(changed(1, giver="omar")).breaks[0]
    assert (found.container, found.start, found.end) == ("BAG-1", at(10), at(12))
    assert (set(found.people), found.step_key) == ({"paula", "omar", "tess"}, "to_laboratory")
    assert found.sentence == "Omar gave what Paula held."


def test_two_accounts_of_one_human_are_one_holder() -> None:
    found = walk(
        changed(1, giver="paula2"),
        tolerance=TOLERANCE,
        name=str,
        same_person=lambda known, other: known.rstrip("2") == other.rstrip("2"),
    )
    assert found.breaks == ()


def test_a_container_that_is_still_held_has_no_end() -> None:
    found = walked(SOUND[:3])
    assert (found.segments[-1].holder, found.segments[-1].end) == (holders.IN_STORE, None)


def test_the_night_when_clocks_change_has_its_real_length() -> None:
    """22:00 UTC to 06:20 UTC lies over the change to summer time in Europe: 480 min pass, whatever the clocks say."""
    stored = walked(SOUND).segments[2]
    assert stored.end is not None
    assert stored.end - stored.start == timedelta(minutes=480)


@st.composite
def sound_runs(draw: st.DrawFn) -> list[CustodyEvent]:
    """Any run in which everybody gives only what they hold, where it is, and takes out only what was put away."""
    now, holder, place, stored, container, number = 0, "paula", "Theatre", False, "C-0", 0
    events: list[CustodyEvent] = [
        Collected(at=at(0), container=container, person=holder, source="harvest", place=place)
    ]
    for _ in range(draw(st.integers(0, 30))):
        now += draw(st.integers(1, 600))
        source = f"act-{len(events)}"
        if stored:
            holder, stored = draw(st.sampled_from(PEOPLE)), False
            events.append(
                TakenOut(at=at(now), container=container, person=holder, source=source, place=place)
            )
            continue
        move = draw(st.sampled_from(("give", "put", "fill", "split", "label")))
        if move == "give":
            to = draw(st.sampled_from([one for one in PEOPLE if one != holder]))
            target, took = draw(st.sampled_from(PLACES)), draw(st.integers(0, 5))
            events.append(
                HandedOver(
                    at=at(now + took),
                    container=container,
                    person=to,
                    source=source,
                    giver=holder,
                    given_at=at(now),
                    place_from=place,
                    place_to=target,
                )
            )
            holder, place, now = to, target, now + took
        elif move == "put":
            place, stored = draw(st.sampled_from(PLACES)), True
            events.append(PutAway(at=at(now), container=container, person=holder, source=source, place=place))
        elif move == "label":
            number += 1
            events.append(
                LabelledOver(
                    at=at(now), container=container, person=holder, source=source, code=f"C-{number}"
                )
            )
            container = f"C-{number}"
        elif move == "fill":
            number += 1
            events.append(
                Filled(at=at(now), container=f"C-{number}", person=holder, source=source, origin=container)
            )
            container = f"C-{number}"
        else:
            # A part is taken out, and later poured together again with all the rest.
            part, number = f"C-{number + 1}", number + 2
            drawn = Filled(
                at=at(now), container=part, person=holder, source=source, origin=container, emptied=False
            )
            now += draw(st.integers(1, 60))
            out_of = (
                Drawn(container, Decimal(4), left_ml=Decimal(0)),
                Drawn(part, Decimal(4), left_ml=Decimal(0)),
            )
            container = f"C-{number}"
            events += [
                drawn,
                Pooled(
                    at=at(now),
                    container=container,
                    person=holder,
                    source=f"{source}-pool",
                    out_of=out_of,
                    volume_ml=Decimal(8),
                ),
            ]
    return events


@given(sound_runs())
def test_no_sound_run_has_a_break_and_no_minute_is_left_out(events: list[CustodyEvent]) -> None:
    found = walked(events)
    assert found.breaks == ()
    instants = [found.segments[0].start, *(part.end for part in found.segments)]
    for before, after in zip(found.segments, found.segments[1:], strict=False):
        assert before.end is not None
        assert after.start - before.end <= TOLERANCE
    assert instants[-1] is None


@given(sound_runs(), st.data())
def test_whoever_is_put_in_the_place_of_a_holder_is_found(
    events: list[CustodyEvent], data: st.DataObject
) -> None:
    places = [index for index, event in enumerate(events) if isinstance(event, HandedOver)]
    if not places:
        return
    index = data.draw(st.sampled_from(places))
    stranger = replace(events[index], giver="stranger")  # type: ignore[call-arg]
    assert rules([*events[:index], stranger, *events[index + 1 :]]) == [holders.HOLDER]


@given(sound_runs(), st.data(), st.integers(6, 10_000))
def test_every_gap_is_found_with_its_length(
    events: list[CustodyEvent], data: st.DataObject, minutes: int
) -> None:
    """A hand-over that took longer than the tolerance, with everything after it as much later."""
    places = [index for index, event in enumerate(events) if isinstance(event, HandedOver)]
    if not places:
        return
    index = data.draw(st.sampled_from(places))
    late = timedelta(minutes=minutes)
    given_over = events[index]
    assert isinstance(given_over, HandedOver)
    delayed = replace(given_over, at=given_over.given_at + late)
    rest = [
        replace(event, at=event.at + late, given_at=event.given_at + late)
        if isinstance(event, HandedOver)
        else replace(event, at=event.at + late)
        for event in events[index + 1 :]
    ]
    found = walked([*events[:index], delayed, *rest])
    assert [item.rule for item in found.breaks] == [holders.GAP]
    gap = next(part for part in found.segments if part.gap)
    assert gap.end is not None
    assert gap.end - gap.start == late
