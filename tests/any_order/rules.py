"""What the model expects of an act: the rules that stop a step, and those that stand in the way of a signature."""

from __future__ import annotations

from datetime import datetime, timedelta

from tests.any_order.model import (
    ADMINISTRATION,
    COUNTS,
    CRITICAL,
    OPTIONAL,
    PROCESSING,
    Batch,
    Version,
    ceiling,
    floor,
    )  # fmt: skip
from tests.any_order.readings import NOTHING, ORDER

SPIN_LASTS, BYPASS_LASTS = timedelta(minutes=4), timedelta(hours=1)
_WORDS = {"verified": "not verified", "attested": "not attested"}


def stops(batch: Batch, version: Version) -> set[str]:
    """The rules that a version breaks, beside everything that is recorded."""
    found = set(version.stated.wrong) | _order(batch, version) | _identity(batch, version)
    if version.key == "harvest" and (
        _unconfirmed_identity(batch, version) or _another_patient(batch, version)
    ):
        found.add("identity check")
    if version.key in ("bedside", "injection"):
        first = _first(batch, version)
        instants = (version.performed_at, first.recorded_at)
        if any(batch.decision(ceiling(moment)) != "released" for moment in instants):
            found.add("release")
    if version.key == "injection":
        found |= _injection(batch, version)
    return found


def _unconfirmed_identity(batch: Batch, harvest: Version) -> bool:
    by = _first(batch, harvest).recorded_at
    return bool(batch.versions["identity_harvest"]) and not batch.was_confirmed("identity_harvest", by)


def _another_patient(batch: Batch, harvest: Version) -> bool:
    """Whether the check of the patient that the harvest relied on had found somebody else."""
    relied_on = _relied_on(batch, "identity_harvest", _first(batch, harvest).recorded_at)
    return any(check.stated.wrong for check in relied_on)


def _relied_on(batch: Batch, key: str, by: datetime) -> list[Version]:
    """The last version of a check that was confirmed at an instant, and the last that was recorded."""
    recorded = [check for check in batch.versions[key] if check.recorded_at <= by]
    return [check for check in recorded if not batch.outstanding(check, by)][-1:] + recorded[-1:]


def not_bypassed(batch: Batch, version: Version) -> set[str]:
    """Those that nobody authorised: a bypass is of the rotor, for who asked, for an hour."""
    found = stops(batch, version)
    given = any(
        step == version.key and one.by == who and since <= one.recorded_at <= since + BYPASS_LASTS
        for step, who, since in batch.bypasses
        for one in (*batch.versions[version.key], version)
    )
    return found - {"equipment"} if given else found


def _first(batch: Batch, version: Version) -> Version:
    return (batch.versions[version.key] or [version])[0]


def _order(batch: Batch, version: Version) -> set[str]:
    found, since = set(), _first(batch, version).recorded_at
    for key in ORDER[: ORDER.index(version.key)]:
        if not any(moment <= since for moment in batch.moments(key)):
            found.add("order of steps")
        if not batch.versions[key]:
            continue
        ended = floor(batch.versions[key][0].performed_at)
        began = ceiling(version.performed_at - SPIN_LASTS)
        if ended > version.performed_at:
            found.add("order of times")
        if version.key == "spin_1" and key not in COUNTS and ended > began:
            found.add("order of times")
    return found


def _identity(batch: Batch, version: Version) -> set[str]:
    held, sample = batch.held(version.key), "sample" + version.key.removeprefix("count")
    if version.stated.container and held and version.stated.container != held:
        return {"identity"}
    drawn = batch.current(sample) if version.key in COUNTS else None
    usual = {"count_before": "S-1", "count_after": "S-2"}
    return {"identity"} if drawn and version.stated.sample != usual[version.key] else set()


def _injection(batch: Batch, version: Version) -> set[str]:
    found = set()
    if not _scanned(batch, version):
        found.add("bedside check")
    filled, much = batch.current("final_container"), version.stated.injected_ml or NOTHING
    left = filled.stated.facts["volume_ml"] if filled else NOTHING if batch.notes["final_container"] else None
    return found | ({"volume"} if left is not None and much > left else set())


