"""The second person's signature on the red page: the act is recorded in spite of its stop, where the master allows."""

from __future__ import annotations

from flask import request

from labrecords.actions.accounts import NotProved
from labrecords.actions.bypassing import bypass_stops
from labrecords.actions.door import BatchRef, Invalid, Refused
from labrecords.actions.readings import Reading
from labrecords.domain.entries import Stop
from labrecords.domain.values.text import NotText, clean_text
from labrecords.web.signed_in import acting, prove, signed_in_actor
from labrecords.web.steps.in_hand import StepPage

LONGEST = 500


class NotAuthorised(Exception):
    """The bypass was not signed: the red page is shown again, with a sentence at each entry and all that was typed."""

    def __init__(self, stops: tuple[Stop, ...], problems: dict[str, str]) -> None:
        super().__init__(" ".join(problems.values()))
        self.stops, self.problems = stops, problems
        self.locked: tuple[str, ...] = ()


def tries_bypass() -> bool:
    """Whether the red page was sent with its bypass."""
    return "bypass" in request.form


def authorise(at: StepPage, stops: tuple[Stop, ...], reading: Reading) -> None:
    """Let the second person who typed username and password authorise the act. Raises NotAuthorised."""
    given = {
        name: request.form.get(name, "") for name in ("bypass_reason", "bypass_username", "bypass_password")
    }
    try:
        reason = clean_text(given["bypass_reason"], limit=LONGEST, multiline=True)
        proof = prove(given["bypass_username"], given["bypass_password"])
        bypass_stops(
            acting(proof.actor),
            batch=BatchRef(at.record.batch.id),
            step_key=at.step.key,
            stops=stops,
            reason=reason,
            requested_by=signed_in_actor().person_id,
            performed_by=reading.performed_by,
            proof=proof,
        )
    except NotText as error:
        raise NotAuthorised(stops, {"bypass_reason": str(error)}) from error
    except NotProved as error:
        raise NotAuthorised(stops, {"bypass_password": str(error)}) from error
    except Invalid as error:
        raise NotAuthorised(stops, error.problems) from error
    except Refused as error:
        raise NotAuthorised(stops, {"bypass_username": str(error)}) from error
