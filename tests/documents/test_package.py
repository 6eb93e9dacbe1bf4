"""The package: one canonical form, read back as it was written."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
import rfc8785
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from labrecords.documents.package import FORMAT, RENDERER, build_package, derived_values, read_package
from labrecords.domain.evidence.serial import NotReadable
from labrecords.domain.review.decisions import RELEASED
from tests.support.example import (
    example_events,
    example_record,
    hostile_record,
    stopped_record,
    voided_record,
)
from tests.support.example import example_package as package_of
from tests.support.sealed import packed, with_change


def test_package_is_canonical() -> None:
    assert rfc8785.dumps(json.loads(packed())) == packed()


@pytest.mark.req("P11-10b")
@pytest.mark.parametrize(
    "record",
    [example_record, lambda: example_record(RELEASED), hostile_record, stopped_record, voided_record],
)
def test_read_back(record: Callable[[], Any]) -> None:
    data = package_of(record())
    read = read_package(data)
    assert read.record == record()
    assert read.events == tuple(example_events(record()))
    assert read.renderer == RENDERER
    parts = (read.record, read.events, read.checkpoint, read.certificates, read.document, read.pictures)
    assert build_package(*parts) == data


def test_derived_numbers_are_those_of_results_and_steps() -> None:
    derived = derived_values(example_record())
    assert read_package(packed()).derived == derived
    assert {"viability_percent", "viable_dose", "recovery_percent", "count_after.viability_percent"} <= set(
        derived
    )
    assert all(set(number) == {"value", "reported"} for number in derived.values())
    assert derived["viability_percent"] == derived["count_after.viability_percent"]


def _other_format(plain: dict[str, Any]) -> None:
    plain["format"] = FORMAT + "0"


def _no_events(plain: dict[str, Any]) -> None:
    del plain["events"]


def _number_for_text(plain: dict[str, Any]) -> None:
    plain["document"]["issued_at"] = 7


def _odd_hex(plain: dict[str, Any]) -> None:
    plain["checkpoint"]["signature"] = "xyz"


def _unknown_kind(plain: dict[str, Any]) -> None:
    plain["record"]["entries"][0]["kind"] = "unknown"


def _not_a_number(plain: dict[str, Any]) -> None:
    next(entry for entry in plain["record"]["entries"] if "total_volume_ml" in entry)["total_volume_ml"] = (
        "many"
    )


def _events_are_numbers(plain: dict[str, Any]) -> None:
    plain["events"] = [1, 2]


def _record_is_a_list(plain: dict[str, Any]) -> None:
    plain["record"] = []


@pytest.mark.parametrize(
    "change",
    [
        _other_format,
        _no_events,
        _number_for_text,
        _odd_hex,
        _unknown_kind,
        _not_a_number,
        _events_are_numbers,
        _record_is_a_list,
    ],
)
def test_what_cannot_be_read_is_refused(change: Callable[[dict[str, Any]], None]) -> None:
    with pytest.raises(NotReadable):
        read_package(with_change(change))


@settings(max_examples=60)
@given(st.binary(max_size=200))
def test_anything_else_is_refused(data: bytes) -> None:
    with pytest.raises(NotReadable):
        read_package(data)


any_json = st.recursive(
    st.none() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(any_json)
def test_any_json_is_refused(value: Any) -> None:
    with pytest.raises(NotReadable):
        read_package(json.dumps(value).encode())


def test_deep_nesting_is_refused() -> None:
    with pytest.raises(NotReadable):
        read_package(b"[" * 200_000)
