"""The tables of what bars a whole product: mix-up locks and recalls, and of who was told."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint

from labrecords.domain.custody.mixups import MixupLock
from labrecords.domain.custody.notices import Notice, Receipt
from labrecords.domain.custody.recalls import Recall, RecallEnd, RecallMark
from labrecords.models.base import RecordRow, value


class MixupLockRow(RecordRow, record=MixupLock):
    __tablename__ = "mixup_lock"


class RecallRow(RecordRow, record=Recall):
    """A line of the register of recalls. It has no batch: which batches fall under it, their records say."""

    __tablename__ = "recall"
    __table_args__ = (Index("ix_recall_key", "subject", "key"),)


class RecallEndRow(RecordRow, record=RecallEnd):
    __tablename__ = "recall_end"
    __table_args__ = (UniqueConstraint("recall_id"),)

    recall_id = value(String(32), ForeignKey("recall.id"))


class RecallMarkRow(RecordRow, record=RecallMark):
    __tablename__ = "recall_mark"
    __table_args__ = (UniqueConstraint("batch_id", "recall_id", "act"),)

    recall_id = value(String(32), ForeignKey("recall.id"), index=True)


class NoticeRow(RecordRow, record=Notice):
    __tablename__ = "notice"


class ReceiptOfNoticeRow(RecordRow, record=Receipt):
    __tablename__ = "notice_receipt"
    __table_args__ = (UniqueConstraint("notice_id"),)

    notice_id = value(String(32), ForeignKey("notice.id"))


BARRING_ROWS: tuple[type[RecordRow], ...] = (
    MixupLockRow,
    RecallRow,
    RecallEndRow,
    RecallMarkRow,
    NoticeRow,
    ReceiptOfNoticeRow,
)
