"""Signing and verifying checkpoints: ECDSA on P-256 with SHA-256, by the checkpoint key."""

from __future__ import annotations

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from labrecords.documents.sealing.authority import Authority

_SHA256 = ec.ECDSA(hashes.SHA256())


def sign_checkpoint(authority: Authority, statement: bytes) -> bytes:
    """The DER signature of a checkpoint's statement."""
    return authority.checkpoint_key.sign(statement, _SHA256)


def verify_checkpoint(certificate_pem: str, statement: bytes, signature: bytes) -> bool:
    """Whether the signature is of this statement, by the key of this certificate.

    Says nothing about whose certificate it is: the caller gives one that it trusts.
    """
    try:
        key = x509.load_pem_x509_certificate(certificate_pem.encode()).public_key()
        if not isinstance(key, ec.EllipticCurvePublicKey):
            return False
        key.verify(signature, statement, _SHA256)
    except (InvalidSignature, UnsupportedAlgorithm, ValueError):
        return False
    return True
