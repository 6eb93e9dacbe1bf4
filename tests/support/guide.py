"""Sample values for the guide to the components. One story: a harvest, one spin, one gap, one correction."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from wtforms import (
    BooleanField,
    FieldList,
    Form,
    FormField,
    PasswordField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice

from labrecords.domain.calculations.derived import Derived, Input
from labrecords.domain.custody.holders import Segment
from labrecords.domain.values.limits import Limit, judge
from labrecords.web import parts
from labrecords.web.batches.life import life
from labrecords.web.batches.ribbon import Mark, ribbon
from labrecords.web.filters import code, unit
from labrecords.web.frame import ContextBar

NUMBER = {"inputmode": "decimal"}
HARVESTED = datetime(2026, 11, 22, 13, 30, tzinfo=UTC)
USE_BEFORE = HARVESTED + timedelta(hours=4)
NOW = HARVESTED + timedelta(hours=1, minutes=54)
TEMPERATURE = Limit(
    unit="°C",
    decimals=1,
    acceptance=(Decimal("18.0"), Decimal("25.0")),
    alert=(Decimal("18.0"), Decimal("23.0")),
)
SPEED = Limit(unit="× g", decimals=0, target=Decimal(800), acceptance=(Decimal(760), Decimal(840)))


def choices(*words: str) -> list[SelectChoice]:
    return [SelectChoice(word, word.capitalize()) for word in words]


class DrawForm(Form):
    volume_ml = StringField("Volume", render_kw=NUMBER)
    drawn_at = StringField("Drawn at")


class StepForm(Form):
    temperature = StringField("Temperature", render_kw=NUMBER)
    speed = StringField("Speed", render_kw=NUMBER)
    volume = StringField("Volume", render_kw=NUMBER, description="Marrow and anticoagulant")
    brake = RadioField("Brake", choices=choices("off", "soft", "full"))
    site = RadioField("Site", choices=choices("posterior iliac crest", "anterior iliac crest"))
    centrifuge = SelectField("Centrifuge", choices=choices("CF-02", "CF-03"))
    whole = BooleanField("Container whole")
    remark = TextAreaField("Remark")
    draws = FieldList(FormField(DrawForm), label="Draws")


class SignatureForm(Form):
    meaning = RadioField("Meaning", choices=choices("released", "rejected"))
    username = StringField("Signed by")
    password = PasswordField("Password")


def samples(zone: ZoneInfo) -> dict[str, Any]:
    """Everything that the guide shows."""
    segments = _segments()
    form = _step_form()
    return {
        "form": form,
        "temperature_limit": TEMPERATURE,
        "temperature_judgement": judge(Decimal("23.6"), TEMPERATURE),
        "speed_limit": SPEED,
        "speed_judgement": judge(Decimal("797.4"), SPEED),
        "failed": judge(Decimal("26.1"), TEMPERATURE),
        "force": FORCE,
        "cells": CELLS,
        "segments": segments,
        "drawn": ribbon(
            segments,
            zone=zone,
            now=NOW,
            use_before=USE_BEFORE,
            marks=(
                Mark(HARVESTED + timedelta(minutes=61), "spin"),
                Mark(HARVESTED + timedelta(minutes=99), "count"),
            ),
            laboratory_places=frozenset({"Cell lab 1", "Quarantine Q-2"}),
            temperature=(Decimal("18.0"), Decimal("25.0")),
            subject="BM-26-0117",
        ),
        "bar": ContextBar(
            number="BM-26-0117",
            patient_code="P-4471-K",
            product="Marrow concentrate",
            status="In process",
            harvested_at=HARVESTED,
            since_harvest=NOW - HARVESTED,
            use_before=USE_BEFORE,
            life=life(HARVESTED, USE_BEFORE, NOW, zone),
        ),
        "head": parts.StepHead(
            9,
            14,
            "Spin the tube",
            "Put C-2 in rotor R-07.",
            "BMC 1.0",
            NOW,
            ("Procedure: SOP-012.", "Equipment: CF-02, R-07; nothing else."),
        ),
        "past": parts.PastStep(
            8, "Filter through 200 µm", "Tess 15:24", "Vic verified", "59.0 mL in, 58.5 mL out."
        ),
        "reasons": (
            parts.Condition("Step 13 is verified", url="#why", link="Open"),
            parts.Condition("Spin has ended", soon=True),
            parts.Condition("Release tests are final", met=True),
        ),
        "correction": parts.Correction(
            "Step 9, speed",
            unit("2470", "rpm"),
            unit("2740", "rpm"),
            "Digits transposed. Machine log shows 2740.",
            "Tess Arden",
            HARVESTED + timedelta(minutes=76),
        ),
        "events": (
            parts.Event(HARVESTED + timedelta(minutes=76), "struck", "Speed corrected"),
            parts.Event(HARVESTED + timedelta(minutes=71), "rotor", "Spin ended"),
            parts.Event(HARVESTED, "syringe", "Harvest ended, the clock starts"),
        ),
        "checks_made": (
            parts.Check("The file is whole", "The seal covers it from first to last byte.", "pass", "Pass"),
            parts.Check("The latest version", "Version 4 replaced it.", "alert", "Superseded"),
        ),
        "signing": SIGNING,
        "signature_form": SignatureForm(data={"username": "quentin"}),
        "signature": SIGNATURE,
        "panels": (parts.CodePanel("Wristband", "P-4417-K"), parts.CodePanel("Syringe S-1", "P-4471-K")),
        "conflict": CONFLICT,
    }


def _step_form() -> StepForm:
    form = StepForm(
        data={
            "temperature": "23,6",
            "speed": "797",
            "volume": "1,000",
            "brake": "off",
            "whole": True,
            "draws": [{"volume_ml": "8.5", "drawn_at": "14:10"}, {"volume_ml": "", "drawn_at": ""}],
        }
    )
    form.volume.errors = ["“1,000” can mean 1 or 1 000. Write 1.0 or 1000."]
    return form


def _segments() -> tuple[Segment, ...]:
    def at(minutes: int) -> datetime:
        return HARVESTED + timedelta(minutes=minutes)

    warm, cool = Decimal("21.4"), Decimal("17.4")
    return (
        Segment(at(-28), at(11), "Paula Reyes", "Theatre 2", "C-1", warm, "41880"),
        Segment(at(11), at(19), "Noor Haddad", "Transport box TB-3", "C-1", Decimal("20.9"), "41880, whole"),
        Segment(
            at(19),
            at(28),
            "nobody",
            "between Theatre 2 and Cell lab 1",
            "C-1",
            gap=True,
            note="set down outside",
        ),
        Segment(at(28), at(106), "Tess Arden", "Cell lab 1", "C-2", cool, "41880, whole"),
        Segment(at(106), None, "Vic Okafor", "Quarantine Q-2", "S-1", Decimal("21.6"), "41903, whole"),
    )


FORCE = Derived(
    key="rcf_g",
    label="Relative centrifugal force",
    value=Decimal("797.4"),
    reported="797",
    unit="× g",
    formula="RCF = 1.118 × 10⁻⁵ × r × n²",
    formula_id="rcf/1",
    inputs=(
        Input("r", "radius of the rotor", "9.5", "cm", "register, R-07"),
        Input("n", "speed", "2740", "rpm", "step 9"),
    ),
    rounding="rounded half-up to 0 decimals",
)
CELLS = Derived(
    key="concentration_per_ml",
    label="Nucleated cells",
    value=Decimal(120_000_000),
    reported="1.20 × 10⁸",
    unit="/mL",
    formula="C = (ΣN / n) × D / v,  D = (s + d) / s",
    formula_id="chamber-count/1",
    inputs=(
        Input("ΣN", "cells counted", "44 + 47 + 43 + 46", "", "step 12"),
        Input("n", "squares", "4", "", "step 12"),
        Input("s", "sample", "10", "parts", "step 12"),
        Input("d", "diluent", "1990", "parts", "step 12"),
        Input("v", "volume over one square", "0.0001", "mL", "chamber"),
    ),
    rounding="rounded half-up to 3 significant digits",
    low=Decimal(103_000_000),
    high=Decimal(139_000_000),
)
DIGEST = "c41d90be77a20e5c0d9f1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d5e6f"
SIGNING = parts.Signing(
    title="Release BM-26-0118",
    what=(
        ("What", code("BM-26-0118")),
        ("Patient", code("P-4409-T")),
        ("Product", "Marrow concentrate, 6.5 mL"),
    ),
    digest=DIGEST,
    meaning="",
    statement="By signing I confirm that this is my electronic signature, equal to my handwritten one.",
    button="Sign the release",
    cancel_url="#main",
    exceptions=("Temperature 23.6 °C is above the alert limit.",),
    prints_as="Quentin Marsh",
)
SIGNATURE = parts.Signature(
    name="Łucja Żak",
    username="lucja",
    role="quality assurance",
    meaning="released",
    signed_at=NOW,
    digest=DIGEST,
    covers="batch BM-26-0118 at event 38",
)
CONFLICT = parts.Conflict(
    title="Vic Okafor saved this step while you were writing",
    saved_by="Vic Okafor",
    saved_at=NOW,
    fields=(
        parts.ConflictField(
            "volume", "Volume after filter", "58.5", "58.0", unit("58.5", "mL"), unit("58.0", "mL")
        ),
        parts.ConflictField("lot", "Filter lot", "F-2207", "F-2207", code("F-2207"), code("F-2207")),
        parts.ConflictField(
            "remark", "Remark", "", "Slow, filter changed once.", "", "Slow, filter changed once."
        ),
    ),
    hidden=(("version", "2"),),
    action_url="#conflict",
    causes=("misread", "typed wrongly"),
)
