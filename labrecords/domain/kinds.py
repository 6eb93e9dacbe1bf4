"""All step kinds, by the word that a process definition uses for them. A new kind is added to this list."""

from __future__ import annotations

from labrecords.domain.entries import Entry
from labrecords.domain.facts import Fact
from labrecords.domain.processes.process import Step
from labrecords.domain.steps.administration import Injection
from labrecords.domain.steps.adverse_event import AdverseEvent
from labrecords.domain.steps.anticoagulant import AnticoagulantPreparation
from labrecords.domain.steps.bedside import BedsideCheck
from labrecords.domain.steps.centrifugation import CentrifugationRun
from labrecords.domain.steps.colonies import ColonyCount
from labrecords.domain.steps.counters import AnalyserCount, AutomatedCount
from labrecords.domain.steps.counts import CellCount
from labrecords.domain.steps.digestion import EnzymaticDigestion
from labrecords.domain.steps.division import Division
from labrecords.domain.steps.endotoxin import Endotoxin
from labrecords.domain.steps.filtration import Filtration
from labrecords.domain.steps.final_container import FinalContainer
from labrecords.domain.steps.flow_panel import FlowPanel
from labrecords.domain.steps.follow_up import FollowUp
from labrecords.domain.steps.formulation import Resuspension
from labrecords.domain.steps.fractions import FractionCollection
from labrecords.domain.steps.gram_stain import GramStain
from labrecords.domain.steps.handover import Handover
from labrecords.domain.steps.harvest import Harvest
from labrecords.domain.steps.identity import IdentityCheck
from labrecords.domain.steps.label_over import LabelOver
from labrecords.domain.steps.line_clearance import LineClearance
from labrecords.domain.steps.liposuction import Liposuction
from labrecords.domain.steps.lysis import Lysis
from labrecords.domain.steps.mechanical import MechanicalProcessing
from labrecords.domain.steps.mycoplasma import Mycoplasma
from labrecords.domain.steps.offer import Offer, Refusal
from labrecords.domain.steps.order import Order
from labrecords.domain.steps.pool import Pool
from labrecords.domain.steps.product_check import ProductCheck
from labrecords.domain.steps.reading import Observation
from labrecords.domain.steps.receipt import Receipt
from labrecords.domain.steps.reconciliation import YieldReconciliation
from labrecords.domain.steps.residual import Residual
from labrecords.domain.steps.sampling import Sample
from labrecords.domain.steps.sterility import Sterility
from labrecords.domain.steps.storage import Storage
from labrecords.domain.steps.wash import Wash

KINDS: dict[str, type[Entry]] = {
    kind.kind: kind
    for kind in (
        Order,
        LineClearance,
        AnticoagulantPreparation,
        IdentityCheck,
        Harvest,
        Liposuction,
        Offer,
        Handover,
        Refusal,
        AdverseEvent,
        FollowUp,
        Storage,
        Division,
        Pool,
        LabelOver,
        ProductCheck,
        Receipt,
        Sample,
        CellCount,
        AutomatedCount,
        AnalyserCount,
        CentrifugationRun,
        FractionCollection,
        Filtration,
        Wash,
        EnzymaticDigestion,
        MechanicalProcessing,
        Lysis,
        Resuspension,
        FinalContainer,
        Observation,
        YieldReconciliation,
        BedsideCheck,
        Injection,
        Residual,
        GramStain,
        Endotoxin,
        Sterility,
        Mycoplasma,
        ColonyCount,
        FlowPanel,
    )
}


def facts_in(step: Step) -> tuple[Fact, ...]:
    """The facts that a step of a process asks for: those of its kind, with the question of the process put in."""
    return KINDS[step.kind].asked(step)
