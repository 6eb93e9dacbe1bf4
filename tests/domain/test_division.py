"""The division of a product: each part holds it, nobody takes more out than was in, and the whole is accounted for."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from labrecords.domain.custody.batch_chain import breaks, segments
from labrecords.domain.custody.containers import container_stop, containers_at
from labrecords.domain.record import BatchRecord
from labrecords.domain.rules.findings import findings
from labrecords.domain.steps.administration import Injection
from labrecords.domain.steps.division import Division, Part
from tests.support.clean import acted, clean, entry_of

KEY = "division-4"


def part(code: str, volume: str) -> Part:
    return Part(container_code=code, volume_ml=Decimal(volume))


def divided(**changes: Any) -> Division:
    entry = entry_of(acted(KEY), KEY)
    assert isinstance(entry, Division)
    return replace(entry, **changes)


def values(**changes: Any) -> dict[str, Any]:
    entry = divided()
    names = ("source_container_code", "volume_in_ml", "parts", "left_ml")
    return {name: getattr(entry, name) for name in names} | changes


def test_every_part_holds_the_product_and_so_does_what_was_left() -> None:
    record = acted(KEY)
    assert containers_at(record, "storage-5") == ("BAG-7", "SYR-7A", "SYR-7B")
    for code in ("BAG-7", "syr 7a", "SYR-7B"):
        assert container_stop(record, "storage-5", code) is None
    stop = container_stop(record, "storage-5", "SYR-8")
    assert stop is not None
    assert (stop.critical, stop.expected) == (True, "BAG-7, SYR-7A and SYR-7B")


def test_each_part_has_a_holder_from_the_division_on() -> None:
    record = acted(KEY)
    assert breaks(record) == ()
    now = [(part.container, part.holder) for part in segments(record) if part.end is None]
    assert sorted(now) == [("BAG-7", "Vic Vermeer"), ("SYR-7A", "Vic Vermeer"), ("SYR-7B", "Vic Vermeer")]


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"parts": (part("SYR-7A", "20"), part("syr 7a", "25"))}, "parts"),
        ({"parts": (part("BAG-7", "20"),)}, "parts"),
        ({"parts": (part("SYR-7A", "0"),)}, "parts"),
        ({"volume_in_ml": Decimal(0)}, "volume_in_ml"),
    ],
)
def test_what_cannot_be(changes: dict[str, Any], name: str) -> None:
    assert list(Division.contradictions(values(**changes))) == [name]
    assert Division.contradictions(values()) == {}


def rules(record: BatchRecord) -> set[str]:
    return {item.rule for item in findings(record) if item.step_key == KEY}


@pytest.mark.parametrize(
    ("left", "open_"), [("15.0", False), ("12.0", False), ("11.9", True), ("18.1", True)]
)
def test_parts_that_are_not_the_whole_stay_open_and_block(left: str, open_: bool) -> None:
    """60 mL, 5 % tolerated: 57 to 63 mL are the whole."""
    record = acted(KEY)
    entries = tuple(
        divided(left_ml=Decimal(left)) if entry.step_key == KEY else entry for entry in record.entries
    )
    assert ("division" in rules(replace(record, entries=entries))) is open_


# ---- divided, and injected out of several syringes -------------------------------------------------------------------


def injected_out_of(*volumes: tuple[str, str], left: str = "0") -> BatchRecord:
    """The story's syringe divided after its release into two, and injected out of these as stated."""
    record = clean("residual")
    injection = entry_of(record, "injection")
    assert isinstance(injection, Injection)
    whole = entry_of(record, "handover_theatre")
    act = divided(
        step_key="division-1",
        source_container_code="SYR-7",
        volume_in_ml=Decimal("6.0"),
        parts=(part("SYR-7A", "3.0"), part("SYR-7B", "3.0")),
        left_ml=Decimal(left),
        performed_at=whole.performed_at,
        recorded_at=whole.recorded_at,
        performed_by=whole.performed_by,
        recorded_by=whole.performed_by,
    )
    first = injection.sites[0]
    sites = tuple(replace(first, container_code=code, volume_ml=Decimal(volume)) for code, volume in volumes)
    changed = replace(injection, container_code="SYR-7A", sites=sites)
    rest = tuple(changed if entry is injection else entry for entry in record.entries)
    return replace(record, entries=(*rest, act))


def test_two_syringes_for_two_levels_leave_no_break_and_both_end_with_the_injection() -> None:
    record = injected_out_of(("SYR-7A", "3.0"), ("SYR-7B", "3.0"))
    assert breaks(record) == ()
    assert all(found.end is not None for found in segments(record))


def test_more_than_a_syringe_holds_cannot_come_out_of_it() -> None:
    (broken,) = breaks(injected_out_of(("SYR-7A", "3.5"), ("SYR-7B", "1.0")))
    assert (broken.rule, broken.step_key) == ("over-draw", "injection")
    assert broken.sentence == "3.5 mL were taken out of SYR-7A, and 3.0 mL were in it."


def test_a_syringe_of_which_nothing_was_injected_ends_with_the_residual() -> None:
    record = injected_out_of(("SYR-7A", "2.0"))
    assert breaks(record) == ()
    last = [found for found in segments(record) if found.container == "SYR-7B"][-1]
    assert last.end == entry_of(record, "residual").performed_at


def test_a_syringe_of_another_batch_is_a_critical_stop() -> None:
    record = injected_out_of(("SYR-7A", "2.0"), ("SYR-9", "1.0"))
    stops = [stop for stop in entry_of(record, "injection").stops(record) if stop.rule == "identity"]
    assert [(stop.critical, stop.found) for stop in stops] == [(True, "SYR-9")]


def test_what_it_says_in_one_line() -> None:
    said = divided().summary(acted(KEY))
    assert said == "BAG-7, 60.0 mL: 20.0 mL into SYR-7A, 25.0 mL into SYR-7B; 15.0 mL left"


def test_stops_about_several_syringes_come_in_the_order_of_the_form() -> None:
    """A document is drawn again and compared byte by byte: no order is left to chance."""
    codes = ("SYR-9", "SYR-8", "SYR-10", "SYR-6", "SYR-5", "SYR-11")
    record = injected_out_of(*((code, "0.1") for code in codes))
    stops = entry_of(record, "injection").stops(record)
    assert [stop.found for stop in stops if stop.rule == "identity"] == list(codes)
