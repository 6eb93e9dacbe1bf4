"""Random acts of custody: sound ones, and each fault that somebody can make, with the rule that must name it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random

from tests.any_custody.model import Act, Container, custody_of

CARRIERS, BENCH = ("tess", "vic", "paula"), ("tess", "vic")
"""Who holds material, and who works on it. Only the physician injects."""
PHYSICIAN = "paula"
PLACES, STORES = ("Theatre 2", "Laboratory", "Hatch"), ("Fridge 2", "Freezer 1")
SAMPLES = [f"sample_{number}" for number in range(1, 9)]
INJECTIONS = [f"injection_{number}" for number in range(1, 5)]
MINUTE = timedelta(minutes=1)


class Impossible(Exception):
    """This act cannot be tried as things are."""


class Hands:
    """Draws the acts of one batch. `acts` is everything that was recorded of it."""

    def __init__(self, draw: Random, number: str, begun: datetime) -> None:
        self.draw, self.prefix, self.acts = draw, number.replace("-", ""), list[Act]()
        self.at, self.codes, self.recorded = begun, 0, 0
        self.read = dict[str, datetime]()
        """When a second person read the new label, by the act that put it on."""
        self.avoid: set[str] = set()
        """Containers of which nobody can say any more what is in them."""

    # ---- where things are ----------------------------------------------------------------------------------------

    def there(self) -> dict[str, Container]:
        return custody_of(self.acts).there

    def one(self, wanted: Callable[[Container], object] = lambda item: True, *, ended: bool = False) -> str:
        """A container of which this holds."""
        found = [
            code
            for code, item in self.there().items()
            if item.ended is ended and wanted(item) and (ended or code not in self.avoid)
        ]
        return self._any(found)

    def in_hand(self, wanted: Callable[[Container], object] = lambda item: True) -> str:
        return self.one(lambda item: not item.stored and wanted(item))

    def _any(self, options: list[str]) -> str:
        if not options:
            raise Impossible
        return self.draw.choice(options)

    def other(self, *than: str) -> str:
        return self._any([name for name in CARRIERS if name not in than])

    def place(self, but: str = "") -> str:
        return self._any([name for name in PLACES if name != but])

    def new_code(self) -> str:
        self.codes += 1
        return f"{self.prefix}C{self.codes}"

    def next_key(self, kind: str) -> str:
        return f"{'storage' if kind in ('put away', 'taken out') else kind}-{self.recorded + 1}"

    def planned(self, keys: list[str]) -> str:
        """The next step of the process of this kind."""
        left = [key for key in keys if key not in {act.key for act in self.acts}]
        if not left:
            raise Impossible
        return left[0]

    def volume(self, code: str, share: float = 0.4) -> Decimal:
        """Less than what is in it."""
        left = self.there()[code].left_ml()
        if left is None or left < 1:
            raise Impossible
        return max(Decimal("0.5"), (left * Decimal(str(share))).quantize(Decimal("0.1")))

    def more(self, code: str) -> Decimal:
        """More than what is in it."""
        item = self.there()[code]
        left = item.left_ml()
        if left is None or not item.part:
            raise Impossible
        return left + Decimal("0.5")

    # ---- acts ----------------------------------------------------------------------------------------------------

    def harvest(self) -> Act:
        code = self.new_code()
        return Act(
            kind="harvest",
            key="harvest",
            at=self.at,
            by=PHYSICIAN,
            code=code,
            place=self.place(),
            seal="41880",
            volume_ml=Decimal("60.0"),
        )

    def give(self, code: str = "") -> Act:
        code = code or self.in_hand()
        item = self.there()[code]
        return Act(
            kind="handover",
            key=self.next_key("handover"),
            at=self.at,
            by=item.offered_to or self.other(item.holder),
            code=code,
            giver=item.holder,
            given_at=self.at - MINUTE * self.draw.choice([0, 1, 2]),
            place=self.place(),
            place_from=item.place,
            seal=self.draw.choice([item.seal, ""]),
        )

    def offer(self, code: str = "") -> Act:
        code = code or self.in_hand()
        item = self.there()[code]
        place = item.place if self.draw.random() < 0.5 else self.place()
        return Act(
            kind="offer",
            key=self.next_key("offer"),
            at=self.at,
            by=item.holder,
            code=code,
            to=self.other(item.holder),
            place=place,
            seal=item.seal,
        )

    def refuse(self) -> Act:
        code = self.in_hand(lambda item: item.offered_to)
        item = self.there()[code]
        return Act(
            kind="refusal",
            key=self.next_key("refusal"),
            at=self.at,
            by=item.offered_to,
            code=code,
            giver=item.holder,
        )

    def put_away(self, code: str = "") -> Act:
        code = code or self.in_hand()
        by = self.there()[code].holder
        return Act(
            kind="put away",
            key=self.next_key("put away"),
            at=self.at,
            by=by,
            code=code,
            place=self.draw.choice(STORES),
        )

    def take_out(self, code: str = "") -> Act:
        code = code or self.one(lambda item: item.stored)
        by, place = self.draw.choice(CARRIERS), self.there()[code].place
        return Act(
            kind="taken out", key=self.next_key("taken out"), at=self.at, by=by, code=code, place=place
        )

    def divide(self, code: str = "") -> Act:
        code = code or self.in_hand(lambda item: (item.left_ml() or 0) >= 4)
        whole = self.there()[code].left_ml()
        if whole is None or whole < 4:
            raise Impossible
        first, second = self.volume(code), self.volume(code, 0.3)
        left = whole - first - second
        if self.draw.random() < 0.3:
            second, left = whole - first, Decimal(0)
        parts = ((self.new_code(), first), (self.new_code(), second))
        return Act(
            kind="division",
            key=self.next_key("division"),
            at=self.at,
            by=self.draw.choice(BENCH),
            code=code,
            parts=parts,
            left=(left,),
        )

    def pool(self, one: str = "", other: str = "") -> Act:
        if not one:
            one = self.in_hand(lambda item: (item.left_ml() or 0) >= 1)
            item = self.there()[one]
            with_it = (item.holder, item.place)
            other = self.in_hand(
                lambda found: (found.holder, found.place) == with_it and (found.left_ml() or 0) >= 1
            )
        if one == other:
            raise Impossible
        rows, rest = [], []
        for code in (one, other):
            there = self.there()[code].left_ml()
            taken = there if there and self.draw.random() < 0.6 else self.volume(code, 0.5)
            assert there is not None
            rows.append((code, taken))
            rest.append(there - taken)
        return Act(
            kind="pool",
            key=self.next_key("pool"),
            at=self.at,
            by=self.draw.choice(BENCH),
            code=self.new_code(),
            volume_ml=sum((volume for _, volume in rows), Decimal(0)),
            parts=tuple(rows),
            left=tuple(rest),
        )

    def label_over(self, code: str = "", new_code: str = "") -> Act:
        """A new label on a container, in hand or in its place."""
        return Act(
            kind="label over",
            key=self.next_key("label_over"),
            at=self.at,
            by=self.draw.choice(BENCH),
            code=code or self.one(),
            new_code=new_code or self.new_code(),
        )

    def sample(self, code: str = "") -> Act:
        code = code or self.in_hand()
        return Act(
            kind="sample",
            key=self.planned(SAMPLES),
            at=self.at,
            by=self.draw.choice(BENCH),
            code=code,
            volume_ml=self.volume(code, 0.1),
        )

    def inject(self, code: str = "") -> Act:
        code = code or self.in_hand(lambda item: item.holder == PHYSICIAN and item.part)
        volume = self.volume(code, 0.2)
        return Act(
            kind="injection",
            key=self.planned(INJECTIONS),
            at=self.at,
            by=PHYSICIAN,
            code=code,
            volume_ml=volume,
            place=self.place(),
        )

    def inject_again(self) -> Act:
        """Out of a container that was injected out of already: it ends with the last injection."""
        codes = [act.code for act in self.acts if act.kind == "injection"]
        fine = {act.code for act in self.acts if act.kind == "division" and not act.left[0]}
        code = self._any([code for code in codes if code not in self.avoid | fine])
        last = [act for act in self.acts if code in act.about()][-1]
        if last.kind != "injection" or code not in self.there():
            raise Impossible
        return self.inject(code)

    def residual(self) -> Act:
        if not any(act.kind == "injection" for act in self.acts):
            raise Impossible
        return Act(kind="residual", key=self.planned(["residual"]), at=self.at, by=PHYSICIAN, code="")

    # ---- faults --------------------------------------------------------------------------------------------------

    def _stored(self) -> str:
        return self.one(lambda item: item.stored)

    def _other_hand(self, act: Act) -> Act:
        item = self.there()[act.code]
        return replace(act, by=self.other(item.holder, act.to))

    def _another_seal(self, act: Act) -> Act:
        there = self.there()[act.code].seal
        return replace(act, seal=self._any([seal for seal in ("55123", "55124", "55125") if seal != there]))

    def wrong_giver(self) -> Act:
        act = self.give(self.in_hand(lambda item: not item.offered_to))
        giver = self.other(act.giver)
        return replace(act, giver=giver, by=self.other(giver))

    def never_received(self) -> Act:
        """Who was only offered it gives it away."""
        code = self.in_hand(lambda item: item.offered_to)
        act = self.give(code)
        to = self.there()[code].offered_to
        return replace(act, giver=to, by=self.other(to))

    def too_late(self) -> Act:
        act = self.give()
        given = act.at - 4 * MINUTE
        if given < self.there()[act.code].since:
            raise Impossible
        return replace(act, given_at=given)

    def before_it_was_had(self) -> Act:
        since = max(act.at for act in self.acts)
        code = self.in_hand(lambda item: item.since == since)
        return replace(self.give(code), at=since + MINUTE, given_at=since - MINUTE)

    def backward(self) -> Act:
        return replace(self.give(), at=self.at - 3 * MINUTE, given_at=self.at - MINUTE)

    def elsewhere(self) -> Act:
        act = self.give()
        return replace(act, place_from=self.place(act.place_from))

    def to_another(self) -> Act:
        act = self.give(self.in_hand(lambda item: item.offered_to))
        return replace(act, by=self.other(act.by, act.giver))

    def two_hands(self) -> Act:
        one = self.in_hand(lambda item: (item.left_ml() or 0) >= 1)
        holder = self.there()[one].holder
        return self.pool(one, self.in_hand(lambda item: item.holder != holder and (item.left_ml() or 0) >= 1))

    def two_places(self) -> Act:
        one = self.in_hand(lambda item: (item.left_ml() or 0) >= 1)
        item = self.there()[one]
        return self.pool(
            one,
            self.in_hand(
                lambda found: (
                    found.holder == item.holder and found.place != item.place and (found.left_ml() or 0) >= 1
                )
            ),
        )

    def one_in_store(self) -> Act:
        one = self.in_hand(lambda item: (item.left_ml() or 0) >= 1)
        return self.pool(one, self.one(lambda item: item.stored and (item.left_ml() or 0) >= 1))

    def code_twice(self) -> Act:
        act = self.divide(self.in_hand(lambda item: len(self.there()) > 1 and (item.left_ml() or 0) >= 4))
        twice = self._any([code for code in self.there() if code != act.code])
        return replace(act, parts=((twice, act.parts[0][1]), act.parts[1]))

    def label_in_use(self) -> Act:
        """The new label has the code of another container, or one that another had before."""
        code = self.one(lambda item: len(self.there()) > 1)
        mine = custody_of(self.acts)
        others = [*mine.there, *(old for old in mine.later if mine.now(old) in mine.there)]
        return self.label_over(code, self._any([one for one in others if mine.now(one) != code]))

    def by_its_old_label(self) -> Act:
        """Something is done with a container by the code that it had before."""
        known = custody_of(self.acts)
        old = self._any([old for old in known.later if self._at_work(known.there.get(known.now(old)))])
        code = known.now(old)
        if code in self.avoid:
            raise Impossible
        makes: list[Callable[[str], Act]] = [self.give, self.offer, self.put_away, self.sample]
        makes += [self.divide, self.label_over]
        return replace(self.draw.choice(makes)(code), code=old)

    def poured_by_an_old_label(self) -> Act:
        act, known = self.pool(), custody_of(self.acts)
        old = self._any([old for old in known.later if known.now(old) == act.parts[0][0]])
        return replace(act, parts=((old, act.parts[0][1]), act.parts[1]))

    @staticmethod
    def _at_work(item: Container | None) -> bool:
        return item is not None and not item.ended and not item.stored

    def over_divided(self) -> Act:
        act = self.divide(self.in_hand(lambda item: item.part and (item.left_ml() or 0) >= 4))
        return replace(act, parts=(act.parts[0], (act.parts[1][0], self.more(act.code))), left=(Decimal(1),))

    def over_poured(self) -> Act:
        act = self.pool()
        code, more = act.parts[0][0], self.more(act.parts[0][0])
        return replace(
            act, parts=((code, more), act.parts[1]), volume_ml=more + act.parts[1][1],
            left=(Decimal(0), act.left[1]),
        )  # fmt: skip

    def after_the_end(self) -> Act:
        """Something is done with what was injected, destroyed or emptied."""
        code = self.one(ended=True)
        holder = self.there()[code].holder
        parts = ((self.new_code(), Decimal(2)), (self.new_code(), Decimal(1)))
        bench, at = self.draw.choice(BENCH), self.at
        kind = self.draw.choice(
            ["put away", "taken out", "offer", "handover", "sample", "division", "refusal", "label over"]
        )
        if kind == "label over":
            return self.label_over(code)
        if kind == "put away":
            return self.put_away(code)
        if kind == "taken out":
            return replace(self.take_out(code), place=STORES[0])
        if kind == "offer":
            return self.offer(code)
        if kind == "handover":
            return self.give(code)
        if kind == "sample":
            return Act(
                kind=kind, key=self.planned(SAMPLES), by=bench, volume_ml=Decimal("0.5"), at=at, code=code
            )
        if kind == "refusal":
            return Act(
                kind=kind, key=self.next_key(kind), by=self.other(holder), giver=holder, at=at, code=code
            )
        return Act(
            kind=kind, key=self.next_key(kind), by=bench, parts=parts, left=(Decimal(1),), at=at, code=code
        )


SOUND: dict[str, tuple[int, Callable[[Hands], Act]]] = {
    "give": (10, Hands.give),
    "offer": (8, Hands.offer),
    "put away": (4, Hands.put_away),
    "take out": (6, Hands.take_out),
    "divide": (6, Hands.divide),
    "pool": (6, Hands.pool),
    "label over": (4, Hands.label_over),
    "draw a sample": (5, Hands.sample),
    "inject": (4, Hands.inject),
    "inject again": (2, Hands.inject_again),
    "residual": (1, Hands.residual),
}
"""How likely each sound act is."""
FAULTS: dict[str, tuple[str, Callable[[Hands], Act]]] = {
    "given by another than its holder": ("holder", Hands.wrong_giver),
    "given by who never received it": ("holder", Hands.never_received),
    "offered by another": ("holder", lambda hands: hands._other_hand(hands.offer())),
    "put away by another": ("holder", lambda hands: hands._other_hand(hands.put_away())),
    "injected out of what another holds": (
        "holder",
        lambda hands: hands.inject(hands.in_hand(lambda item: item.holder != PHYSICIAN)),
    ),
    "held by nobody for four minutes": ("gap", Hands.too_late),
    "given before its giver had it": ("overlap", Hands.before_it_was_had),
    "received before it was given": ("backward", Hands.backward),
    "given elsewhere": ("place", Hands.elsewhere),
    "given out of the fridge": (
        "place",
        lambda hands: replace(act := hands.give(hands._stored()), giver=hands.other(act.by)),
    ),
    "offered out of the fridge": ("place", lambda hands: hands.offer(hands._stored())),
    "moved without being taken out": ("place", lambda hands: hands.put_away(hands._stored())),
    "divided in the fridge": ("place", lambda hands: hands.divide(hands._stored())),
    "sampled in the fridge": ("place", lambda hands: hands.sample(hands._stored())),
    "injected out of the fridge": ("place", lambda hands: hands.inject(hands._stored())),
    "taken out where it was not put": ("place", lambda hands: hands.take_out(hands.in_hand())),
    "taken out of another place": (
        "place",
        lambda hands: replace(act := hands.take_out(), place=STORES[act.place == STORES[0]]),
    ),
    "its seal broken": ("seal", lambda hands: replace(hands.give(), whole=False)),
    "another seal at a receipt": (
        "seal changed",
        lambda hands: hands._another_seal(hands.give(hands.in_hand(lambda item: item.seal))),
    ),
    "another seal at an offer": (
        "seal changed",
        lambda hands: hands._another_seal(hands.offer(hands.in_hand(lambda item: item.seal))),
    ),
    "taken by another than it was offered to": ("receiver", Hands.to_another),
    "not taken": ("refused", Hands.refuse),
    "poured together out of two hands": ("holder", Hands.two_hands),
    "poured together in two places": ("place", Hands.two_places),
    "poured together with one in the fridge": ("place", Hands.one_in_store),
    "more sampled than was in it": (
        "over-draw",
        lambda hands: replace(act := hands.sample(), volume_ml=hands.more(act.code)),
    ),
    "more injected than was in it": (
        "over-draw",
        lambda hands: replace(act := hands.inject(), volume_ml=hands.more(act.code)),
    ),
    "more divided than was in it": ("over-draw", Hands.over_divided),
    "more poured than was in it": ("over-draw", Hands.over_poured),
    "one code on two containers": ("filled twice", Hands.code_twice),
    "labelled over with a code in use": ("filled twice", Hands.label_in_use),
    "done by the old label": ("ended", Hands.by_its_old_label),
    "poured by the old label": ("ended", Hands.poured_by_an_old_label),
    "something done after the end": ("ended", Hands.after_the_end),
}
"""Each fault with the rule that names it."""
