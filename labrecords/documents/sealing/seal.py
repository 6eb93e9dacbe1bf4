"""Sealing: the laboratory's own signature over a finished document, as PAdES baseline B.

One invisible signature, which certifies the document and allows no change after it (DocMDP P=1). It is an incremental
revision: the unsigned bytes stay as they are, at the beginning of the sealed file. The chain of certificates and the
revocation lists are in the same revision, so that the signature covers the whole file.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import lru_cache
from io import BytesIO
from typing import Any

from asn1crypto import crl as asn1_crl
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import MDPPerm, SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.signers.pdf_cms import PdfCMSSignedAttributes, Signer
from pyhanko.sign.signers.pdf_signer import PdfSignatureMetadata, PdfSigner
from pyhanko.sign.validation.dss import DocumentSecurityStore

from labrecords.documents.package import Package
from labrecords.documents.sealing.authority import Authority
from labrecords.domain.evidence.canonical import sha256_hex

FIELD = "Seal"
"""Name of the one signature field of a document."""
RESERVED = 8192
"""Hex digits kept free for the signature. It needs about 4,000, and 7,500 for the longest name of a laboratory."""
_SIGNATURE_SIZE = 72
"""The longest DER form of an ECDSA signature on P-256."""


def seal(unsigned: bytes, authority: Authority, *, reason: str, at: datetime) -> bytes:
    """The sealed file. `reason` is what readers show beside the signature, `at` (UTC) the instant stated in it.

    Raises an exception of pyHanko for a file that cannot be read, is encrypted, or is certified already.
    """
    revision = _Revision(BytesIO(unsigned))
    DocumentSecurityStore.supply_dss_in_writer(
        revision,
        None,
        certs=[_readable(authority.root), _readable(authority.issuing)],
        crls=[
            asn1_crl.CertificateList.load(item.public_bytes(Encoding.DER))
            for item in authority.revocation_lists
        ],
    )
    about = PdfSignatureMetadata(
        field_name=FIELD,
        md_algorithm="sha256",
        subfilter=SigSeedSubFilter.PADES,
        certify=True,
        docmdp_permissions=MDPPerm.NO_CHANGES,
        name=organisation(authority.seal),
        reason=reason,
    )
    signer = PdfSigner(about, signer=_KeptKeySigner(authority), new_field_spec=SigFieldSpec(FIELD))
    session = signer.init_signing_session(revision)
    session.system_time = at
    prepared = session.prepare_tbs_document(validation_info=None, bytes_reserved=RESERVED)
    output = BytesIO()
    digest, _ = prepared.digest_tbs_document(output=output)
    _finish(prepared.perform_signature(digest.document_digest, PdfCMSSignedAttributes()))
    return output.getvalue()


def reason_of(package: Package, embedded: bytes) -> str:
    """What the seal says of a document: which batch and version, and the SHA-256 of the embedded record."""
    number, version = package.record.batch.number, package.document.version
    return f"Batch {number}, document version {version}, record SHA-256 {sha256_hex(embedded)}"


def organisation(certificate: x509.Certificate) -> str:
    """The laboratory that a certificate names."""
    return str(certificate.subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)[0].value)


def _finish(signing: Coroutine[Any, Any, Any]) -> None:
    """Let pyHanko sign, in a thread of its own.

    It gathers what is signed by an event loop, and a thread in which one runs already can run no other.
    """
    with ThreadPoolExecutor(max_workers=1) as thread:
        thread.submit(asyncio.run, signing).result()


class _Revision(IncrementalPdfFileWriter):
    """A revision that leaves title, producer and dates of the document as they were drawn."""

    def _update_meta(self) -> None:
        pass


class _KeptKeySigner(Signer):
    """Signs with the key as it is held in memory. pyHanko's own signer would parse it anew for each signature."""

    def __init__(self, authority: Authority) -> None:
        super().__init__(signing_cert=_readable(authority.seal))
        self.cert_registry.register_multiple([_readable(authority.issuing), _readable(authority.root)])
        self._key = authority.seal_key

    async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:
        if dry_run:
            return bytes(_SIGNATURE_SIZE)
        if digest_algorithm != "sha256":
            raise ValueError(f"The seal is made with SHA-256, not with {digest_algorithm}.")
        return self._key.sign(data, ec.ECDSA(hashes.SHA256()))


@lru_cache(maxsize=64)
def _readable(certificate: x509.Certificate) -> Any:
    """A certificate in the form that pyHanko reads."""
    return asn1_x509.Certificate.load(certificate.public_bytes(Encoding.DER))
