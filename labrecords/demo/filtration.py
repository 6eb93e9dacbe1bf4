"""Bone marrow concentrate by filtration, from marrow as published: the patient registered, every container labelled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from labrecords.demo.written import WrittenRun


@dataclass
class Filtration(WrittenRun):
    """The batch whose marrow is that of Scarpone et al.: nothing in it has to be explained."""

    source: ClassVar[str] = "filtration.toml"
    master: ClassVar[str] = "bone-marrow-filtration"
    patient_code: ClassVar[str] = ""
    """The pseudonym is given when the patient is registered."""
