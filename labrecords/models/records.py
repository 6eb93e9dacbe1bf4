"""The tables of the batch record, each made from its domain dataclass. A new step kind is one class here."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, ForeignKey, Index, Integer, String, UniqueConstraint, text

from labrecords.domain import record as domain
from labrecords.domain.custody.container_ids import ContainerId
from labrecords.domain.entries import Entry
from labrecords.domain.facts import FactType, facts_of
from labrecords.domain.labels.prints import LabelAct, LabelPrint
from labrecords.domain.pauses import Pause
from labrecords.domain.registers.lots import Lot
from labrecords.domain.registers.orders import BatchOrder, OrderWithdrawal, TherapyOrder
from labrecords.domain.registers.training import Training
from labrecords.domain.review.bypass import Bypass
from labrecords.domain.review.investigation import Investigation
from labrecords.domain.review.issues import Issue, IssueEnd
from labrecords.domain.review.reentry import Reentry
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
from labrecords.domain.timers import Timer, TimerEnd
from labrecords.models.attachments import ATTACHMENT_ROWS
from labrecords.models.barring import BARRING_ROWS
from labrecords.models.base import Base, Instant, RecordRow, contents, value
from labrecords.models.place_log import PLACE_LOG_ROWS


class BatchRow(RecordRow, record=domain.Batch):
    """A batch. Its number is never used again."""

    __tablename__ = "batch"
    __table_args__ = (UniqueConstraint("number"),)

    process_digest = value(String(64), ForeignKey("master_version.digest"))


class EquipmentRow(RecordRow, record=domain.Equipment):
    """One version of a piece of equipment; `code` names the piece, the newest version counts."""

    __tablename__ = "equipment"
    __table_args__ = (Index("ix_equipment_code", "code", "registered_at", "id"),)


class LotRow(RecordRow, record=Lot):
    """One version of a delivery of a lot; the newest version of a delivery counts."""

    __tablename__ = "lot"
    __table_args__ = (
        Index("ix_lot_delivery", "delivery_id"),
        Index("ix_lot_key", "lot_key"),
        Index("ix_lot_material", "material_key", "registered_at"),
    )


class CertificateFileRow(Base):
    """The bytes of a maker's certificate as they came; each file once, whichever lots it is for."""

    __tablename__ = "certificate_file"
    trailed = True

    sha256 = value(String(64), primary_key=True)
    original = contents()


class TrainingRow(RecordRow, record=Training):
    __tablename__ = "training"
    __table_args__ = (Index("ix_training_person", "person_id", "recorded_at"),)


class SignatureRow(RecordRow, record=domain.Signature):
    __tablename__ = "signature"


class BypassRow(RecordRow, record=Bypass):
    __tablename__ = "bypass"


class InvestigationRow(RecordRow, record=Investigation):
    __tablename__ = "investigation"


class ContainerIdRow(RecordRow, record=ContainerId):
    __tablename__ = "container_id"
    __table_args__ = (UniqueConstraint("code"),)


class LabelPrintRow(RecordRow, record=LabelPrint):
    __tablename__ = "label_print"


class LabelActRow(RecordRow, record=LabelAct):
    __tablename__ = "label_act"

    print_id = value(String(32), ForeignKey("label_print.id"))


class TherapyOrderRow(RecordRow, record=TherapyOrder):
    __tablename__ = "therapy_order"
    __table_args__ = (UniqueConstraint("code"),)

    patient_id = value(String(32), ForeignKey("patient.id"), index=True)
    ordered_by = value(String(32), ForeignKey("person.id"))


class OrderWithdrawalRow(RecordRow, record=OrderWithdrawal):
    __tablename__ = "order_withdrawal"
    __table_args__ = (UniqueConstraint("order_id"),)

    order_id = value(String(32), ForeignKey("therapy_order.id"))


