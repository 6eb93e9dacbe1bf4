"""Verifying a file by its path, and telling the verdict in JSON or in lines of text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from cryptography import x509

from labrecords.documents.verifying.verdict import FAILED, NOT_CHECKED, NOT_SIGNED, PASSED, Check, Verdict
from labrecords.documents.verifying.verifier import LARGEST, verify

_MARK = {PASSED: "passed", FAILED: "FAILED", NOT_CHECKED: "not checked"}


def check_file(
    path: Path, roots_pem: Sequence[bytes], register: Callable[[str], str | None] | None = None
) -> Verdict:
    """The verdict on a file. `roots_pem` are the trusted roots. Raises ValueError for a root that is none."""
    roots = [x509.load_pem_x509_certificate(pem) for pem in roots_pem]
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
    except OSError as error:
        sentence = f"The file cannot be read: {error.strerror}."
        return Verdict(NOT_SIGNED, sentence, (Check("File", FAILED, sentence),))
    return verify(data, roots, register)


def as_json(verdict: Verdict) -> dict[str, Any]:
    """The verdict in plain values, to be printed as JSON."""
    return {
        "kind": verdict.kind,
        "sentence": verdict.sentence,
        "sha256": verdict.sha256,
        "checks": [vars(check) for check in verdict.checks],
    }


def as_text(verdict: Verdict) -> str:
    """The verdict for a terminal: the word, the sentence, and each check on a line."""
    lines = [verdict.kind.upper(), verdict.sentence, ""]
    lines += [f"{_MARK[check.outcome]:12}{check.name}: {check.sentence}" for check in verdict.checks]
    return "\n".join([*lines, f"SHA-256 {verdict.sha256}"] if verdict.sha256 else lines)
