"""The tables of files attached to steps: what each is, its bytes, its withdrawal, the readings of a logger's file."""

from __future__ import annotations

from sqlalchemy import ForeignKey, String, UniqueConstraint

from labrecords.domain.attachments import Attachment, Withdrawal
from labrecords.domain.custody.temperature_logs import TemperatureLog
from labrecords.models.base import Base, RecordRow, contents, value


class AttachmentRow(RecordRow, record=Attachment):
    __tablename__ = "attachment"


class WithdrawalRow(RecordRow, record=Withdrawal):
    """A file is withdrawn once."""

    __tablename__ = "withdrawal"
    __table_args__ = (UniqueConstraint("attachment_id"),)


class AttachmentFileRow(Base):
    """The bytes of an attachment as they came, and the smaller picture made of them; empty where there is none."""

    __tablename__ = "attachment_file"
    trailed = True

    attachment_id = value(String(32), ForeignKey("attachment.id"), primary_key=True)
    original = contents()
    picture = contents()


class TemperatureLogRow(RecordRow, record=TemperatureLog):
    """A file is read once."""

    __tablename__ = "temperature_log"
    __table_args__ = (UniqueConstraint("attachment_id"),)


ATTACHMENT_ROWS: tuple[type[RecordRow], ...] = (AttachmentRow, WithdrawalRow, TemperatureLogRow)
