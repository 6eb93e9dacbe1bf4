"""Files attached to a step: which are taken, told by content and never by name alone (domain 1.8 DI-ORI)."""

from __future__ import annotations

MOST_BYTES = 20 * 1024 * 1024
MOST_PRINTED_BYTES = 8 * 1024 * 1024
"""So many bytes of pictures are in one document, some thirty: it must be drawn, sealed and checked in seconds."""
JPEG, PNG, PDF, CSV = "image/jpeg", "image/png", "application/pdf", "text/csv"
PICTURES = (JPEG, PNG)
ENDINGS = {"jpg": JPEG, "jpeg": JPEG, "png": PNG, "pdf": PDF, "csv": CSV}
WORDS = {JPEG: "JPEG picture", PNG: "PNG picture", PDF: "PDF", CSV: "CSV table"}
_TAKEN = "a JPEG or PNG picture, a PDF or a CSV table"


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


def _found(data: bytes) -> str | None:
    if data.startswith(b"\xff\xd8\xff"):
        return JPEG if data.rstrip(b"\0").endswith(b"\xff\xd9") else None
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG if data.endswith(b"IEND\xaeB`\x82") else None
    if data.startswith(b"%PDF-"):
        return PDF if b"%%EOF" in data[-1024:] else None
    return CSV if _is_table(data) else None


def _is_table(data: bytes) -> bool:
    """Text in UTF-8 without control characters, whose first line has a separator."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return False
    if any(ord(character) < 32 and character not in "\t\r\n" for character in text):
        return False
    lines = text.splitlines()
    markup = text.lstrip()[:1] == "<"
    return bool(lines) and not markup and any(separator in lines[0] for separator in ",;\t")
