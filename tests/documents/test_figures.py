"""Figures: formula boxes, signature blocks, the custody ribbon."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from labrecords.documents.edition import Edition, read_edition
from labrecords.documents.pages import custody_ribbon
from labrecords.documents.pages.custody_ribbon import axis_for, draw_events, draw_ribbon, gap_words, lanes_of
from labrecords.documents.pages.formulas import _fraction, formula_box, unrounded
from labrecords.documents.pages.geometry import LEFT, RIGHT
from labrecords.documents.pages.signature_blocks import signature_blocks
from labrecords.domain.calculations.derived import Derived, Input
from labrecords.domain.custody import batch_chain
from labrecords.domain.custody.holders import Segment
from labrecords.domain.results.results import results
from labrecords.domain.steps.handover import Handover
from tests.support.example import example_package, hostile_record
from tests.support.printed import example_edition, finished, sheet, squeezed, text_of


@pytest.mark.parametrize(
    ("formula", "parts"),
    [
        ("R = (C1 × V1) / (C0 × V0) × 100", ("R = ", "C1 × V1", "C0 × V0", " × 100")),
        ("V = live / (live + dead) × 100", ("V = ", "live", "live + dead", " × 100")),
        ("CF = C1 / C0", ("CF = ", "C1", "C0", "")),
        ("χ² = Σ(N − m)² / m", ("χ² = ", "Σ(N − m)²", "m", "")),
        ("x = (a) × (b) / c", ("x = ", "(a) × (b)", "c", "")),
        ("x = a + b / c", None),
        ("x = a / b − c", None),
        ("n = √(RCF / (1.118 × 10⁻⁵ × r))", None),
        ("C = (ΣN / n) × D / v,  D = (s + d) / s", None),
        ("net = V − Va", None),
    ],
)
def test_only_a_single_fraction_gets_a_bar(formula: str, parts: tuple[str, ...] | None) -> None:
    assert _fraction(formula) == parts


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("52", "52"),
        ("52.00", "52"),
        ("68.109987357774968394", "68.1099873577…"),
        ("1107.62496", "1\u00a0107.62496"),
        ("0.000123456789012345678", "0.000123456789012…"),
        ("1012480000", "1\u00a0012\u00a0480\u00a0000"),
    ],
)
def test_an_unrounded_value_is_cut_never_rounded(value: str, shown: str) -> None:
    derived = Derived("k", "l", Decimal(value), "", "", "f", "f/1", (), "")
    assert unrounded(derived) == shown


def test_a_formula_box_prints_everything_that_went_in() -> None:
    derived = results(example_edition().record)["recovery_percent"]
    drawn = sheet()
    formula_box(drawn, derived)
    text = text_of(finished(drawn))
    for part in (
        derived.label,
        derived.formula_id,
        "68.1",
        "68.1099873577… %",
        derived.rounding,
        "C1 × V1",
        "C0 × V0",
    ):
        assert part in text, part
    for item in derived.inputs:
        assert item.label in text
        assert item.value in text


def test_long_inputs_wrap_inside_the_box() -> None:
    inputs = (Input("N", "cells " * 12, " + ".join(["10407"] * 30), "parts", "a long source " * 6),)
    drawn = sheet()
    before = drawn.y
    formula_box(
        drawn, Derived("k", "label " * 12, Decimal("1.5"), "1.5", "mL", "N", "n/1", inputs, "rounding " * 20)
    )
    text = squeezed(text_of(finished(drawn)))
    assert "label" * 12 in text
    assert "rounding" * 20 in text
    assert text.count("10407") == 30
    assert before - drawn.y > 100


def test_a_signature_block_says_who_what_when_and_over_what() -> None:
    edition, drawn = example_edition(), sheet()
    signature = edition.record.signatures[0]
    signature_blocks(drawn, [signature], "Signatures to step 1")
    text = text_of(finished(drawn))
    for part in (
        "Signatures to step 1",
        signature.name,
        f"{signature.role} · user {signature.username}",
        f"Meaning: {signature.meaning}",
        "Step 1: Note the order and the consent",
        f"{edition.when(signature.signed_at)} Europe/Warsaw",
        edition.utc(signature.signed_at),
        f"Record event {signature.record_version}",
        signature.record_digest[:8],
        signature.id,
    ):
        assert part in text, part


def test_names_of_any_length_and_script_fit_their_block() -> None:
    edition = read_edition(example_package(hostile_record()))
    drawn = sheet()
    signature_blocks(drawn, edition.record.signatures, "All")
    text = squeezed(text_of(finished(drawn)))
    for person in edition.record.people[:4]:
        assert squeezed(person.name) in text
    assert len(drawn.pages) > 1


def _with_gap() -> Edition:
    """The example with half an hour between giving and receiving."""
    edition = example_edition()
    entries = tuple(
        replace(entry, given_at=entry.given_at - timedelta(minutes=4))
        if isinstance(entry, Handover) and entry.step_key == "handover_laboratory"
        else entry
        for entry in edition.record.entries
    )
    package = replace(edition.package, record=replace(edition.record, entries=entries))
    return replace(edition, package=package)


def test_a_gap_is_hatched_and_named() -> None:
    edition, drawn = _with_gap(), sheet()
    (gap,) = [segment for segment in batch_chain.segments(edition.record) if segment.gap]
    assert gap_words(edition, gap) == "nobody held it for 5\u00a0min, 08:36:00 to 08:41:00"
    lanes = lanes_of(edition)
    assert [lane.container for lane in lanes] == ["BAG-7", "SYR-7"]
    lower = draw_ribbon(drawn.ink, edition, lanes, axis_for(edition, (), LEFT + 60), 700, 30)
    assert lower == 700 - 12 - 60
    operators = [part for part in drawn.ink.page if isinstance(part, str)]
    assert any(part.count(" l") > 3 and part.endswith(" S") for part in operators), (
        "hatching is drawn stroke by stroke"
    )


def test_each_container_has_one_lane_and_words_end_where_the_next_stretch_is_drawn_over_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Two syringes are divided, and then handed over one after the other."""
    edition, drawn = example_edition(), sheet()
    begin = edition.record.batch.opened_at
    stretches = tuple(
        Segment(begin + timedelta(minutes=a), begin + timedelta(minutes=b), "Tess", place, code)
        for a, b, place, code in (
            (0, 10, "Laboratory", "SYR-A"),
            (0, 60, "Cupboard", "SYR-B"),
            (10, 60, "Theatre", "syr-a"),
        )
    )
    monkeypatch.setattr(custody_ribbon, "segments", lambda _: stretches)
    lanes = lanes_of(edition)
    assert [(lane.container, len(lane.segments)) for lane in lanes] == [("SYR-A", 2), ("SYR-B", 1)]
    one = custody_ribbon.Lane("", (stretches[1], replace(stretches[2], start=begin + timedelta(minutes=2))))
    draw_ribbon(drawn.ink, edition, [one], axis_for(edition, (), LEFT), 700, 40, named=False)
    said = text_of(finished(drawn))
    assert "Theatre" in said
    assert "Cupboard" not in said


def test_the_axis_holds_everything_and_names_stand_apart() -> None:
    edition, drawn = example_edition(), sheet()
    moments = [edition.record.batch.opened_at + timedelta(minutes=minutes) for minutes in (0, 1, 2, 600)]
    axis = axis_for(edition, moments, LEFT)
    assert all(LEFT <= axis.x(moment) <= RIGHT for moment in moments)
    events = [(moment, f"event number {number}") for number, moment in enumerate(moments)]
    lower = draw_events(drawn.ink, axis, events, 700, 650)
    assert lower == pytest.approx(650 - 12 - 2 * 9.5 - 4), "three close names need three rows"
    parts = [part for part in drawn.ink.page if isinstance(part, str)]
    strokes = [place for place, part in enumerate(parts) if " l" in part and part.endswith(" S")]
    names = [place for place, part in enumerate(parts) if " Tm" in part]
    assert len(names) == len(events)
    assert max(strokes) < min(names), "no stroke goes through a name"
    assert "event number 2" in text_of(finished(drawn))
