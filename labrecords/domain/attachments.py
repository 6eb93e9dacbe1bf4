"""Files attached to a step: which are taken, told by content and never by name alone, and which are withdrawn
(domain 1.8 DI-ORI)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from labrecords.domain.rules.finding import Finding, Severity
from labrecords.domain.values.text import clean_text, decoded

if TYPE_CHECKING:
    from labrecords.domain.record import BatchRecord

MISTAKES = ("another batch or patient", "another step", "another file was meant", "not legible", "other")
"""The list from which it is chosen why a file is withdrawn, before it is told in words."""
MOST_BYTES = 20 * 1024 * 1024
MOST_PRINTED_BYTES = 8 * 1024 * 1024
"""So many bytes of pictures are in one document, some thirty: it must be drawn, sealed and checked in seconds."""
JPEG, PNG, PDF, CSV = "image/jpeg", "image/png", "application/pdf", "text/csv"
PICTURES = (JPEG, PNG)
ENDINGS = {"jpg": JPEG, "jpeg": JPEG, "png": PNG, "pdf": PDF, "csv": CSV}
WORDS = {JPEG: "JPEG picture", PNG: "PNG picture", PDF: "PDF", CSV: "CSV table"}
HEADING_LINES = 100
"""Above a table may stand so many lines that say what it is of."""
_TAKEN = "a JPEG or PNG picture, a PDF or a CSV table"


@dataclass(frozen=True)
class Attachment:
    """A file that belongs to a step: what it is, and the SHA-256 of its bytes and of the smaller picture made of it."""

    id: str
    batch_id: str
    step_key: str
    name: str
    title: str
    """What it shows, in words."""
    media_type: str
    size: int
    """In bytes."""
    sha256: str
    picture_sha256: str | None
    signature_id: str | None
    """The signature that it is a true copy of the original, where somebody signed that."""
    role: str | None
    """"run log" for the file that the machine wrote of the act, as the kind of the step calls it; else None."""
    person_id: str
    added_at: datetime

    def called(self) -> str:
        """What it is and what it shows: "Run log: Spin of 12 April"."""
        return f"{self.role.capitalize()}: {self.title}" if self.role else self.title


@dataclass(frozen=True)
class Withdrawal:
    """That a file was attached by mistake. File and entry stay, and are shown struck through."""

    id: str
    batch_id: str
    step_key: str
    attachment_id: str
    reason: str
    person_id: str
    withdrawn_at: datetime


class NotTaken(ValueError):
    """A file that is not attached; the text says why, and what would be."""


def media_type(name: str, data: bytes) -> str:
    """The type of a file by its content, which its name must agree with. Raises NotTaken.

    A file that is two things at once (a picture with an archive or a page behind its end) is none of them here.
    """
    if not data:
        raise NotTaken("This file is empty. Choose another.")
    if len(data) > MOST_BYTES:
        raise NotTaken(
            f"This file has {len(data) // 1024 // 1024} MB; at most {MOST_BYTES // 1024 // 1024} are taken."
        )
    ending = name.rpartition(".")[2].lower() if "." in name else ""
    named, found = ENDINGS.get(ending), _found(data)
    if named is None or found is None:
        raise NotTaken(f"Attach {_TAKEN}. What this file holds is none of them.")
    if named != found:
        raise NotTaken(
            f"The name says {WORDS[named]}, and the content is a {WORDS[found]}. Name it as what it is."
        )
    return found


def file_name(sent: str) -> str:
    """The name of a file that a browser sent, without folders: it is given back as the name to save it under.

    Raises NotText where it is no text to be printed, or longer than 120 characters.
    """
    return clean_text(sent.replace("\\", "/").rpartition("/")[2], limit=120)


def withdrawal_of(record: BatchRecord, attachment: Attachment) -> Withdrawal | None:
    """By whom and why a file was withdrawn; None while it stands."""
    return next((item for item in record.withdrawals if item.attachment_id == attachment.id), None)


def withdrawal_findings(record: BatchRecord) -> list[Finding]:
    """A file that was withdrawn is looked at by the reviewer, as a correction is (domain 6.4)."""
    files = {item.id: item for item in record.attachments}
    return [
        Finding(
            "file withdrawn",
            Severity.EXCEPTION,
            f"{record.process.step(item.step_key).title}: the file “{files[item.attachment_id].title}” was withdrawn "
            f"by {record.name(item.person_id)}. {item.reason}",
            item.step_key,
            item.withdrawn_at,
        )
        for item in record.withdrawals
    ]


def _found(data: bytes) -> str | None:
    if data.startswith(b"\xff\xd8\xff"):
        return JPEG if data.rstrip(b"\0").endswith(b"\xff\xd9") else None
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG if data.endswith(b"IEND\xaeB`\x82") else None
    if data.startswith(b"%PDF-"):
        end = data.rpartition(b"%%EOF")
        return PDF if end[1] and not end[2].strip(b"\0\t\n\f\r ") else None
    return CSV if _is_table(data) else None


def _is_table(data: bytes) -> bool:
    """Text without control characters with a separator in one of its first lines: in UTF-8, or UTF-16 with its mark."""
    try:
        text = decoded(data)
    except UnicodeDecodeError:
        return False
    if any(ord(character) < 32 and character not in "\t\r\n" for character in text):
        return False
    lines = text.splitlines()
    other = text.lstrip().startswith(("<", "GIF8"))
    return not other and any(separator in line for line in lines[:HEADING_LINES] for separator in ",;\t")
