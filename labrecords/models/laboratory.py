"""The laboratory itself, and its certificates."""

from __future__ import annotations

from sqlalchemy import String, Text

from labrecords.models.base import Base, Instant, value


class LaboratoryRow(Base):
    """Name, site code and zone; the newest row counts."""

    __tablename__ = "laboratory"
    trailed = True

    id = value(String(32), primary_key=True)
    name = value(Text)
    site_code = value(Text)
    zone = value(Text)
    set_at = value(Instant())


class CertificateRow(Base):
    """A certificate of the laboratory's own authority; the keys stay outside the database."""

    __tablename__ = "certificate"
    trailed = True

    id = value(String(32), primary_key=True)
    purpose = value(Text)
    pem = value(Text)
    sha256 = value(String(64), unique=True)
    added_at = value(Instant())
