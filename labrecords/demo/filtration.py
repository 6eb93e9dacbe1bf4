"""Bone marrow concentrate by filtration, from marrow as published: the patient registered, every container labelled."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import ClassVar

from labrecords.demo.run import Part
from labrecords.demo.written import WrittenRun

BASELINE = "follow_up-1"
BEFORE_RELEASE, DISPENSED = "product_check-2", "product_check-3"
"""When two people read the label of the product."""


@dataclass
class Filtration(WrittenRun):
    """The batch whose marrow is that of Scarpone et al.: nothing in it has to be explained."""

    source: ClassVar[str] = "filtration.toml"
    master: ClassVar[str] = "bone-marrow-filtration"
    patient_code: ClassVar[str] = ""
    """The pseudonym is given when the patient is registered."""

    def before_release(self) -> list[Part]:
        """The patient is asked before the harvest how it goes, and two people read the label before the release."""
        parts = super().before_release()
        place = [key for key, _ in parts].index("harvest")
        return [
            *parts[:place],
            (BASELINE, partial(self.step, BASELINE)),
            *parts[place:],
            self._read_label(BEFORE_RELEASE),
        ]

    def after_release(self) -> list[Part]:
        return [self._read_label(DISPENSED), *super().after_release()]

    def _read_label(self, key: str) -> Part:
        return key, partial(self.step, key)
