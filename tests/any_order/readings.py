"""What is stated in a step of the random acts: facts for the system, and the same in plain words for the model.

The volumes of a step add up, but for a loss that is sometimes drawn: then the balance must show exactly that loss.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from random import Random
from typing import Any

from labrecords.domain.steps.administration import Site
from labrecords.domain.steps.counts import Square
from labrecords.domain.steps.harvest import Draw
from tests.support.lab import Lab
from tests.support.story import ROTOR

ORDER = (
    "identity_harvest", "harvest", "receipt", "sample_before", "count_before", "room_temperature", "spin_1",
    "fractions", "wash_fat", "sample_after", "count_after", "final_container", "bedside", "injection", "residual",
)  # fmt: skip
"""The steps of process.toml."""
FILLS = {"harvest": "BAG-7", "fractions": "TUBE-7", "final_container": "SYR-7"}
"""The container that a step fills."""
OVERDUE = "RT-02"
"""A rotor whose check is overdue."""
NOTHING = Decimal(0)


@dataclass
class Flow:
    """The volumes that a step states, in mL. `into` is None where all that was there goes in."""

    into: Decimal | None = None
    added: Decimal = NOTHING
    out: Decimal | None = None
    sample: Decimal = NOTHING
    waste: Decimal = NOTHING
    retained: Decimal = NOTHING


@dataclass
class Stated:
    """What somebody states about a step."""

    facts: dict[str, Any]
    flow: Flow | None = None
    container: str = ""
    """The code that was read on the container that holds the material; empty where none is asked."""
    wrong: set[str] = field(default_factory=set)
    """Rules of the kind itself that this reading breaks, whatever else is recorded."""
    sample: str = ""
    injected_ml: Decimal | None = None


def drawn(draw: Random, lab: Lab, key: str, patient: str, held: str | None, there: Decimal | None) -> Stated:
    """A random reading of a step. `held` and `there` are the container and the mL that the steps before left."""
    return _MAKERS[key](draw, lab, key, patient, held, there)


def _ml(draw: Random, low: str, high: str, decimals: int = 1) -> Decimal:
    unit = Decimal(1).scaleb(-decimals)
    return unit * draw.randint(int(Decimal(low) / unit), int(Decimal(high) / unit))


def _loss(draw: Random, most: Decimal) -> Decimal:
    return min(_ml(draw, "0.1", "3.0"), most) if draw.random() < 0.2 else NOTHING


def _code(draw: Random, held: str | None, usual: str) -> str:
    return "BAG-0" if draw.random() < 0.06 else held or usual


def _identity(draw: Random, lab: Lab, key: str, patient: str, held: Any, there: Any) -> Stated:
    wrong = draw.random() < 0.12
    method = draw.choice(["wristband scanned", "patient asked openly", "label scanned"])
    facts = {"patient_code": "P-1111" if wrong else patient, "method": method}
    return Stated(facts, wrong={"identity"} if wrong else set())


def _harvest(draw: Random, lab: Lab, key: str, patient: str, held: Any, there: Any) -> Stated:
    whole = _ml(draw, "50", "70")
    facts = {"total_volume_ml": whole, "draws": (Draw(volume_ml=whole - 8),)}
    return Stated(facts, Flow(NOTHING, added=whole, out=whole))


def _receipt(
    draw: Random, lab: Lab, key: str, patient: str, held: str | None, there: Decimal | None
) -> Stated:
    whole = Decimal("60.0") if there is None or there < 20 else there
    read, code = whole - _loss(draw, Decimal(2)), _code(draw, held, "BAG-7")
    return Stated({"volume_ml": read, "container_code": code}, Flow(out=read), code)


def _sample(draw: Random, lab: Lab, key: str, patient: str, held: str | None, there: Any) -> Stated:
    taken, name = _ml(draw, "0.10", "0.60", 2), "S-1" if key == "sample_before" else "S-2"
    code = _code(draw, held, "BAG-7" if key == "sample_before" else "TUBE-7")
    facts = {"volume_ml": taken, "container_code": code, "sample_code": name}
    return Stated(facts, Flow(sample=taken), code)


def _count(draw: Random, lab: Lab, key: str, patient: str, held: Any, there: Any) -> Stated:
    cells = draw.choice([(95, 84, 90, 101, 82), (88, 79, 93, 81, 90)])
    right = "S-1" if key == "count_before" else "S-2"
    name = "S-9" if draw.random() < 0.06 else right
    facts: dict[str, Any] = {"squares": tuple(Square(cells=cell) for cell in cells), "sample_code": name}
    facts["diluent_part"] = Decimal(190 if key == "count_before" else 90)
    return Stated(facts, Flow(), sample=name)


def _room(draw: Random, lab: Lab, key: str, patient: str, held: Any, there: Any) -> Stated:
    return Stated({"number": _ml(draw, "18.0", "25.0")})


def _spin(draw: Random, lab: Lab, key: str, patient: str, held: str | None, there: Any) -> Stated:
    code, wrong = _code(draw, held, "BAG-7"), set[str]()
    facts: dict[str, Any] = {
        "container_code": code,
        "speed_rpm": Decimal(draw.randint(2000, 2600)),
        "rotor": ROTOR,
    }
    if draw.random() < 0.15:
        facts["speed_rpm"], wrong = Decimal(5000), {"rotor speed"}
    if draw.random() < 0.3:
        facts["rotor"], wrong = OVERDUE, {*wrong, "equipment"}
    return Stated(facts, container=code, wrong=wrong)


def _fractions(
    draw: Random, lab: Lab, key: str, patient: str, held: str | None, there: Decimal | None
) -> Stated:
    into = Decimal("55.0") if there is None or there < 25 else there
    buffy, plasma, code = _ml(draw, "8.0", "11.0"), _ml(draw, "5.0", "8.0"), _code(draw, held, "BAG-7")
    left = into - buffy - plasma
    red = _ml(draw, "0.0", "5.0")
    poured = left - red - _loss(draw, left - red)
    facts = {
        "source_container_code": code, "volume_in_ml": into, "buffy_layer_ml": buffy, "plasma_removed_ml": plasma,
        "red_cells_retained_ml": red, "discarded_ml": poured, "container_code": FILLS[key],
    }  # fmt: skip
    return Stated(facts, Flow(into, NOTHING, buffy, NOTHING, poured, plasma + red), code)


def _wash(draw: Random, lab: Lab, key: str, patient: str, held: str | None, there: Decimal | None) -> Stated:
    into = Decimal("9.0") if there is None or not 2 <= there <= 100 else there
    washes, each, kept = draw.randint(1, 3), _ml(draw, "5.0", "9.0"), _ml(draw, "6.0", "9.0")
    whole, code = into + washes * each, _code(draw, held, "TUBE-7")
    kept = min(kept, whole)
    poured = whole - kept - _loss(draw, whole - kept)
    facts = {
        "source_container_code": code, "volume_in_ml": into, "washes": washes, "wash_volume_ml": each,
        "discarded_volume_ml": poured, "collected_volume_ml": kept, "fat_mass_g": None,
    }  # fmt: skip
    return Stated(facts, Flow(into, washes * each, kept, NOTHING, poured), code)


def _final(draw: Random, lab: Lab, key: str, patient: str, held: str | None, there: Decimal | None) -> Stated:
    whole = Decimal("8.0") if there is None or not 2 <= there <= 90 else there
    checked, code = draw.random() > 0.4, _code(draw, held, "TUBE-7")
    filled = whole - _loss(draw, Decimal(1))
    facts = {
        "source_container_code": code, "volume_ml": filled, "label_checked": checked, "container_code": FILLS[key],
    }  # fmt: skip
    return Stated(facts, Flow(out=filled), code, set() if checked else {"label"})


def _bedside(draw: Random, lab: Lab, key: str, patient: str, held: str | None, there: Any) -> Stated:
    normal, code = draw.random() > 0.3, _code(draw, held, "SYR-7")
    return Stated(
        {"container_code": code, "looks_normal": normal}, None, code, set() if normal else {"appearance"}
    )


def _injection(draw: Random, lab: Lab, key: str, patient: str, held: str | None, there: Any) -> Stated:
    much = Decimal("45.0") if draw.random() < 0.4 else _ml(draw, "1.0", "3.0")
    code = _code(draw, held, "SYR-7")
    site = Site(
        structure="intervertebral disc", level="L4/5", side="midline", guidance="fluoroscopy",
        approach="posterolateral", needle_gauge=Decimal(22), needle_length_mm=Decimal(90), contrast="none",
        volume_ml=much, injected_at=lab.clock.now,
    )  # fmt: skip
    return Stated({"container_code": code, "sites": (site,)}, None, code, injected_ml=much)


def _residual(draw: Random, lab: Lab, key: str, patient: str, held: Any, there: Any) -> Stated:
    return Stated({"volume_ml": _ml(draw, "0.0", "5.0")})


_MAKERS = {
    "identity_harvest": _identity, "harvest": _harvest, "receipt": _receipt, "sample_before": _sample,
    "count_before": _count, "room_temperature": _room, "spin_1": _spin, "fractions": _fractions,
    "wash_fat": _wash, "sample_after": _sample, "count_after": _count, "final_container": _final,
    "bedside": _bedside, "injection": _injection, "residual": _residual,
}  # fmt: skip