class BatchOrderRow(RecordRow, record=BatchOrder):
    """What was ordered, as part of the batch that was opened from it; a batch has one order at most."""

    __tablename__ = "batch_order"
    __table_args__ = (UniqueConstraint("batch_id"),)

    order_id = value(String(32), ForeignKey("therapy_order.id"), index=True)
    ordered_by = value(String(32), ForeignKey("person.id"))


class NotDoneRow(RecordRow, record=domain.NotDone):
    __tablename__ = "not_done"


class TimerRow(RecordRow, record=Timer):
    __tablename__ = "timer"


class TimerEndRow(RecordRow, record=TimerEnd):
    """A timer ends once."""

    __tablename__ = "timer_end"
    __table_args__ = (UniqueConstraint("timer_id"),)


class PauseRow(RecordRow, record=Pause):
    __tablename__ = "pause"


class ConfirmationRow(RecordRow, record=domain.Confirmation):
    """One person confirms one version once with one meaning."""

    __tablename__ = "confirmation"
    __table_args__ = (UniqueConstraint("entry_id", "act", "person_id"),)


class ReentryRow(RecordRow, record=Reentry):
    __tablename__ = "reentry"


class DecisionRow(RecordRow, record=domain.Decision):
    __tablename__ = "decision"


class VoidRow(RecordRow, record=domain.Void):
    __tablename__ = "void"
    __table_args__ = (UniqueConstraint("batch_id"),)


class ClosureRow(RecordRow, record=domain.Closure):
    __tablename__ = "closure"


class IssueRow(RecordRow, record=Issue):
    __tablename__ = "issue"
    __table_args__ = (UniqueConstraint("batch_id", "version"),)


class IssueEndRow(RecordRow, record=IssueEnd):
    __tablename__ = "issue_end"


class DocumentRow(Base):
    """A sealed document: the bytes that were given away. Never rewritten."""

    __tablename__ = "document"
    trailed = True

    sha256 = value(String(64), primary_key=True)
    batch_id = value(String(32), ForeignKey("batch.id"), index=True)
    issue_id = value(String(32), ForeignKey("issue.id"), unique=True)
    record_sha256 = value(String(64))
    pages = value(Integer)
    pdf = contents()
    sealed_at = value(Instant())


class EntryRow(RecordRow):
    """A table of one step kind. One first version a step, one successor a version; the use log of a piece of equipment
    finds its acts by the columns that name one."""

    __abstract__ = True

    def __init_subclass__(cls, record: type[Entry] | None = None, **more: Any) -> None:
        if record is not None:
            cls.__tablename__ = record.kind
            cls.replaces_id = Column(
                "replaces_id",
                ForeignKey(f"{record.kind}.id"),
                unique=True,
                nullable=True,
                info={"trail": "value"},
                type_=String(32),
            )
            cls.__table_args__ = (
                Index(
                    f"uq_{record.kind}_first",
                    "batch_id",
                    "step_key",
                    unique=True,
                    # So on PostgreSQL too, by the migrations: to say it here would load its dialect at every start.
                    sqlite_where=text("replaces_id IS NULL"),
                ),
                *(
                    Index(f"ix_{record.kind}_{fact.name}", fact.name, "performed_at")
                    for fact in facts_of(record)
                    if fact.type is FactType.EQUIPMENT
                ),
            )
        super().__init_subclass__(record=record, **more)


class OrderRow(EntryRow, record=Order): ...


class IdentityCheckRow(EntryRow, record=IdentityCheck): ...


class HarvestRow(EntryRow, record=Harvest): ...


class OfferRow(EntryRow, record=Offer): ...


class HandoverRow(EntryRow, record=Handover): ...


class RefusalRow(EntryRow, record=Refusal): ...


class AdverseEventRow(EntryRow, record=AdverseEvent): ...


class FollowUpRow(EntryRow, record=FollowUp): ...


class StorageRow(EntryRow, record=Storage): ...


class DivisionRow(EntryRow, record=Division): ...


class PoolRow(EntryRow, record=Pool): ...


class LabelOverRow(EntryRow, record=LabelOver): ...


