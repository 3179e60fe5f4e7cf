"""Which versions stay: rules that hold after any sequence of backups, pins and releases [WV-23]."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule

from agent.archive.retention import KEPT, Pin, Shelf, pinned, released, seen, seen_and_pinned

DIGESTS = st.sampled_from("abcdefg")
PINS = st.sampled_from(list(Pin))


def ranked(shelf: Shelf) -> list[str]:
    """Digests of the three, the newest first."""
    slots = [slot for slot in shelf.slots if slot.rank is not None]
    return [slot.digest for slot in sorted(slots, key=lambda slot: -(slot.rank or 0))]


class AnySequence(RuleBasedStateMachine):
    """Runs steps in any order beside a model: what was seen last, and what each pin holds."""

    numbers: Bundle[int] = Bundle("numbers")

    def __init__(self) -> None:
        super().__init__()
        self.shelf = Shelf()
        self.seen: list[str] = []
        self.held: dict[Pin, str] = {}
        self.issued: dict[int, str] = {}

    def _issue(self, number: int, digest: str) -> int:
        assert self.issued.setdefault(number, digest) == digest
        return number

    @rule(target=numbers, digest=DIGESTS)
    def backup(self, digest: str) -> int:
        self.shelf, number = seen(self.shelf, digest)
        self.seen = [digest, *(other for other in self.seen if other != digest)][:KEPT]
        return self._issue(number, digest)

    @rule(target=numbers, digest=DIGESTS, pin=PINS)
    def copy_before_change(self, digest: str, pin: Pin) -> int:
        self.shelf, number = seen_and_pinned(self.shelf, digest, pin)
        if digest in self.seen:
            self.seen = [digest, *(other for other in self.seen if other != digest)]
        self.held[pin] = digest
        return self._issue(number, digest)

    @rule(number=numbers, pin=PINS)
    def pin_one(self, number: int, pin: Pin) -> None:
        if any(slot.number == number for slot in self.shelf.slots):
            self.shelf = pinned(self.shelf, number, pin)
            self.held[pin] = self.issued[number]

    @rule(pin=PINS)
    def release(self, pin: Pin) -> None:
        self.shelf = released(self.shelf, pin)
        self.held.pop(pin, None)

    @invariant()
    def the_three_seen_last_are_ranked_newest_first(self) -> None:
        assert ranked(self.shelf) == self.seen
        assert (self.shelf.newest.digest if self.shelf.newest else None) == (self.seen[0] if self.seen else None)

    @invariant()
    def what_is_pinned_stays_and_nothing_else_does(self) -> None:
        assert {slot.digest for slot in self.shelf.slots} == {*self.seen, *self.held.values()}
        for slot in self.shelf.slots:
            assert slot.pins == {pin for pin, digest in self.held.items() if digest == slot.digest}

    @invariant()
    def each_configuration_stands_once_under_its_number(self) -> None:
        assert len({slot.digest for slot in self.shelf.slots}) == len(self.shelf.slots)
        assert all(self.issued[slot.number] == slot.digest for slot in self.shelf.slots)


TestAnySequence = AnySequence.TestCase


@given(st.lists(DIGESTS, max_size=40))
def test_numbers_are_never_given_to_another_configuration(digests: list[str]) -> None:
    shelf = Shelf()
    given_out: dict[int, str] = {}
    for digest in digests:
        before = shelf.find(digest)
        shelf, number = seen(shelf, digest)
        assert (number in given_out) is (before is not None)
        assert given_out.setdefault(number, digest) == digest


def test_a_fourth_configuration_pushes_out_the_one_seen_longest_ago() -> None:
    shelf = Shelf()
    for digest in "abcad":
        shelf, _ = seen(shelf, digest)
    assert ranked(shelf) == ["d", "a", "c"]
