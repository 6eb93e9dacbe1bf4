"""Custody that was offered and that nobody has taken: how long it waits, and where it is received or refused."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from labrecords.actions.door import Actor
from labrecords.domain.custody.acts import HANDOVER, REFUSAL, next_act, receiving_step
from labrecords.domain.custody.batch_chain import offers, offers_to
from labrecords.domain.custody.events import Offered
from labrecords.web.batches.batch import BatchPage, may_record, step_url
from labrecords.web.steps.in_hand import StepPage


@dataclass(frozen=True)
class Waiting:
    """One container that waits for its receiver."""

    offer: Offered
    giver: str
    receiver: str
    waits: timedelta
    receive_url: str
    """Empty for whoever may not record it."""
    refuse_url: str


def waiting_offers(page: BatchPage, actor: Actor) -> list[Waiting]:
    """What is offered at this moment, with where this person can answer it."""
    record = page.record
    ways = (receiving_step(record), next_act(record, REFUSAL))
    urls = [step_url(record.batch.number, step.key) if may_record(actor, step) else "" for step in ways]
    return [
        Waiting(offer, record.name(offer.person), record.name(offer.receiver), page.now - offer.at, *urls)
        for offer in offers(record)
    ]


def as_offered(at: StepPage, person_id: str) -> dict[str, str]:
    """What the form that answers an offer begins with: the container, and who gives it where.

    Nothing of what happens only now or has to be looked at: the time, the seal, temperature and condition. Empty where
    two offers could be meant.
    """
    mine = offers_to(at.record, person_id)
    if at.entry is not None or at.step.kind not in (HANDOVER, REFUSAL) or len(mine) != 1:
        return {}
    known = {"container_code": mine[0].container, "giver": mine[0].person}
    return known if at.step.kind == REFUSAL else {**known, "place_from": mine[0].place}
