"""What is injected, compared with the check at the bedside: patient, each syringe, each site, and which goes where."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from labrecords.domain.custody.containers import container_stop
from labrecords.domain.custody.label_overs import unread_stops
from labrecords.domain.custody.names import key_of
from labrecords.domain.entries import Stop
from labrecords.domain.rules.relied_on import found_wrong, last_confirmed
from labrecords.domain.rules.site_match import covers, parts_of, site_stops, unchecked_places
from labrecords.domain.steps.bedside import BedsideCheck
from labrecords.domain.values import times

if TYPE_CHECKING:
    from labrecords.domain.record import BatchRecord
    from labrecords.domain.steps.administration import Injection, Site

_AGAIN = (
    "Inject nothing. Do the check again with the right patient and product; then correct the check, and have it "
    "confirmed by a second person."
)

_OTHER = (
    "Stop. Compare the label of the syringe with the order. Where it is right, check it with a second person, and "
    "correct the check."
)


def bedside_stops(record: BatchRecord, injection: Injection) -> tuple[Stop, ...]:
    """Two people have checked patient, syringes and sites, each before its first use, and found nothing wrong."""
    by = times.end_of_minute(injection.first_injected_at())
    checks = [step.key for step in record.process.steps if step.kind == BedsideCheck.kind]
    if not checks or not all(record.was_confirmed(key, by) for key in checks):
        sentence = "Two people had not confirmed the check at the bedside before the first site."
        return (_unchecked(sentence, "Do the bedside check with a second person first."),)
    unread = unread_stops(record, injection.first_injected_at(), injection.containers())
    stops: dict[str, Stop] = {stop.sentence: stop for stop in unread}
    wrong = {stop.found for stop in site_stops(record, injection.sites)}
    for site in injection.sites:
        at = times.end_of_minute(site.injected_at)
        known = [check for key in checks for check in last_confirmed(record, _versions(record, key), at)]
        stops |= {stop.sentence: stop for key in checks for stop in _failed(record, key, at)}
        code = injection.out_of(site)
        seen = {key_of(record, one) for check in known for one in check.containers()}
        places = [place for check in known for place in check.sites]
        scanned, unnamed = key_of(record, code) in seen, unchecked_places([site], places)
        if not scanned and not container_stop(record, injection.step_key, code):
            stops[code] = _unchecked(f"{code} was not scanned in the check at the bedside.")
        if site.words() in wrong:
            continue
        for words in unnamed:
            stops[words] = _unchecked(f"{words} was not named in the check at the bedside.")
        if scanned and not unnamed and (elsewhere := _elsewhere(record, known, site, code)):
            stops[elsewhere] = _unchecked(elsewhere, _OTHER)
    return tuple(stops.values())


def _versions(record: BatchRecord, step_key: str) -> list[BedsideCheck]:
    return [one for one in record.history(step_key) if isinstance(one, BedsideCheck)]


def _failed(record: BatchRecord, step_key: str, at: datetime) -> list[Stop]:
    """What a check at the bedside found wrong of patient, product or site."""
    wrong = found_wrong(record, _versions(record, step_key), at, lambda check: check.found_wrong(record))
    return [_unchecked(f"The check at the bedside found: {stop.sentence}", _AGAIN) for stop in wrong]


def _elsewhere(record: BatchRecord, known: list[BedsideCheck], site: Site, code: str) -> str:
    """That a syringe was checked for other places than this site; empty where it was checked for it."""
    wanted, found = key_of(record, code), []
    for check in known:
        for place in check.sites:
            if key_of(record, place.container_code or check.container_code) == wanted:
                found.append(place)
    if covers(parts_of(*found), parts_of(site)):
        return ""
    others = " and ".join(dict.fromkeys(place.words() for place in found)) or "no site"
    return f"{code} was checked for {others}, not for {site.words()}."


def _unchecked(sentence: str, way_out: str = "Check it with a second person, and correct the check.") -> Stop:
    return Stop(rule="bedside check", sentence=sentence, way_out=way_out, critical=True)