class ProductCheckRow(EntryRow, record=ProductCheck): ...


class ReceiptRow(EntryRow, record=Receipt): ...


class SampleRow(EntryRow, record=Sample): ...


class CellCountRow(EntryRow, record=CellCount): ...


class AutomatedCountRow(EntryRow, record=AutomatedCount): ...


class AnalyserCountRow(EntryRow, record=AnalyserCount): ...


class CentrifugationRow(EntryRow, record=CentrifugationRun): ...


class LineClearanceRow(EntryRow, record=LineClearance): ...


class AnticoagulantPreparationRow(EntryRow, record=AnticoagulantPreparation): ...


class FractionCollectionRow(EntryRow, record=FractionCollection): ...


class FinalContainerRow(EntryRow, record=FinalContainer): ...


class ObservationRow(EntryRow, record=Observation): ...


class YieldReconciliationRow(EntryRow, record=YieldReconciliation): ...


class FiltrationRow(EntryRow, record=Filtration): ...


class LiposuctionRow(EntryRow, record=Liposuction): ...


class WashRow(EntryRow, record=Wash): ...


class EnzymaticDigestionRow(EntryRow, record=EnzymaticDigestion): ...


class MechanicalProcessingRow(EntryRow, record=MechanicalProcessing): ...


class LysisRow(EntryRow, record=Lysis): ...


class ResuspensionRow(EntryRow, record=Resuspension): ...


class BedsideCheckRow(EntryRow, record=BedsideCheck): ...


class InjectionRow(EntryRow, record=Injection): ...


class ResidualRow(EntryRow, record=Residual): ...


class GramStainRow(EntryRow, record=GramStain): ...


class EndotoxinRow(EntryRow, record=Endotoxin): ...


class SterilityRow(EntryRow, record=Sterility): ...


class MycoplasmaRow(EntryRow, record=Mycoplasma): ...


class ColonyCountRow(EntryRow, record=ColonyCount): ...


class FlowPanelRow(EntryRow, record=FlowPanel): ...


ENTRY_ROWS: tuple[type[EntryRow], ...] = (
    OrderRow, IdentityCheckRow, HarvestRow, OfferRow, HandoverRow, RefusalRow, AdverseEventRow, FollowUpRow,
    StorageRow, DivisionRow, PoolRow, LabelOverRow, ProductCheckRow, ReceiptRow, SampleRow, CellCountRow,
    AutomatedCountRow, AnalyserCountRow, CentrifugationRow, LineClearanceRow, AnticoagulantPreparationRow,
    FractionCollectionRow, FinalContainerRow, ObservationRow, YieldReconciliationRow, FiltrationRow,
    LiposuctionRow, WashRow, EnzymaticDigestionRow, MechanicalProcessingRow, LysisRow, ResuspensionRow,
    BedsideCheckRow, InjectionRow, ResidualRow, GramStainRow, EndotoxinRow, SterilityRow, MycoplasmaRow,
    ColonyCountRow, FlowPanelRow,
)  # fmt: skip
_ROWS: tuple[type[RecordRow], ...] = (
    BatchRow,
    EquipmentRow,
    LotRow,
    TrainingRow,
    BypassRow,
    InvestigationRow,
    SignatureRow,
    NotDoneRow,
    TimerRow,
    TimerEndRow,
    PauseRow,
    ConfirmationRow,
    ReentryRow,
    *ATTACHMENT_ROWS,
    ContainerIdRow,
    LabelPrintRow,
    LabelActRow,
    TherapyOrderRow,
    OrderWithdrawalRow,
    BatchOrderRow,
    DecisionRow,
    VoidRow,
    ClosureRow,
    IssueRow,
    IssueEndRow,
    *BARRING_ROWS,
    *PLACE_LOG_ROWS,
    *ENTRY_ROWS,
)
ROW_OF: dict[type, type[RecordRow]] = {row.record: row for row in _ROWS}
"""The table in which each domain object is stored."""
