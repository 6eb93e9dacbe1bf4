"""What sections 3, 7, 8, 12, 13, 14 and 22 owe (domain 8.2), word for word, in a batch that was played to its end."""

from __future__ import annotations

import pytest

from labrecords.documents.sections.second_person import AWAITED, NOBODY_ASKED
from tests.documents.test_sections import between, printed_play
from tests.support.example_pen import Example
from tests.support.printed import example_edition, printed, squeezed, text_of
from tests.support.shipped import shipped_text


@pytest.fixture(scope="module")
def closed() -> str:
    return text_of(printed(example_edition().record).pdf)


@pytest.fixture(scope="module")
def filtered() -> str:
    """A batch by filtration before its tests."""
    example = Example(process_text=shipped_text("bone_marrow_filtration"))
    for step in example.record.process.phase("processing"):
        example.wait(5)
        example.step(step.key)
        example.confirm_all(step.key)
    return printed_play(example)


def stands(words: str, text: str) -> bool:
    """Whether the words stand there, wherever the lines break."""
    return squeezed(words) in squeezed(text)


@pytest.mark.req("GMP-188a")
def test_the_reproduction_says_when_it_was_checked(closed: str) -> None:
    edition = example_edition()
    assert stands(
        f"when this document was drawn on {edition.when(edition.document.issued_at)}.", between(closed, 3)
    )


@pytest.mark.req("GMP-184")
def test_a_material_names_maker_and_who_verified_it(filtered: str) -> None:
    materials = between(filtered, 7)
    assert stands("ACD-A Citra Works AC-778", materials)
    assert stands("8.0 Vic Vermeer step 4", materials)
    assert "unique device identifier (UDI)" in materials.replace("\n", " ")


def test_equipment_says_since_when_the_register_has_said_so(closed: str) -> None:
    edition = example_edition()
    used = edition.record.equipment_item(getattr(edition.record.current("spin_1"), "centrifuge"))  # noqa: B009
    assert stands(f"in service registered {edition.when(used.registered_at)}", between(closed, 8))


@pytest.mark.req("GMP-188b7")
def test_in_process_controls_and_samples_stand_together(filtered: str) -> None:
    section = between(filtered, 12)
    assert stands("8 Temperature 21.0 °C target 21; accepted 2 to 30", section)
    assert "S-1 BAG-7" in section
    assert stands("step 10, count the cells before processing", section)


@pytest.mark.req("GMP-103")
def test_who_performed_and_who_verified_the_inputs_of_the_yield_is_said(closed: str) -> None:
    section = between(closed, 13)
    assert "Who performed and who verified what the yield is computed from" in section
    assert NOBODY_ASKED in section.replace("\n", " ")
    assert stands("with edition", section)


@pytest.mark.req("GMP-194")
def test_counts_stand_among_the_tests_with_sample_amount_method_and_people(closed: str) -> None:
    section = between(closed, 14)
    table = section[section.index("Counts and tests: samples, methods and people") :]
    for words in (
        "S-1, BAG-7",
        "10 in 200 parts",
        "chamber count, improved Neubauer",
        f"Tess Tamm; {NOBODY_ASKED}",
    ):
        assert stands(words, table), words


def test_a_step_says_when_it_began_and_where_its_values_come_from(closed: str) -> None:
    edition = example_edition()
    began = [at for entry in edition.record.entries if (at := entry.began_at())]
    assert began
    assert all(stands(f"Begun {edition.when(at)}. Source", closed) for at in began)
    spin = "typed or scanned by Tess Tamm, as read from CF-01, Hettich Rotina 380 and RT-01"
    assert stands(spin, between(closed, 11))


def test_a_correction_says_who_authorised_it(closed: str) -> None:
    edition = example_edition()
    new = next(entry for entry in edition.record.entries if entry.corrects)
    (given,) = [item for item in edition.record.confirmations_of(new) if item.act == "verified"]
    row = between(closed, 22)
    assert stands(f"{edition.name(given.person_id)}, {edition.when(given.recorded_at)}", row)


def test_a_correction_that_still_waits_for_its_second_person_says_so() -> None:
    example = Example()
    example.wait(5)
    example.step("order")
    example.correct("order", "The form names another one.", order_code="O-2")
    assert stands(AWAITED, between(printed_play(example), 22))


def test_the_cover_tells_counts_tests_and_late_results(closed: str, filtered: str) -> None:
    assert "Counts: 2, 0 repeated. Tests: 0, 0 final, 0 failed, 0 set aside. Late results: 0 of 0" in closed
    assert "Tests: 5, 0 final, 0 failed, 0 set aside. Late results: 0 of 3" in filtered
