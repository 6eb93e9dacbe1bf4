"""Passkeys: what a browser is asked, and whether what its authenticator answered counts (W3C Web Authentication).

The library is loaded when somebody uses a passkey: a start does not wait for it.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Any

LONGEST_ANSWER = 20_000
"""Characters of an answer; a real one has about a thousand."""


class NotAPasskey(Exception):
    """What the browser sent is no valid answer; the text says why, for the access trail."""


@dataclass(frozen=True)
class Site:
    """Under which name the browser sees this site. A passkey works under the host name it was made for, only."""

    host: str
    origin: str
    name: str


@dataclass(frozen=True)
class NewPasskey:
    """What is kept of a passkey: its id and public key as unpadded base64url, and its count of signatures."""

    passkey_id: str
    public_key: str
    sign_count: int


def creation_options(
    site: Site, person_id: str, username: str, name: str, challenge: bytes, known: list[str]
) -> str:
    """What the browser is asked in order to make a passkey, as JSON. Those in `known` are not made a second time."""
    from webauthn import generate_registration_options, options_to_json
    from webauthn.helpers import structs

    wanted = structs.AuthenticatorSelectionCriteria(
        resident_key=structs.ResidentKeyRequirement.PREFERRED,
        user_verification=structs.UserVerificationRequirement.PREFERRED,
    )
    options = generate_registration_options(
        rp_id=site.host,
        rp_name=site.name,
        user_name=username,
        user_id=bytes.fromhex(person_id),
        user_display_name=name,
        challenge=challenge,
        authenticator_selection=wanted,
        exclude_credentials=_described(known),
    )
    return options_to_json(options)


def read_new_passkey(site: Site, challenge: bytes, answer: str) -> NewPasskey:
    """The passkey that a browser made for this challenge. Raises NotAPasskey."""
    from webauthn import verify_registration_response
    from webauthn.helpers import bytes_to_base64url

    made = _checked(
        verify_registration_response,
        credential=_limited(answer),
        expected_challenge=challenge,
        expected_rp_id=site.host,
        expected_origin=site.origin,
    )
    return NewPasskey(
        bytes_to_base64url(made.credential_id),
        bytes_to_base64url(made.credential_public_key),
        made.sign_count,
    )


def request_options(site: Site, challenge: bytes, known: list[str], *, alone: bool) -> str:
    """What the browser is asked in order to sign with a passkey, as JSON.

    Used alone, without a password, it must check its user by PIN or finger, and any passkey of the site may answer.
    """
    from webauthn import generate_authentication_options, options_to_json
    from webauthn.helpers.structs import UserVerificationRequirement

    checks = UserVerificationRequirement.REQUIRED if alone else UserVerificationRequirement.PREFERRED
    options = generate_authentication_options(
        rp_id=site.host, challenge=challenge, allow_credentials=_described(known), user_verification=checks
    )
    return options_to_json(options)


def id_in(answer: str) -> str:
    """Which passkey an answer says it is from; it is found out only by `signed_count`. Raises NotAPasskey."""
    from webauthn.helpers import bytes_to_base64url, parse_authentication_credential_json

    return bytes_to_base64url(_checked(parse_authentication_credential_json, _limited(answer)).raw_id)


def signed_count(
    site: Site, challenge: bytes, answer: str, public_key: str, count: int, *, alone: bool
) -> int:
    """The new count of signatures, where the passkey with this key signed this challenge. Raises NotAPasskey.

    A count that does not grow tells of a copied passkey, and is refused.
    """
    from webauthn import verify_authentication_response
    from webauthn.helpers import base64url_to_bytes

    done = _checked(
        verify_authentication_response,
        credential=_limited(answer),
        expected_challenge=challenge,
        expected_rp_id=site.host,
        expected_origin=site.origin,
        credential_public_key=base64url_to_bytes(public_key),
        credential_current_sign_count=count,
        require_user_verification=alone,
    )
    return int(done.new_sign_count)


def _checked(call: Any, *args: Any, **given: Any) -> Any:
    from webauthn.helpers.exceptions import WebAuthnException

    try:
        return call(*args, **given)
    # The library reads what anybody may have sent; not all it stumbles over is its own exception.
    except (
        WebAuthnException,
        ValueError,
        TypeError,
        AttributeError,
        LookupError,
        RecursionError,
        struct.error,
    ) as error:
        raise NotAPasskey(" ".join(str(error).split())[:200] or type(error).__name__) from error


def _limited(answer: str) -> str:
    if not 0 < len(answer) <= LONGEST_ANSWER:
        raise NotAPasskey("the answer is empty or too long")
    return answer


def _described(ids: list[str]) -> list[Any]:
    from webauthn.helpers import base64url_to_bytes
    from webauthn.helpers.structs import PublicKeyCredentialDescriptor

    return [PublicKeyCredentialDescriptor(id=base64url_to_bytes(item)) for item in ids]
