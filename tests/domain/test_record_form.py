"""The whole record in plain form: what is embedded in the document reads back as the same record."""

from __future__ import annotations

import json
from typing import Any

import pytest

from labrecords.domain.evidence.canonical import canonical_bytes
from labrecords.domain.evidence.serial import NotReadable
from labrecords.domain.record_form import record_from_plain, record_to_plain
from tests.support.clean import LAST, clean, played


def form() -> dict[str, Any]:
    read: dict[str, Any] = json.loads(canonical_bytes(record_to_plain(clean(LAST))))
    return read


@pytest.mark.req("P11-10b")
def test_the_record_that_is_read_back_is_the_same_to_the_byte() -> None:
    record = clean(LAST)
    back = record_from_plain(form())
    assert back == record
    assert canonical_bytes(record_to_plain(back)) == canonical_bytes(record_to_plain(record))


def test_corrections_voids_and_closures_come_back_too() -> None:
    example = played(LAST)
    example.correct("residual", "Read again.", fate="retained for quality control")
    example.confirm_all("residual")
    example.close()
    example.seal()
    example.void("Only to have one.")
    record = example.record
    assert record_from_plain(json.loads(canonical_bytes(record_to_plain(record)))) == record


def test_the_process_travels_as_its_own_text() -> None:
    assert form()["process"] == clean(LAST).process.text


def test_every_entry_says_its_kind() -> None:
    assert [entry["kind"] for entry in form()["entries"]] == [entry.kind for entry in clean(LAST).entries]


def broken(path: tuple[str | int, ...], value: Any) -> dict[str, Any]:
    whole = form()
    place: Any = whole
    for part in path[:-1]:
        place = place[part]
    place[path[-1]] = value
    return whole


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("batch",), None),
        (("batch", "number"), 7),
        (("batch", "opened_at"), "yesterday"),
        (("entries",), None),
        (("entries",), [1]),
        (("entries", 0), []),
        (("entries", 0, "kind"), "washing"),
        (("entries", 0, "kind"), []),
        (("entries", 0, "kind"), "harvest"),
        (("entries", 0, "targets"), "L4/5"),
        (("process",), "no = process"),
        (("process",), "[["),
        (("process",), 7),
        (("process",), []),
        (("people",), {"a": "b"}),
        (("head", "seq"), "47"),
        (("step_heads",), {"order": "1"}),
    ],
    ids=str,
)
def test_what_is_no_record_is_refused(path: tuple[str | int, ...], value: Any) -> None:
    with pytest.raises(NotReadable):
        record_from_plain(broken(path, value))


@pytest.mark.parametrize("name", sorted(record_to_plain(clean(LAST))))
def test_a_record_that_lacks_a_part_is_refused(name: str) -> None:
    whole = form()
    del whole[name]
    with pytest.raises(NotReadable):
        record_from_plain(whole)


@pytest.mark.parametrize("whole", [{}, [], None, 7, "text"])
def test_what_is_no_object_is_refused(whole: Any) -> None:
    with pytest.raises(NotReadable):
        record_from_plain(whole)
