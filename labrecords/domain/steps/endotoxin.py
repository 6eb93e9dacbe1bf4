"""Bacterial endotoxin: the measured value, its spike recovery, and the product's value after dilution (domain 3.8)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar

from labrecords.domain import facts
from labrecords.domain.calculations import counting
from labrecords.domain.calculations.assay_numbers import endotoxin_eu_per_ml
from labrecords.domain.calculations.derived import Derived, Input, scientific
from labrecords.domain.registers.materials import Material
from labrecords.domain.results.assays import FINAL, PRELIMINARY, Assay
from labrecords.domain.results.hourly_endotoxin import KEY, four_digits, hourly_limit, missing, valid_dilution
from labrecords.domain.results.remark import Remark
from labrecords.domain.values.limits import ComputedLimit, Limit
from labrecords.domain.values.numbers import plain

if TYPE_CHECKING:
    from labrecords.domain.record import BatchRecord

SPIKE_LOW, SPIKE_HIGH = Decimal(50), Decimal(200)
"""Recovery of the spike in per cent within which a result is valid, ends included (USP <85>)."""


@dataclass(frozen=True, kw_only=True)
class Endotoxin(Assay):
    kind: ClassVar[str] = "endotoxin"
    outcome_facts: ClassVar[tuple[str, ...]] = (
        "measured_eu_per_ml",
        "below_lambda",
        "spike_recovery_percent",
    )
    final_facts: ClassVar[tuple[str, ...]] = ("spike_recovery_percent",)
    derived_keys: ClassVar[tuple[str, ...]] = ("endotoxin_eu_per_ml", KEY, "maximum_valid_dilution")

    kit_lot: str = facts.text("Kit or cartridge lot")
    kit_expiry: date | None = facts.day("Kit expiry", required=False)
    lambda_eu_per_ml: Decimal = facts.number("Sensitivity λ", "EU/mL", hint="Lowest standard of the kit")
    sample_part: Decimal = facts.number("Sample in the dilution", "parts", hint="1 where it is not diluted")
    diluent_part: Decimal = facts.number("Water in the dilution", "parts", hint="0 where it is not diluted")
    spike_recovery_percent: Decimal | None = facts.number(
        "Recovery of the spike (PPC)", "%", required=False, hint="Valid from 50 to 200 %"
    )
    below_lambda: bool | None = facts.yesno("Below the lowest standard", required=False)
    measured_eu_per_ml: Decimal | None = facts.number(
        "Measured in the dilution",
        "EU/mL",
        required=False,
        hint="Empty where it is below the lowest standard",
    )

    @classmethod
    def contradictions(cls, values: Mapping[str, Any]) -> dict[str, str]:
        found = super().contradictions(values)
        if not values["sample_part"]:
            found["sample_part"] = "A dilution has more than 0 parts of sample."
        if not values["lambda_eu_per_ml"]:
            found["lambda_eu_per_ml"] = "The lowest standard of a kit is above 0 EU/mL."
        measured, below = values.get("measured_eu_per_ml"), values.get("below_lambda")
        if values["state"] in (PRELIMINARY, FINAL):
            if measured is None and not below:
                found["measured_eu_per_ml"] = (
                    "State what was measured, or that it is below the lowest standard."
                )
            elif measured is not None and below:
                found["measured_eu_per_ml"] = "Below the lowest standard there is no measured value."
        return found

    def dilution_factor(self) -> Decimal:
        return counting.dilution_factor(self.sample_part, self.diluent_part)

    def in_the_dilution(self) -> Decimal | None:
        """EU per mL of the dilution; where it is below the lowest standard, the most that it can be."""
        return self.lambda_eu_per_ml if self.below_lambda else self.measured_eu_per_ml

    def derived(self, record: BatchRecord) -> tuple[Derived, ...]:
        product, limit = self._in_the_product(record), hourly_limit(record)
        here = f"step {record.process.step(self.step_key).number}"
        dilution = valid_dilution(record, limit, self.lambda_eu_per_ml, here) if limit else None
        return tuple(number for number in (product, limit, dilution) if number is not None)

    def computed_limits(self, record: BatchRecord) -> tuple[ComputedLimit, ...]:
        """All sites of one hour together: what the product holds is held against what weight and volume allow."""
        product, limit = self._in_the_product(record), hourly_limit(record)
        if product is None or limit is None:
            return ()
        most = four_digits(limit.value)
        decimals = max(0, -int(most.as_tuple().exponent))
        judged = Limit(unit="EU/mL", decimals=decimals, acceptance=(None, most))
        label = "Endotoxin, for all sites of one hour together"
        return (ComputedLimit(limit.key, label, product.value, product.reported, judged),)

    def remarks(self, record: BatchRecord) -> tuple[Remark, ...]:
        lacking = missing(record)
        if not lacking:
            return ()
        sentence = f"No limit for all sites of one hour: not recorded is {' and '.join(lacking)}."
        return (Remark("endotoxin limit", sentence, "Correct the order and state it there."),)

    def _in_the_product(self, record: BatchRecord) -> Derived | None:
        found, ledger = self.in_the_dilution(), record.formula("endotoxin")
        if found is None:
            return None
        value = ledger.compute(found, self.dilution_factor())
        here = f"step {record.process.step(self.step_key).number}"
        label = "lowest standard: the most it can be" if self.below_lambda else "measured in the dilution"
        measured = Input("m", label, plain(found), "EU/mL", here)
        parts = f"({plain(self.sample_part)} + {plain(self.diluent_part)}) / {plain(self.sample_part)}"
        return Derived(
            key="endotoxin_eu_per_ml",
            label="Endotoxin in the product" + (", less than" if self.below_lambda else ""),
            value=value,
            reported=scientific(value),
            unit="EU/mL",
            formula=ledger.text,
            formula_id=ledger.id,
            inputs=(measured, Input("d", "dilution factor", parts, "", here)),
            rounding="rounded half-up to 3 significant digits",
        )

    def invalid(self) -> str:
        recovered = self.spike_recovery_percent
        if recovered is None or SPIKE_LOW <= recovered <= SPIKE_HIGH:
            return ""
        return f"The spike was recovered to {plain(recovered)} %: a result is valid from 50 to 200 % only."

    def used_reagents(self) -> tuple[Material, ...]:
        return (Material("endotoxin kit", self.kit_lot, self.kit_expiry),)

    def result_words(self) -> str:
        found = self.in_the_dilution()
        if found is None:
            return ""
        value = endotoxin_eu_per_ml(found, self.dilution_factor())
        return f"{'less than ' if self.below_lambda else ''}{scientific(value)} EU/mL"
