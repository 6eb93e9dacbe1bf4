"""The model beside the system: where each container is, who has it, how much is in it, and what is amiss.

It is written from the rules for custody and not from the code, and shares nothing with it but the words for rules.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal

LONGEST_GAP = timedelta(minutes=2)
"""How far apart giving and receiving may lie, by the process."""


@dataclass(frozen=True, kw_only=True)
class Act:
    """What somebody recorded of containers. Codes are upper-case words, times are whole minutes."""

    kind: str
    key: str
    at: datetime
    by: str
    code: str
    """The container that it is about; of a pool the new one."""
    new_code: str = ""
    """What stands on the label that was put over the old one."""
    to: str = ""
    """Whom it was offered to."""
    giver: str = ""
    given_at: datetime | None = None
    place: str = ""
    place_from: str = ""
    seal: str = ""
    whole: bool = True
    volume_ml: Decimal = Decimal(0)
    """What was collected, drawn as a sample or injected."""
    parts: tuple[tuple[str, Decimal], ...] = ()
    """What was filled, or of a pool poured together: each with how much."""
    left: tuple[Decimal, ...] = ()
    """What was left in the container that was divided, or in each that was poured together."""

    def about(self) -> set[str]:
        """Every container that it names."""
        return {self.code, self.new_code, *(code for code, _ in self.parts)} - {""}

    def words(self) -> str:
        """One line for whoever looks for what went wrong."""
        said = {
            name: str(value)
            for name, value in vars(self).items()
            if value not in ("", (), None) and name not in ("kind", "key", "at", "by")
        }
        return f"{self.at:%H:%M} {self.by} {self.key} {said}"


@dataclass
class Container:
    """Where one container is."""

    holder: str
    place: str
    since: datetime
    seal: str = ""
    volume_ml: Decimal | None = None
    """What is in it; None where nobody knows."""
    injected_ml: Decimal = Decimal(0)
    injected: bool = False
    part: bool = True
    """Whether its volume was stated when it was filled from another: what is collected is measured later."""
    stored: bool = False
    ended: bool = False
    offered_to: str = ""

    def left_ml(self) -> Decimal | None:
        return None if self.volume_ml is None else self.volume_ml - self.injected_ml


@dataclass
class Custody:
    """All containers of a batch, and what is not as it should be: the rule, and the act at fault."""

    there: dict[str, Container] = field(default_factory=dict)
    broken: list[tuple[str, str]] = field(default_factory=list)
    later: dict[str, str] = field(default_factory=dict)
    """Each code that was labelled over, with the one since."""

    def now(self, code: str) -> str:
        """The code that this container has now."""
        while code in self.later:
            code = self.later[code]
        return code


def custody_of(acts: list[Act]) -> Custody:
    """What these acts come to, in the order of their times."""
    done = sorted(acts, key=lambda act: act.at)
    named = _come_to(done, set())
    last = {named.now(act.code): act.key for act in done if act.kind == "injection"}
    return _come_to(done, set(last.values()))


def _come_to(acts: list[Act], last: set[str]) -> Custody:
    """What these acts come to, where a container ends with each of these injections."""
    found = Custody()
    for act in acts:
        rules = [] if act.kind == "harvest" else _by_an_old_code(found, act)
        if act.kind == "label over":
            rules += _label_over(found, act)
        else:
            act = _by_the_new_code(found, act)
            rules += _RULES[act.kind](found.there, act)
        if act.key in last and act.code in found.there:
            found.there[act.code].ended = True
        found.broken += [(rule, act.key) for rule in rules]
    return found


def _by_an_old_code(found: Custody, act: Act) -> list[str]:
    """A fault for each container that is there and was named by a code that it has no more."""
    named = [code for code, _ in act.parts] if act.kind == "pool" else [act.code]
    old = [code for code in named if code in found.later]
    return ["ended" for code in old if not found.there[found.now(code)].ended]


def _by_the_new_code(found: Custody, act: Act) -> Act:
    if act.kind == "pool":
        return replace(act, parts=tuple((found.now(code), volume) for code, volume in act.parts))
    return replace(act, code=found.now(act.code))


def _label_over(found: Custody, act: Act) -> list[str]:
    """Another code on the same container, also on one that ended; a code that is in use names no second one."""
    now = found.now(act.code)
    rules = ["ended"] if found.there[now].ended else []
    if found.now(act.new_code) in found.there:
        return [*rules, "filled twice"]
    found.there[act.new_code], found.later[now] = found.there.pop(now), act.new_code
    return rules


def _at_hand(item: Container, by: str) -> list[str]:
    """Whether it was in this person's hand. Whoever acted had it in hand, as they stated."""
    rules = ["place"] if item.stored else ["holder"] if item.holder != by else []
    if rules:
        item.holder, item.stored = by, False
    return rules


def _out_of(item: Container, volume_ml: Decimal) -> list[str]:
    """Take so much out of it."""
    over = item.part and (there := item.left_ml()) is not None and volume_ml > there
    item.volume_ml = None if item.volume_ml is None or over else item.volume_ml - volume_ml
    return ["over-draw"] if over else []


def _harvest(there: dict[str, Container], act: Act) -> list[str]:
    there[act.code] = Container(act.by, act.place, act.at, act.seal, act.volume_ml, part=False)
    return []


