"""Is a person's move told from an old value that comes back, however late the browser hears of the program's?"""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.views.scorecard_echo import Control, what_moved

NAMES = "abcd"


class Session:
    """A browser and a program; what the program sends arrives in its order, one control at a time, when it likes."""

    def __init__(self) -> None:
        self.browser = dict.fromkeys(NAMES, 0)
        self.program = {name: Control(0, (0,)) for name in NAMES}
        self.under_way: list[tuple[str, int]] = []

    def move(self, name: str, value: int, others: dict[str, int]) -> frozenset[str]:
        """The person moves a control; the program answers by moving others; returns what it took for moved."""
        self.browser[name] = value
        moved = what_moved(self.program, self.browser, pressed=False)
        self.program = {own: self.program[own].reported(said) for own, said in self.browser.items()}
        wanted = {own: self.program[own].value if own in moved else others[own] for own in NAMES}
        for own, value in wanted.items():
            drawn = self.program[own].drawn(value)
            if drawn is not self.program[own]:
                self.under_way.append((own, value))
            self.program[own] = drawn
        return moved

    def deliver(self, most: int) -> None:
        for name, value in self.under_way[:most]:
            self.browser[name] = value
        del self.under_way[:most]


@given(st.integers(0, 10**9).map(Random))
def test_a_control_that_is_dragged_is_the_only_one_that_moves(random: Random) -> None:
    session, last = Session(), 0
    for _ in range(random.randint(1, 12)):
        value = random.choice([own for own in range(6) if own != last])
        others = {name: random.randint(0, 3) for name in NAMES}
        assert session.move("a", value, others) == {"a"}
        last = value
        session.deliver(random.choice((0, 0, 1, 2, 5)))
    session.deliver(10**6)
    assert session.browser == {name: control.value for name, control in session.program.items()}


@given(st.integers(0, 10**9).map(Random))
def test_once_the_browser_has_heard_everything_every_move_counts(random: Random) -> None:
    session = Session()
    for _ in range(random.randint(1, 12)):
        name = random.choice(NAMES)
        value = random.choice([own for own in range(4) if own != session.browser[name]])
        assert session.move(name, value, {own: random.randint(0, 3) for own in NAMES}) == {name}
        session.deliver(10**6)
        assert session.browser == {own: control.value for own, control in session.program.items()}


@pytest.mark.parametrize("pressed", [False, True])
def test_an_old_value_beside_a_button_is_no_move(pressed: bool) -> None:
    """After an undo (5 → 3) that the browser has not heard of, it still reports 5: with a second undo, or a move."""
    known = {"a": Control(5, (5,)).drawn(3), "b": Control(1, (1,))}
    assert what_moved(known, {"a": 5, "b": 1}, pressed=pressed) == (frozenset() if pressed else {"a"})
    assert what_moved(known, {"a": 5, "b": 2}, pressed=pressed) == {"b"}
    assert what_moved(known, {"a": 4, "b": 1}, pressed=pressed) == {"a"}
    assert what_moved(known, {"a": 3, "b": 1}, pressed=pressed) == frozenset()
