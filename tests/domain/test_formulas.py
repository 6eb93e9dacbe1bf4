"""The ledger of formulas: every version once, each gives its worked example, and a batch keeps those it began with."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from labrecords.domain.calculations import formulas
from labrecords.domain.calculations.formulas import LEDGER, Example, Formula, in_force, newest_edition
from labrecords.domain.evidence.serial import NotReadable
from labrecords.domain.record_form import record_from_plain, record_to_plain
from labrecords.domain.results.results import results
from labrecords.domain.values.limits import round_half_up
from tests.support.clean import clean, entry_of
from tests.support.example_pen import Example as Pen


def gives(formula: Formula) -> Decimal:
    """What the code gives for the worked example, rounded to the digits of the example."""
    exponent = formula.example.gives.as_tuple().exponent
    assert isinstance(exponent, int)
    return round_half_up(formula.compute(*formula.example.given), -exponent)


@pytest.mark.req("GMP-68b")
@pytest.mark.parametrize("formula", LEDGER, ids=lambda formula: formula.id)
def test_a_formula_gives_its_worked_example(formula: Formula) -> None:
    assert gives(formula) == formula.example.gives, (
        f"{formula.id} computes something else than it did: leave it, and add a new version"
    )


def test_the_ledger_stands_in_order_and_counts_its_versions() -> None:
    assert [(item.name, item.version) for item in LEDGER] == sorted(
        (item.name, item.version) for item in LEDGER
    )
    for name in {item.name for item in LEDGER}:
        versions = [item for item in LEDGER if item.name == name]
        assert [item.version for item in versions] == list(range(1, len(versions) + 1))
        editions = [item.edition for item in versions]
        assert editions == sorted(set(editions)), f"{name}: each version has an edition of its own"


@pytest.fixture
def second_version(monkeypatch: pytest.MonkeyPatch) -> Formula:
    """A second version of the count of cells, as somebody would add it: with the exact volume, and a new edition."""
    second = Formula(
        "tnc",
        2,
        "TNC = C × V × 0.99",
        lambda per_ml, volume: per_ml * volume * Decimal("0.99"),
        Example((Decimal(100), Decimal(10)), Decimal(990)),
        edition=2,
    )
    assert gives(second) == second.example.gives
    clean()  # the batch of the tests is opened before
    ledger = sorted((*LEDGER, second), key=lambda item: (item.name, item.version))
    monkeypatch.setattr(formulas, "LEDGER", tuple(ledger))
    return second


@pytest.mark.req("GMP-68b")
def test_a_running_batch_keeps_the_formulas_that_it_was_opened_with(second_version: Formula) -> None:
    assert newest_edition() == 2
    old = clean()
    new = replace(old, batch=replace(old.batch, formulas=2))
    before, after = (results(replace(record))["tnc_after"] for record in (old, new))
    assert (before.formula_id, after.formula_id) == ("tnc/1", "tnc/2")
    assert (before.formula, after.formula) == ("TNC = C × V", "TNC = C × V × 0.99")
    assert after.value == before.value * Decimal("0.99")
    assert results(new)["volume_reduction"].formula_id == "volume-reduction/1"


def test_a_new_batch_takes_the_newest_edition(second_version: Formula) -> None:
    assert Pen().record.batch.formulas == 2


def test_an_edition_without_the_formula_has_none() -> None:
    with pytest.raises(KeyError):
        in_force("rcf", 0)


def test_a_record_computed_by_formulas_of_a_later_software_is_not_read() -> None:
    later = clean("order")
    plain = record_to_plain(replace(later, batch=replace(later.batch, formulas=newest_edition() + 1)))
    with pytest.raises(NotReadable, match="formulas"):
        record_from_plain(plain)


def test_every_number_of_a_batch_names_the_ledger_and_prints_its_text() -> None:
    record = clean()
    made = [derived for entry in record.current_entries() for derived in entry.derived(record)]
    for derived in (*made, *results(record).values()):
        name, _, version = derived.formula_id.partition("/")
        assert (derived.formula, int(version)) == (in_force(name, 1).text, in_force(name, 1).version)
    assert entry_of(record, "spin_1").derived(record)[0].formula_id == "rcf/1"