def _seal(item: Container, act: Act) -> list[str]:
    changed = bool(act.seal and item.seal and act.seal != item.seal)
    item.seal = act.seal or item.seal
    return ["seal changed"] if changed else []


def _offer(there: dict[str, Container], act: Act) -> list[str]:
    item = there[act.code]
    if item.ended:
        return ["ended"]
    rules = _at_hand(item, act.by) + _seal(item, act)
    if item.place != act.place:
        item.place, item.since = act.place, act.at
    item.offered_to = act.to
    return rules


def _refusal(there: dict[str, Container], act: Act) -> list[str]:
    item = there[act.code]
    if item.ended:
        return ["ended"]
    if item.offered_to == act.by:
        item.offered_to = ""
    return ["refused"]


def _handover(there: dict[str, Container], act: Act) -> list[str]:
    item, given = there[act.code], act.given_at
    assert given is not None
    if item.ended:
        rules = ["ended"]
    else:
        stored, offered = item.stored, item.offered_to
        rules = _at_hand(item, act.giver)
        rules += ["receiver"] if offered and offered not in (act.by, act.giver) else []
        rules += ["overlap"] if given < item.since else []
        rules += ["place"] if not stored and act.place_from != item.place else []
    rules += ["backward"] if act.at < given else []
    rules += ["gap"] if act.at - given > LONGEST_GAP else []
    rules += _seal(item, act) if act.whole else ["seal"]
    _now(item, act, act.place)
    return rules


def _now(item: Container, act: Act, place: str, *, stored: bool = False) -> None:
    """From now on it is where it was stated to be."""
    item.holder, item.place, item.since = act.by, place, act.at
    item.stored, item.ended, item.offered_to = stored, False, ""


def _put_away(there: dict[str, Container], act: Act) -> list[str]:
    item = there[act.code]
    rules = ["ended"] if item.ended else _at_hand(item, act.by)
    _now(item, act, act.place, stored=True)
    return rules


def _taken_out(there: dict[str, Container], act: Act) -> list[str]:
    item = there[act.code]
    wrong = not item.stored or item.place != act.place
    rules = ["ended"] if item.ended else ["place"] if wrong else []
    _now(item, act, act.place)
    return rules


def _division(there: dict[str, Container], act: Act) -> list[str]:
    item, rules = there[act.code], []
    origin = replace(item)
    if item.ended:
        rules, origin.holder, origin.place = ["ended"], act.by, ""
    else:
        rules = _worked_on(item, act)
        origin = replace(item)
        rules += _out_of(item, sum((volume for _, volume in act.parts), Decimal(0)))
        item.volume_ml, item.injected_ml, item.part = act.left[0], Decimal(0), True
        if not act.left[0]:
            item.ended = True
    for code, volume in act.parts:
        rules += ["filled twice"] if code in there else []
        there[code] = Container(origin.holder, origin.place, act.at, volume_ml=volume)
    return rules


def _worked_on(item: Container, act: Act) -> list[str]:
    """It is worked on by whoever; out of store it is taken first."""
    return _at_hand(item, act.by) if item.stored else []


def _pool(there: dict[str, Container], act: Act) -> list[str]:
    items = [there[code] for code, _ in act.parts]
    rules = ["ended" for item in items if item.ended]
    live = [item for item in items if not item.ended]
    first = next((item for item in live if not item.stored), None)
    holder = first.holder if first else act.by
    place = (first or live[0]).place if live else ""
    for item in live:
        if item.stored:
            rules += _at_hand(item, holder)
        elif item.holder != holder:
            rules.append("holder")  # nobody said who has the rest of it since
        elif item.place != place:
            rules.append("place")
    for item, (_, volume), left in zip(items, act.parts, act.left, strict=True):
        if not item.ended:
            rules += _out_of(item, volume)
            item.volume_ml, item.injected_ml, item.part, item.ended = left, Decimal(0), True, not left
    rules += ["filled twice"] if act.code in there else []
    there[act.code] = Container(holder, place, act.at, volume_ml=act.volume_ml)
    return rules


def _sample(there: dict[str, Container], act: Act) -> list[str]:
    item = there[act.code]
    return ["ended"] if item.ended else _worked_on(item, act) + _out_of(item, act.volume_ml)


def _injection(there: dict[str, Container], act: Act) -> list[str]:
    item = there[act.code]
    item.injected = True
    if item.ended:
        return ["ended"]
    rules, there_ml = _at_hand(item, act.by), item.left_ml()
    over = item.part and there_ml is not None and act.volume_ml > there_ml
    item.injected_ml += act.volume_ml
    return rules + (["over-draw"] if over else [])


def _residual(there: dict[str, Container], act: Act) -> list[str]:
    """What nothing was injected out of is destroyed."""
    for item in there.values():
        item.ended = item.ended or not item.injected
    return []


_RULES = {
    "harvest": _harvest,
    "offer": _offer,
    "refusal": _refusal,
    "handover": _handover,
    "put away": _put_away,
    "taken out": _taken_out,
    "division": _division,
    "pool": _pool,
    "sample": _sample,
    "injection": _injection,
    "residual": _residual,
}
