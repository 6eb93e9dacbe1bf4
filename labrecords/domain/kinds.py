"""All step kinds, by the word that a process definition uses for them. A new kind is added to this list."""

from __future__ import annotations

from labrecords.domain.administration import Injection
from labrecords.domain.bedside import BedsideCheck
from labrecords.domain.centrifugation import CentrifugationRun
from labrecords.domain.counts import CellCount
from labrecords.domain.entries import Entry
from labrecords.domain.filtration import Filtration
from labrecords.domain.formulation import Resuspension
from labrecords.domain.handover import Handover
from labrecords.domain.harvest import Harvest
from labrecords.domain.identity import IdentityCheck
from labrecords.domain.order import Order
from labrecords.domain.receipt import Receipt
from labrecords.domain.residual import Residual
from labrecords.domain.sampling import Sample

KINDS: dict[str, type[Entry]] = {
    kind.kind: kind
    for kind in (
        Order,
        IdentityCheck,
        Harvest,
        Handover,
        Receipt,
        Sample,
        CellCount,
        CentrifugationRun,
        Filtration,
        Resuspension,
        BedsideCheck,
        Injection,
        Residual,
    )
}
