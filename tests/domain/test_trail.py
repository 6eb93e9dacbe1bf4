"""The trail: the bytes of an event, and everything that a reader of a chain notices."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from labrecords.domain.evidence.trail import (
    GENESIS,
    ChainReader,
    HashReader,
    Problem,
    Report,
    Row,
    digest,
    event_bytes,
    read_event,
)

CHAIN, OTHER = "batch/a", "batch/b"
AT = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)


def event(seq: int, prev: str, **changes: Any) -> bytes:
    parts: dict[str, Any] = {
        "chain": CHAIN,
        "seq": seq,
        "at": AT + timedelta(minutes=seq),
        "actor": {"id": "p1", "username": "tess", "name": "Tess Tamm"},
        "act": "sample.recorded",
        "subject": "sample_before",
        "reason": None,
        "rows": [Row("sample", f"row{seq}", {"volume_ml": "0.50", "whole": 1, "note": None})],
        "refs": {"access": 4},
        "detail": {},
        "prev": prev,
    }
    return event_bytes(**{**parts, **changes})


def chain(length: int = 5, **changed: dict[str, Any]) -> list[bytes]:
    """A whole chain; `e3={...}` makes its third event otherwise before the next one is chained to it."""
    events, prev = [], GENESIS
    for seq in range(1, length + 1):
        events.append(event(seq, prev, **changed.get(f"e{seq}", {})))
        prev = digest(events[-1])
    return events


def read(events: list[tuple[int, bytes]], head: tuple[int, str] | None = None) -> list[Problem]:
    reader = ChainReader(CHAIN)
    for seq, payload in events:
        reader.read(seq, payload)
    if head:
        reader.end(*head)
    return reader.problems


def numbered(events: list[bytes]) -> list[tuple[int, bytes]]:
    return list(enumerate(events, start=1))


def noted(problems: list[Problem]) -> list[tuple[int | None, str]]:
    return [(problem.seq, problem.sentence) for problem in problems]


BROKEN = "This event does not follow from the one before it: one of the two was changed."


@pytest.mark.req("P11-10e", "D11-12.2")
def test_the_bytes_of_an_event_are_these_for_ever() -> None:
    assert (
        event(1, GENESIS, reason="Łódź")
        == (
            '{"act":"sample.recorded","actor":{"id":"p1","name":"Tess Tamm","username":"tess"},'
            '"at":"2026-11-23T07:01:00.000000Z","chain":"batch/a","detail":{},"prev":"' + "0" * 64 + '",'
            '"reason":"Łódź","refs":{"access":4},'
            '"rows":[{"id":"row1","table":"sample","values":{"note":null,"volume_ml":"0.50","whole":1}}],'
            '"seq":1,"subject":"sample_before","v":1}'
        ).encode()
    )


@pytest.mark.req("P11-10e")
@pytest.mark.parametrize(
    "change",
    [
        {"actor": {"id": "p2"}}, {"act": "x"}, {"at": AT}, {"subject": "x"}, {"reason": "x"}, {"refs": {"access": 5}},
        {"detail": {"a": "b"}}, {"rows": []}, {"rows": [Row("sample", "row1", {"volume_ml": "0.5"})]}, {"chain": OTHER},
    ],
    ids=lambda change: next(iter(change)),
)  # fmt: skip
def test_who_what_when_and_why_are_all_in_the_hash(change: dict[str, Any]) -> None:
    assert digest(event(1, GENESIS, **change)) != digest(event(1, GENESIS))


def test_a_whole_chain_has_no_problem() -> None:
    events = chain()
    assert read(numbered(events), (5, digest(events[-1]))) == []


def test_an_empty_chain_with_an_empty_head_has_no_problem() -> None:
    assert read([], (0, GENESIS)) == []


def test_the_reader_gives_each_event_back() -> None:
    found = ChainReader(CHAIN).read(1, chain()[0])
    assert found is not None
    assert found["rows"][0]["values"]["volume_ml"] == "0.50"


@pytest.mark.req("P11-10a", "P11-10e")
@pytest.mark.parametrize("seq", [1, 2, 3, 4])
def test_a_changed_event_is_noticed_at_the_one_after_it(seq: int) -> None:
    events = chain()
    events[seq - 1] = events[seq - 1].replace(b"0.50", b"0.60")
    assert noted(read(numbered(events), (5, digest(events[-1])))) == [(seq + 1, BROKEN)]


@pytest.mark.req("P11-10a")
def test_a_changed_last_event_is_noticed_by_the_head() -> None:
    events = chain()
    head = (5, digest(events[-1]))
    events[-1] = events[-1].replace(b"0.50", b"0.60")
    sentence = "The last event and the head kept for this chain do not agree."
    assert noted(read(numbered(events), head)) == [(5, sentence)]


@pytest.mark.req("P11-10a")
@pytest.mark.parametrize(
    "payload", [b"", b"\xff\xfe", b"[]", b"{}", b"null", b"[" * 100_000, b'{"seq":2}'], ids=range(7)
)
def test_bytes_that_are_no_event_are_noticed(payload: bytes) -> None:
    events = chain()
    events[1] = payload
    found = noted(read(numbered(events)))
    assert found == [(2, "This event is not readable: its bytes were changed."), (3, BROKEN)]


@pytest.mark.parametrize("name", ["at", "chain", "prev", "refs", "rows", "seq", "subject"])
def test_an_event_that_lacks_a_part_is_none(name: str) -> None:
    whole = json.loads(chain()[0])
    assert read_event(json.dumps(whole).encode()) == whole
    del whole[name]
    assert read_event(json.dumps(whole).encode()) is None


@pytest.mark.parametrize(
    "change",
    [
        {"at": 7}, {"seq": "1"}, {"rows": {}}, {"rows": [7]}, {"rows": [{"table": "t", "id": "i"}]}, {"refs": []},
        {"rows": [{"table": "t", "id": 7, "values": {}}]}, {"refs": {"access": "4"}},
        {"rows": [{"table": "t", "id": "i", "values": []}]},
    ],
    ids=str,
)  # fmt: skip
def test_an_event_with_a_part_of_another_shape_is_none(change: dict[str, Any]) -> None:
    assert read_event(json.dumps({**json.loads(chain()[0]), **change}).encode()) is None


@pytest.mark.req("P11-10a", "P11-10e")
def test_missing_events_are_named() -> None:
    events = numbered(chain())
    assert noted(read(events[:1] + events[3:])) == [(2, "Events 2 to 3 are missing.")]


@pytest.mark.req("P11-10a")
def test_a_missing_beginning_is_named() -> None:
    assert noted(read(numbered(chain())[1:])) == [(1, "Events 1 to 1 are missing.")]


@pytest.mark.req("P11-10a")
def test_events_that_were_closed_up_after_one_was_taken_out_are_noticed() -> None:
    events = chain()
    del events[2]
    found = noted(read(numbered(events)))
    assert (3, BROKEN) in found
    assert (3, "This event belongs to batch/a, number 4: it was moved here.") in found


@pytest.mark.req("P11-10a")
def test_an_event_that_comes_twice_is_noticed() -> None:
    events = numbered(chain())
    assert (2, "This event does not follow event 2.") in noted(read(events[:2] + events[1:]))


@pytest.mark.req("P11-10a", "P11-70")
def test_an_event_that_was_moved_here_from_another_chain_is_noticed() -> None:
    events = chain(e3={"chain": OTHER})
    found = noted(read(numbered(events), (5, digest(events[-1]))))
    assert found == [(3, "This event belongs to batch/b, number 3: it was moved here.")]


@pytest.mark.req("P11-10a")
def test_an_event_that_was_put_in_is_noticed() -> None:
    events = chain()
    events.insert(2, event(3, digest(events[1]), act="x"))
    assert (4, BROKEN) in noted(read(numbered(events)))


@pytest.mark.req("P11-10a", "P11-10e")
def test_a_tail_that_was_cut_off_is_named() -> None:
    events = chain()
    found = read(numbered(events[:3]), (5, digest(events[-1])))
    assert noted(found) == [(4, "Events 4 to 5 were cut off at the end.")]


def test_a_tail_that_was_added_is_noticed() -> None:
    events = chain()
    found = read(numbered(events), (4, digest(events[3])))
    assert noted(found) == [(5, "The last event and the head kept for this chain do not agree.")]


@pytest.mark.req("P11-10e")
def test_an_event_that_was_back_dated_is_noticed() -> None:
    events = chain(e4={"at": AT + timedelta(minutes=2)})
    found = read(numbered(events), (5, digest(events[-1])))
    assert noted(found) == [(4, "This event is dated before the one before it.")]


def test_two_events_of_the_same_instant_are_in_order() -> None:
    events = chain(e4={"at": AT + timedelta(minutes=3)})
    assert read(numbered(events)) == []


def test_a_problem_names_its_chain_and_table() -> None:
    (problem,) = read(numbered(chain())[1:])
    assert (problem.chain, problem.table) == (CHAIN, "trail_event")


def test_a_report_is_sound_without_a_problem() -> None:
    assert Report().sound
    assert not Report(problems=[Problem(CHAIN, 1, "trail_event", "", "", "x")]).sound


def hashes(events: list[bytes]) -> list[tuple[int | None, str]]:
    problems: list[Problem] = []
    reader = HashReader(CHAIN, problems)
    reader.read(events[:2])
    reader.read(events[2:])
    assert reader.seq == len(events)
    return noted(problems)


def test_the_quick_reader_finds_no_problem_in_a_whole_chain() -> None:
    assert hashes(chain()) == []


def test_the_quick_reader_is_not_deceived_by_a_text_that_looks_like_the_mark() -> None:
    lie = {"detail": {"a": '"prev":"' + "0" * 64 + '"'}, "reason": '"prev":"'}
    assert hashes(chain(e2=lie, e3=lie)) == []


@pytest.mark.req("P11-10a")
@pytest.mark.parametrize("seq", [1, 2, 3, 4])
def test_the_quick_reader_notices_a_changed_event(seq: int) -> None:
    events = chain()
    events[seq - 1] = events[seq - 1].replace(b"0.50", b"0.60")
    assert hashes(events) == [(seq + 1, BROKEN)]


def test_the_quick_reader_notices_what_is_missing_and_what_is_no_event() -> None:
    events = chain()
    assert hashes(events[1:]) == [(1, BROKEN)]
    assert hashes([events[0], b"", *events[2:]]) == [(2, BROKEN), (3, BROKEN)]