def _scanned(batch: Batch, version: Version) -> bool:
    """Whether two people had checked the syringe, by the last check that stood when the site was injected.

    A check that found anything wrong is none.

    A syringe that is none of this batch's is another rule.
    """
    by = ceiling(version.stated.facts["sites"][0].injected_at)
    if any(check.stated.wrong or _identity(batch, check) for check in _relied_on(batch, "bedside", by)):
        return False
    done = [
        check
        for check in batch.versions["bedside"]
        if check.recorded_at <= by and not batch.outstanding(check, by)
    ]
    container, held = version.stated.container, batch.held(version.key)
    foreign = bool(held) and container != held
    return bool(done) and (foreign or done[-1].stated.container == container)


def decision_rules(batch: Batch, decision: str, signer: str, now: datetime) -> set[str]:
    """What stands in the way of a decision."""
    found = {"voided"} if batch.voided else set()
    if batch.took_part(signer):
        found.add("took part")
    if batch.decision(now) == decision:
        found.add("decided")
    if decision != "rejected" and any(word == "rejected" for word, _, _ in batch.decisions):
        found.add("rejected")
    return found | (release_rules(batch) if decision == "released" else set())


def release_rules(batch: Batch) -> set[str]:
    """What stands in the way of a release, whoever signs."""
    found = _missing(batch, PROCESSING) | _unconfirmed(batch, PROCESSING)
    for key in ORDER:
        for version in batch.versions[key][:-1]:
            found |= version.was_critical
        if batch.notes[key] and batch.versions[key] and key != OPTIONAL and _went_on(batch, key):
            found.add("recorded after all")
    for version in batch.standing():
        found |= not_bypassed(batch, version)
    return found


def _went_on(batch: Batch, key: str) -> bool:
    """Whether a later step was recorded between the note that this one was not done and its recording after all."""
    first = batch.versions[key][0].recorded_at
    return any(
        noted <= version.recorded_at < first
        for noted in batch.notes[key]
        for later in ORDER[ORDER.index(key) + 1 :]
        for version in batch.versions[later]
    )


def closure_rules(batch: Batch, signer: str, now: datetime) -> set[str]:
    """What stands in the way of closing the administration."""
    found, decision = {"voided"} if batch.voided else set(), batch.decision(now)
    if batch.closed_at and not any(
        moment > batch.closed_at[-1] for key in ORDER for moment in batch.moments(key)
    ):
        found.add("closed")
    if decision in (None, "on hold"):
        found.add("not decided")
    elif decision == "rejected" and not batch.versions["injection"]:
        found.add("rejected")
    found |= _unconfirmed(batch, ADMINISTRATION)
    if batch.not_administered():
        open_steps = [key for key in ("bedside", "injection") if not batch.answered(key)]
        if open_steps or not batch.versions["residual"]:
            found.add("missing step")
    else:
        found |= _missing(batch, ADMINISTRATION)
    return found | (set() if batch.took_part(signer) else {"took no part"})


def void_rules(batch: Batch) -> set[str]:
    """What stands in the way of voiding a batch."""
    found = {"voided"} if batch.voided else set()
    if any(batch.versions[key] or key in batch.paused for key in ORDER[1:]):
        found.add("performed")
    return found | ({"decided"} if batch.decisions else set())


def confirmation_rules(batch: Batch, version: Version, act: str, person: str) -> set[str]:
    """Why this person cannot confirm a version with this meaning."""
    still = {who for wanted, who in batch.outstanding(version) if wanted == act}
    if not still:
        return {"confirmed"}
    if act == "verified":
        return {"same person"} if person in version.hands() else set()
    return set() if person in still else {"another person"}


def critical(batch: Batch, version: Version) -> set[str]:
    """Those of the rules that a version breaks which may have harmed somebody."""
    wrong = version.key == "harvest" and _another_patient(batch, version)
    return stops(batch, version) & (CRITICAL | ({"identity check"} if wrong else set()))


def _missing(batch: Batch, keys: tuple[str, ...]) -> set[str]:
    return {"missing step" for key in keys if key != OPTIONAL and not batch.versions[key]}


def _unconfirmed(batch: Batch, keys: tuple[str, ...]) -> set[str]:
    return {_WORDS[act] for one in batch.standing() if one.key in keys for act, _ in batch.outstanding(one)}
