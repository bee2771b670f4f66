"""Can every step be taken back and made again, whatever was tried?"""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dashboard.scoring.edits import with_threshold
from dashboard.scoring.model import ScoringModel
from dashboard.scoring.scenario_history import LONGEST, History, Step
from dashboard.scoring.scorecard_file import default_model

MODELS = [with_threshold(default_model(), threshold) for threshold in range(101)]
STEPS = st.lists(
    st.one_of(st.tuples(st.integers(0, 100), st.sampled_from(["", "a", "b"])), st.sampled_from(["undo", "redo"])),
    max_size=80,
)


class Plain:
    """The same with two lists and nothing else."""

    def __init__(self) -> None:
        self.done, self.undone = [0], list[int]()

    def put(self, place: int) -> None:
        if place != self.done[-1]:
            self.done, self.undone = [*self.done, place][-LONGEST - 1 :], []

    def undo(self) -> None:
        if len(self.done) > 1:
            self.undone.append(self.done.pop())

    def redo(self) -> None:
        if self.undone:
            self.done.append(self.undone.pop())


@given(STEPS)
def test_history_is_a_stack_with_its_way_back(steps: list[object]) -> None:
    history, plain = History(Step(MODELS[0])), Plain()
    for step in steps:
        if isinstance(step, tuple):
            history = history.put(MODELS[step[0]], step[1])
            plain.put(step[0])
        else:
            history = getattr(history, str(step))()
            getattr(plain, str(step))()
        assert history.present.model is MODELS[plain.done[-1]]
        assert [step.model.threshold for step in history.past] == plain.done[:-1]
        assert [step.model.threshold for step in history.undone] == plain.undone
        assert history.put(history.present.model, "again") is history
        if history.past:
            assert history.undo().redo() == history
        else:
            assert history.undo() is history
        if not history.undone:
            assert history.redo() is history


def test_a_slider_starts_from_where_it_was_first_touched() -> None:
    history = History(Step(MODELS[0])).put(MODELS[1], "other").put(MODELS[2], "size").put(MODELS[3], "size")
    assert history.before("size") is MODELS[1]
    assert history.before("other") is MODELS[3]
    assert history.undo().before("size") is MODELS[1]
    assert history.undo().undo().before("size") is MODELS[1]
    long = History(Step(MODELS[0]))
    for place in range(1, 90):
        long = long.put(MODELS[place], "size")
    assert len(long.past) == LONGEST
    assert _first(long) is long.before("size")


def _first(history: History) -> ScoringModel:
    while history.past:
        history = history.undo()
    return history.present.model
