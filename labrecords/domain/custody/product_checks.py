"""Which containers of the product still lack the identity check that the process asks for (domain B18, B19).

A check counts where everything agreed, a second person read the same, and nothing was filled into the container since,
nor another label put on it.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from labrecords.domain.custody.containers import line_of
from labrecords.domain.custody.label_overs import labelled_over_at
from labrecords.domain.custody.names import key_of
from labrecords.domain.entries import Stop
from labrecords.domain.processes.process import CHECKS
from labrecords.domain.results.contents import held
from labrecords.domain.review.decisions import standing_decision
from labrecords.domain.steps.product_check import ProductCheck
from labrecords.domain.values import times

if TYPE_CHECKING:
    from labrecords.domain.record import BatchRecord

UNCHECKED = "identity check"
_RELEASE, _DISPENSE = "release", "dispense"
_TWO_PEOPLE = (
    "Record it on the page of the batch, and have a second person read the label again. Who releases may be one of the "
    "two: reading a label is no work on the product."
)


def unchecked_before_release(record: BatchRecord) -> tuple[tuple[str, str, str, str], ...]:
    """Why a release waits: for each container without its check the rule, what is missing, the way out, and its step.

    The step is empty where no check of that container is recorded yet.
    """
    if _RELEASE not in record.process.identity_checks:
        return ()
    found = []
    for one in held(record).values():
        checks = _checks(record, one.code, _RELEASE)
        if any(not record.outstanding(check) for check in checks):
            continue
        if checks:
            sentence = f"{one.code}: the identity check before the release is not confirmed."
            found.append(
                (UNCHECKED, sentence, "Have a second person read the label again.", checks[-1].step_key)
            )
        else:
            sentence = f"{one.code}: nobody has compared its label with this batch since it was filled."
            found.append((UNCHECKED, sentence, _TWO_PEOPLE, ""))
    return tuple(found)


def dispense_stop(record: BatchRecord, code: str, given_at: datetime, known_at: datetime) -> Stop | None:
    """Why a container must not be given away for use: two people have not compared its label since the release.

    `given_at` is when it was given, `known_at` when that was first recorded.
    """
    if _DISPENSE not in record.process.identity_checks:
        return None
    made = standing_decision(record, times.end_of_minute(given_at))
    since = times.minute(made.decided_at) if made else None
    if any(
        times.minute(check.performed_at) <= given_at
        and (since is None or since <= check.performed_at)
        and not record.outstanding(check, known_at)
        for check in _checks(record, code, _DISPENSE)
    ):
        return None
    return Stop(
        rule=UNCHECKED,
        sentence=f"Two people have not compared the label of {code} with this batch since it was released.",
        way_out=f"{CHECKS[_DISPENSE].capitalize()}, the identity check of the product comes first. {_TWO_PEOPLE}",
    )


def _checks(record: BatchRecord, code: str, occasion: str) -> list[ProductCheck]:
    """The checks of a container on one occasion in which everything agreed, made of the label that it has, since it was
    last filled."""
    wanted, filled = key_of(record, code), line_of(record, code)
    made = [one.performed_at for one in filled[:1]] + [at for at in (labelled_over_at(record, code),) if at]
    since = times.minute(max(made)) if made else None
    return [
        check
        for check in record.of_kind(ProductCheck)
        if key_of(record, check.container_code) == wanted
        and check.occasion == CHECKS[occasion]
        and (since is None or since <= check.performed_at)
        and not check.stops(record)
    ]
