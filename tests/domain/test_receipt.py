"""The receipt: the volume as read or from the mass, and what the inspection found wrong."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from labrecords.domain.entries import problems
from labrecords.domain.facts import facts_of
from labrecords.domain.results.results import basis
from labrecords.domain.rules.findings import findings
from labrecords.domain.steps.receipt import Receipt
from tests.support.clean import altered, clean, entry_of

RECORD = clean("receipt")
WEIGHED = {"volume_ml": None, "weighed_g": Decimal("63.6"), "density_g_per_ml": Decimal("1.06")}


def received(**changes: Any) -> Receipt:
    entry = entry_of(RECORD, "receipt")
    assert isinstance(entry, Receipt)
    return replace(entry, **changes)


def refused(**changes: Any) -> list[str]:
    stated = {fact.name: getattr(received(), fact.name) for fact in facts_of(Receipt)}
    return list(problems(Receipt, stated | changes, RECORD.process.step("receipt")))


def test_the_volume_follows_from_the_mass_by_the_density_as_stated() -> None:
    (volume,) = received(**WEIGHED).derived(RECORD)
    assert (volume.key, volume.reported, volume.formula_id) == ("volume_ml", "60.0", "weighed-volume/1")
    assert [(part.symbol, part.value, part.unit) for part in volume.inputs] == [
        ("m", "63.6", "g"), ("ρ", "1.06", "g/mL"),
    ]  # fmt: skip
    assert received().derived(RECORD) == ()


def test_a_computed_volume_counts_for_the_yield_and_is_judged() -> None:
    record = altered(clean(), "receipt", **WEIGHED)
    assert basis(record).volume_before == Decimal("59.50")
    assert findings(record) == findings(clean())


def test_the_amount_is_read_or_weighed_with_its_density() -> None:
    assert refused(**WEIGHED) == refused() == []
    assert refused(**WEIGHED | {"density_g_per_ml": None}) == ["density_g_per_ml"]
    assert refused(volume_ml=None) == ["volume_ml"]
    assert refused(weighed_g=Decimal(60), density_g_per_ml=Decimal(1)) == ["volume_ml"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"haemolysis": True}, "haemolysis"),
        ({"clots": True}, "clots"),
        ({"leaks": True}, "leaks"),
        ({"label_legible": False}, "label not legible"),
        ({"appearance": "clotted"}, "appearance clotted"),
    ],
)
def test_what_the_inspection_found_wrong_is_shown(changes: dict[str, Any], words: str) -> None:
    assert received(**changes).defects() == (words,)
    (finding,) = findings(altered(RECORD, "receipt", **changes))
    assert (finding.rule, words in finding.sentence) == ("receipt", True)


def test_in_one_line() -> None:
    said = "60.0 mL, 21.0 °C, no defects; decision: accept"
    assert received().summary(RECORD) == received(**WEIGHED).summary(RECORD) == said
