"""One spin: centrifuge and rotor from the register, speed as rpm or x g, time, temperature, brake (domain B12)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar

from labrecords.domain import facts
from labrecords.domain.calculations import rcf
from labrecords.domain.calculations.derived import Derived, Input
from labrecords.domain.custody.containers import container_stop
from labrecords.domain.entries import Entry, Stop
from labrecords.domain.registers.equipment import registered_at
from labrecords.domain.values import times
from labrecords.domain.values.limits import round_half_up
from labrecords.domain.values.numbers import plain

if TYPE_CHECKING:
    from labrecords.domain.record import BatchRecord

BRAKES = ("off", "soft", "full")
R_MAX, R_AV = "r max", "r av"
CODES = range(10)
"""The steps of acceleration and brake that centrifuges have, 0 to 9."""
LONGEST_MIN = 10_080
"""A week: nothing is spun longer."""


@dataclass(frozen=True, kw_only=True)
class CentrifugationRun(Entry):
    kind: ClassVar[str] = "centrifugation"
    derived_keys: ClassVar[tuple[str, ...]] = ("speed_rpm", "rcf_g", "rcf_computed_g")
    repeatable: ClassVar[bool] = True
    repeat_words: ClassVar[str] = "Repeat the run"
    log_file: ClassVar[str] = "run log"

    container_code: str = facts.code("Tube", hint="Code on the container, which its tubes carry")
    centrifuge: str = facts.equipment("Centrifuge", "centrifuge")
    rotor: str = facts.equipment("Rotor", "rotor")
    speed_rpm: Decimal | None = facts.number("Speed", "rpm", required=False, one_of="speed", both=True)
    rcf_g: Decimal | None = facts.number(
        "Relative centrifugal force", "× g", required=False, one_of="speed", both=True
    )
    force_at: str | None = facts.choice(
        "Force stated at", (R_MAX, R_AV), required=False, hint="r max where nothing is chosen"
    )
    duration_min: Decimal = facts.number("Duration", "min")
    temperature_c: Decimal = facts.number("Temperature", "°C", signed=True)
    brake: str = facts.choice("Brake", BRAKES)
    program: str | None = facts.text("Program", required=False, hint="As the display names it")
    acceleration_code: int | None = facts.whole("Acceleration code", required=False, hint="0 to 9")
    brake_code: int | None = facts.whole("Brake code", required=False, hint="0 to 9")
    counterbalance_g: Decimal | None = facts.number("Counterbalance", "g", required=False)
    alarms: str | None = facts.text("Alarms", required=False, hint="What the display said")
    aborted: bool | None = facts.yesno("Run aborted", required=False)
    aborted_reason: str | None = facts.note("Why it was aborted", required=False)

    @classmethod
    def contradictions(cls, values: Mapping[str, Any]) -> dict[str, str]:
        found = {}
        if values["duration_min"] > LONGEST_MIN:
            found["duration_min"] = f"No run lasts longer than {LONGEST_MIN} min."
        for name in ("acceleration_code", "brake_code"):
            if values.get(name) is not None and values[name] not in CODES:
                found[name] = "The codes of a centrifuge run from 0 to 9."
        if values.get("aborted") and not values.get("aborted_reason"):
            found["aborted_reason"] = "Say why the run was aborted."
        if values.get("aborted_reason") and not values.get("aborted"):
            found["aborted"] = "A reason for aborting is given: say yes, or empty the reason."
        return found

    def contradictions_in(self, record: BatchRecord) -> dict[str, str]:
        rotor = record.equipment_item(self.rotor)
        if self.force_at == R_AV and not rotor.r_av_cm:
            sentence = f"The register has no average radius of rotor {rotor.code}. Choose r max, or have it registered."
            return {"force_at": sentence}
        return {}

    def doubts(self, record: BatchRecord) -> dict[str, str]:
        """Speed and force that do not agree within 2 % (domain 3.1): mixed up, or a radius in millimetres."""
        if self.speed_rpm is None or self.rcf_g is None or not self.speed_rpm:
            return {}
        computed = record.formula("rcf").compute(self.radius_cm(record), self.speed_rpm)
        if rcf.agrees(self.rcf_g, computed):
            return {}
        said = (
            f"{plain(self.speed_rpm)} rpm give {plain(round_half_up(computed, 0))} × g with this rotor, and "
            f"{plain(self.rcf_g)} × g were entered. Were rpm and × g mixed up?"
        )
        if rcf.agrees(self.rcf_g / 10, computed) or rcf.agrees(self.rcf_g * 10, computed):
            said += " One is ten times the other: was a radius taken in mm instead of cm?"
        return {"rcf_g": said}

    def began_at(self) -> datetime:
        return times.add_hours(self.performed_at, -self.duration_min / 60)

    def radius_cm(self, record: BatchRecord) -> Decimal:
        """The radius in cm that the force is stated at, from the register: r max unless r av is chosen."""
        rotor = record.equipment_item(self.rotor)
        return Decimal((rotor.r_av_cm if self.force_at == R_AV else rotor.r_max_cm) or "0")

    def rotor_speed_rpm(self, record: BatchRecord) -> Decimal:
        """The speed in rpm, entered or computed from the force."""
        if self.speed_rpm is not None:
            return self.speed_rpm
        return record.formula("rpm").compute(self.radius_cm(record), self.rcf_g or Decimal(0))

    def force_g(self, record: BatchRecord) -> Decimal:
        """The force in x g at r max, entered or computed from the speed."""
        if self.rcf_g is not None:
            return self.rcf_g
        return record.formula("rcf").compute(self.radius_cm(record), self.speed_rpm or Decimal(0))

    def _radius_words(self) -> str:
        return (
            "average radius of the rotor, r av"
            if self.force_at == R_AV
            else "greatest radius of the rotor, r max"
        )

    def derived(self, record: BatchRecord) -> tuple[Derived, ...]:
        if self.rcf_g is None and self.speed_rpm is None:
            # While the form is filled in: of a speed that was not entered there is no force.
            return ()
        radius, rotor = self.radius_cm(record), record.equipment_item(self.rotor)
        here = f"step {record.process.step(self.step_key).number}"
        r = Input("r", self._radius_words(), plain(radius), "cm", f"register, {rotor.code}")
        if self.rcf_g is not None and self.speed_rpm is None:
            used = record.formula("rpm")
            speed = used.compute(radius, self.rcf_g)
            return (
                Derived(
                    key="speed_rpm",
                    label="Speed",
                    value=speed,
                    reported=plain(round_half_up(speed, 0)),
                    unit="rpm",
                    formula=used.text,
                    formula_id=used.id,
                    inputs=(Input("RCF", "force", plain(self.rcf_g), "× g", here), r),
                    rounding="rounded half-up to 0 decimals",
                ),
            )
        used = record.formula("rcf")
        force = used.compute(radius, self.speed_rpm or Decimal(0))
        return (
            Derived(
                key="rcf_g" if self.rcf_g is None else "rcf_computed_g",
                label="Relative centrifugal force"
                + (", computed from the speed" if self.rcf_g is not None else ""),
                value=force,
                reported=plain(round_half_up(force, 0)),
                unit="× g",
                formula=used.text,
                formula_id=used.id,
                inputs=(r, Input("n", "speed", plain(self.speed_rpm or Decimal(0)), "rpm", here)),
                rounding="rounded half-up to 0 decimals",
            ),
        )

    def stops(self, record: BatchRecord) -> tuple[Stop, ...]:
        wrong = container_stop(record, self.step_key, self.container_code)
        return ((wrong,) if wrong else ()) + tuple(self._too_fast(record))

    def _too_fast(self, record: BatchRecord) -> Iterator[Stop]:
        """A stop for the rotor and for the centrifuge that may not turn so fast, as registered at the act."""
        speed = self.rotor_speed_rpm(record)
        for item_id in filter(None, (self.rotor, self.centrifuge)):
            item = registered_at(record, item_id, self.performed_at)
            if item.max_speed_rpm and speed > Decimal(item.max_speed_rpm):
                yield Stop(
                    rule=f"{item.category} speed",
                    sentence=f"{plain(round_half_up(speed, 0))} rpm is above the {item.max_speed_rpm} rpm that "
                    f"{item.category} {item.code} may turn.",
                    way_out=f"Lower the speed, or take another {item.category}.",
                )

    def summary(self, record: BatchRecord) -> str:
        force, speed = round_half_up(self.force_g(record), 0), round_half_up(self.rotor_speed_rpm(record), 0)
        return (
            f"{plain(force)} × g ({plain(speed)} rpm), {plain(self.duration_min)} min, "
            f"{plain(self.temperature_c)} °C, brake {self.brake}"
            f"{'; ABORTED' if self.aborted else ''}"
        )
