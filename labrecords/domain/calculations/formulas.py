"""The ledger of formulas: each version of each formula once, with its text, what it computes, and a worked example.

A formula is never changed here. Another way to compute is a new version of it, with the edition of the ledger that it
came with. A batch keeps the edition it was opened with (21 CFR 211.68(b); domain 9, finding 20).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from labrecords.domain.calculations import adipose, assay_numbers, counting, endotoxin, rcf, volumes
from labrecords.domain.results import yields
from labrecords.domain.values import times


@dataclass(frozen=True)
class Example:
    """A worked example: what goes in, in the order of `compute`, and the result rounded to its last digit."""

    given: tuple[Any, ...]
    gives: Decimal


@dataclass(frozen=True)
class Formula:
    name: str
    version: int
    text: str
    """As it is shown and printed, in the symbols of the inputs."""
    compute: Callable[..., Decimal]
    example: Example
    edition: int = 1
    """The first edition of the ledger that has this version."""

    @property
    def id(self) -> str:
        """Name and version, as they are printed beside each result: "rcf/1"."""
        return f"{self.name}/{self.version}"


def _numbers(*texts: str) -> tuple[Decimal, ...]:
    return tuple(map(Decimal, texts))


def _example(*given: str, gives: str) -> Example:
    return Example(_numbers(*given), Decimal(gives))


LEDGER: tuple[Formula, ...] = (
    Formula(
        "analyser-reading",
        1,
        "C = W × 10⁶ × (s + d) / s",
        counting.analyser_reading,
        _example("121", "1", "0", gives="121000000"),
    ),
    Formula(
        "anticoagulant-ratio",
        1,
        "ratio = Vm / Va",
        volumes.marrow_to_anticoagulant,
        _example("52", "8", gives="6.5"),
    ),
    Formula(
        "cfu-f-frequency",
        1,
        "F = N / (P × n) × 10⁶",
        assay_numbers.cfu_f_per_million,
        _example("25", "500000", "3", gives="16.67"),
    ),
    Formula(
        "cfu-f-per-ml",
        1,
        "U = F × C / 10⁶",
        assay_numbers.cfu_f_per_ml,
        _example("22.42", "121000000", gives="2713"),
    ),
    Formula(
        "chamber-count",
        1,
        "C = (ΣN / n) × D / v,  D = (s + d) / s",
        counting.chamber_count,
        Example(((122, 122, 122, 122, 122), *_numbers("1", "99", "0.0001")), Decimal(122000000)),
    ),
    Formula(
        "collected-per-60",
        1,
        "V60 = Vb / Vi × 60",
        volumes.collected_per_60_ml,
        _example("7.0", "59.5", gives="7.06"),
    ),
    Formula(
        "concentration-factor",
        1,
        "CF = C1 / C0",
        yields.concentration_factor,
        _example("21000000", "120000000", gives="5.714"),
    ),
    Formula(
        "counter-reading",
        1,
        "C = R × (s + d) / s",
        counting.counter_reading,
        _example("1200000", "10", "990", gives="120000000"),
    ),
    Formula(
        "draws",
        1,
        "drawn = Σd",
        volumes.drawn_volume_ml,
        Example((_numbers("10.0", "9.75"),), Decimal("19.75")),
    ),
    Formula(
        "endotoxin", 1, "E = m × d", assay_numbers.endotoxin_eu_per_ml, _example("0.12", "10", gives="1.20")
    ),
    Formula(
        "endotoxin-limit",
        1,
        "EL = K × m / V",
        endotoxin.endotoxin_limit_eu_per_ml,
        _example("0.2", "70", "6", gives="2.33"),
    ),
    Formula(
        "endotoxin-mvd",
        1,
        "MVD = EL / λ",
        endotoxin.maximum_valid_dilution,
        _example("7", "0.05", gives="140"),
    ),
    Formula(
        "enzyme-percent", 1, "c = m / (10 × V)", adipose.enzyme_percent, _example("100", "100", gives="0.100")
    ),
    Formula("enzyme-ratio", 1, "r = V / Vt", adipose.enzyme_ratio, _example("100", "100", gives="1.00")),
    Formula(
        "enzyme-units",
        1,
        "a = A × m / V",
        adipose.enzyme_units_per_ml,
        _example("3.6", "100", "100", gives="3.600"),
    ),
    Formula(
        "evenness",
        1,
        "χ² = Σ(N − m)² / m",
        counting.dispersion,
        Example(((45, 52, 48, 55),), Decimal("1.16")),
    ),
    Formula(
        "expected-cells", 1, "N = Y × m", yields.expected_cells, _example("500000", "92", gives="46000000")
    ),
    Formula(
        "filter-held",
        1,
        "held = Vi + Vf − Vc − Vd",
        volumes.held_volume_ml,
        _example("60.0", "10.0", "8.0", "58.5", gives="3.5"),
    ),
    Formula(
        "flow-share", 1, "P of N events", assay_numbers.share_percent, _example("80.0", "150", gives="80.0")
    ),
    Formula(
        "fractions-left",
        1,
        "left = Vi − Vp − Vb − Vr − Vd",
        volumes.parted_volume_ml,
        _example("59.5", "38.0", "8.0", "13.0", "0", gives="0.5"),
    ),
    Formula("heparin", 1, "U = Va × c", volumes.heparin_iu, _example("2.5", "1000", gives="2500")),
    Formula(
        "lidocaine",
        1,
        "dose = c × V / (1000 × m)",
        adipose.lidocaine_mg_per_kg,
        _example("500", "2000", "70", gives="14.3"),
    ),
    Formula(
        "method-difference",
        1,
        "Δ = |A − B| / ((A + B) / 2) × 100",
        counting.difference_percent,
        _example("120000000", "80000000", gives="40.0"),
    ),
    Formula(
        "minutes",
        1,
        "t = t2 − t1",
        adipose.minutes_between,
        Example(
            (datetime(2026, 3, 29, 0, 50, tzinfo=UTC), datetime(2026, 3, 29, 1, 20, 30, tzinfo=UTC)),
            Decimal("30.5"),
        ),
    ),
    Formula("net-volume", 1, "net = V − Va", volumes.net_volume_ml, _example("60.0", "8.0", gives="52.0")),
    Formula("rcf", 1, "RCF = 1.118 × r × n² / 10⁵", rcf.rcf_g, _example("16.1", "3200", gives="1843.2")),
    Formula(
        "recovery-check-percent",
        1,
        "R = CF / VR × 100",
        yields.recovery_check_percent,
        _example("5.7142857143", "8.5714285714", gives="66.7"),
    ),
    Formula(
        "recovery-limit",
        1,
        "R max = 100 + 2 × √(CV0² + CV1²),  CV = 100 / √N",
        yields.recovery_limit_percent,
        Example((400, 400), Decimal("114.1")),
    ),
    Formula(
        "recovery-percent",
        1,
        "R = (C1 × V1) / (C0 × V0) × 100",
        yields.recovery_percent,
        _example("21000000", "60", "120000000", "7", gives="66.7"),
    ),
    Formula(
        "replicates-cv",
        1,
        "CV = √(Σ(C − m)² / (k − 1)) / m × 100",
        counting.cv_percent,
        Example((_numbers("118000000", "124000000", "121000000"),), Decimal("2.48")),
    ),
    Formula(
        "rpm", 1, "n = √(RCF × 10⁵ / (1.118 × r))", rcf.speed_rpm, _example("17.5", "400", gives="1429.8")
    ),
    Formula(
        "time-left",
        1,
        "t = end − filled",
        times.hours_left,
        Example(
            (datetime(2026, 11, 22, 17, 30, tzinfo=UTC), datetime(2026, 11, 22, 15, 0, tzinfo=UTC)),
            Decimal("2.5"),
        ),
    ),
    Formula("tnc", 1, "TNC = C × V", yields.tnc, _example("21000000", "60", gives="1260000000")),
    Formula(
        "use-before",
        1,
        "U = min(B + h)",
        times.hours_until_first_end,
        Example(
            (
                (datetime(2026, 11, 22, 9, 0, tzinfo=UTC), datetime(2026, 11, 22, 11, 15, tzinfo=UTC)),
                _numbers("24", "8"),
            ),
            Decimal("10.25"),
        ),
    ),
    Formula(
        "viability",
        1,
        "V = live / (live + dead) × 100",
        counting.viability_percent,
        Example((184, 16), Decimal("92.0")),
    ),
    Formula("viability-reading", 1, "V = v", counting.as_displayed, _example("92.5", gives="92.5")),
    Formula(
        "viable-dose",
        1,
        "D = C1 × V% / 100 × V",
        yields.viable_dose,
        _example("121000000", "95", "2", gives="229900000"),
    ),
    Formula(
        "volume-needed",
        1,
        "V = D / (C1 × V%) × 100",
        yields.volume_needed,
        _example("40000000", "12000000", "91", gives="3.663"),
    ),
    Formula(
        "volume-reduction", 1, "VR = V0 / V1", yields.volume_reduction, _example("60", "7", gives="8.571")
    ),
    Formula(
        "wash-dilution",
        1,
        "D = ((Vk + Vw) / Vk)^k",
        adipose.dilution_by_washing,
        Example((*_numbers("5", "45"), 3), Decimal(1000)),
    ),
    Formula(
        "weighed-volume", 1, "V = m / ρ", volumes.weighed_volume_ml, _example("63.6", "1.06", gives="60.0")
    ),
    Formula(
        "yield-per-gram", 1, "Y = TNC / m", yields.yield_per_gram, _example("46000000", "92", gives="500000")
    ),
    Formula(
        "yield-percent",
        1,
        "P = TNC / N × 100",
        yields.yield_percent,
        _example("33120000", "82800000", gives="40.0"),
    ),
)
"""By name and then by version; the examples are those of domain 3."""


def newest_edition() -> int:
    """The edition that a batch gets when it is opened."""
    return max(formula.edition for formula in LEDGER)


def in_force(name: str, edition: int) -> Formula:
    """The version of a formula in an edition of the ledger. Raises KeyError where that edition has none."""
    versions = [formula for formula in LEDGER if formula.name == name and formula.edition <= edition]
    if not versions:
        raise KeyError(name)
    return versions[-1]
