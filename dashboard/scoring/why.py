"""Why does one lead score what it scores, and what little more would have qualified it? From the digits of its code.

What a company is known to be stays as it is; more could have been *seen* (a signal), *known* (a field that is empty) or
*confirmed*. The smallest sets of such changes are searched for, the least demanding first.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import combinations, islice

import numpy as np
from numpy.typing import NDArray

from dashboard.scoring.model import Criterion, Gate, Group, Kind, Level, ScoringModel
from dashboard.scoring.structure import Structure, asked, of_gate, score_codes

MOST_CHANGES = 4
MOST_TRIED = 60_000  # sets of changes looked at; the default scorecard has some 9,000 of up to four
MOST_KEPT = 6


class Does(StrEnum):
    """What kind of change would help."""

    SEEN = "seen"
    KNOWN = "known"
    CONFIRMED = "confirmed"


@dataclass(frozen=True, slots=True)
class Line:
    """A lead on one line of the scorecard; `level` is None where it is at none, `known` false where nobody knows."""

    criterion: Criterion
    level: Level | None
    known: bool

    @property
    def points(self) -> int:
        """The points that the line gives."""
        return self.level.points if self.level else 0


@dataclass(frozen=True, slots=True)
class Change:
    """Something that would have helped: a signal seen `times` times in all, a field known to be at a level, both sides'

    confirmation. `subject` is the signal or the field, `criteria` the lines that change with their new levels;
    `opens` gates that it alone opens, `trigger` whether it is one trigger more.
    """

    does: Does
    subject: str
    times: int
    criteria: tuple[tuple[Criterion, Level], ...]
    fit: int
    intent: int
    opens: Gate
    trigger: bool

    @property
    def points(self) -> int:
        """The points that it adds."""
        return self.fit + self.intent


@dataclass(frozen=True, slots=True)
class Why:
    """One lead under one model.

    `gates` are those passed (SCORE among them where the score is reached), `triggers` how many different ones were
    seen, `missing` the required gates that it fails. `ways`: the smallest sets of changes that would have qualified
    it, the least demanding first; empty where it qualifies, or where `MOST_CHANGES` would not do. `more` of the same
    size are not listed.
    """

    model: ScoringModel
    lines: tuple[Line, ...]
    fit: int
    intent: int
    triggers: int
    gates: Gate
    ways: tuple[tuple[Change, ...], ...]
    more: int

    @property
    def score(self) -> int:
        """Points of fit and intent together."""
        return self.fit + self.intent

    @property
    def known(self) -> int:
        """How many criteria have a known value."""
        return sum(line.known for line in self.lines)

    @property
    def missing(self) -> Gate:
        """Required gates that the lead fails."""
        return self.model.required & ~self.gates

    @property
    def qualified(self) -> bool:
        """Whether it qualifies."""
        return not self.missing

    @property
    def lacking(self) -> int:
        """Points short of the threshold."""
        return max(0, self.model.threshold - self.score)


def why(structure: Structure, digits: NDArray[np.uint8], seen: Mapping[str, int], model: ScoringModel) -> Why:
    """A lead under a model whose questions are in the structure.

    `digits`: its answers, one a question; `seen`: how often each signal that counts was seen within the model's window.
    """
    scored = score_codes(structure, digits.reshape(-1, 1), model)
    lines = tuple(_line(criterion, int(digits[structure.place(asked(criterion))])) for criterion in model.criteria)
    triggers = int(digits[structure.place(of_gate(model, Gate.TRIGGERS))])
    fit, intent, gates = int(scored.fit[0]), int(scored.intent[0]), Gate(int(scored.gates[0]))
    if fit + intent >= model.threshold:
        gates |= Gate.SCORE
    found = Why(model, lines, fit, intent, triggers, gates, (), 0)
    if found.qualified:
        return found
    ways = smallest(found, tuple(_changes(found, seen)))
    return replace(found, ways=tuple(ways[:MOST_KEPT]), more=max(0, len(ways) - MOST_KEPT))


def _line(criterion: Criterion, answer: int) -> Line:
    level = criterion.levels[answer - 1] if 1 <= answer <= len(criterion.levels) else None
    return Line(criterion, level, criterion.kind is Kind.SIGNAL or answer > 0)


def smallest(lead: Why, changes: Sequence[Change]) -> list[tuple[Change, ...]]:
    """The smallest sets of changes that qualify the lead, those that add the fewest points first."""
    for size in range(1, MOST_CHANGES + 1):
        if not _enough(lead, changes, size):
            continue
        tried = islice(combinations(changes, size), MOST_TRIED)
        found = [each for each in tried if _apart(each) and qualifies(lead, each)]
        if found:
            order = sorted(found, key=lambda each: (sum(own.points for own in each), sum(own.times for own in each)))
            # The same subjects with more points, or seen more often, would do as well: the least says it all.
            least: dict[frozenset[str], tuple[Change, ...]] = {}
            for each in order:
                least.setdefault(frozenset(own.subject for own in each), each)
            return list(least.values())
    return []


def qualifies(lead: Why, changes: Sequence[Change]) -> bool:
    """Whether the lead would qualify with these changes."""
    model, gates = lead.model, lead.gates
    fit = lead.fit + sum(own.fit for own in changes)
    if fit + lead.intent + sum(own.intent for own in changes) >= model.threshold:
        gates |= Gate.SCORE
    if fit >= model.icp_at_least:
        gates |= Gate.ICP
    if lead.triggers + sum(own.trigger for own in changes) >= model.min_triggers:
        gates |= Gate.TRIGGERS
    for own in changes:
        gates |= own.opens
    return not model.required & ~gates


def _enough(lead: Why, changes: Sequence[Change], size: int) -> bool:
    """Whether so many changes could add the points at all."""
    return sum(sorted((own.points for own in changes), reverse=True)[:size]) >= lead.lacking


def _apart(changes: Sequence[Change]) -> bool:
    return len({own.subject for own in changes}) == len(changes)


def _changes(lead: Why, seen: Mapping[str, int]) -> Iterator[Change]:
    """Everything that would help this lead at all: with more points, another trigger, or a gate that it fails."""
    model, missing = lead.model, lead.missing
    for signal in dict.fromkeys(model.signals()):
        yield from _sightings(lead, signal, seen.get(signal, 0))
    for field in dict.fromkeys(line.criterion.looks_at for line in lead.lines if not line.known):
        yield from _known(lead, field)
    if missing & Gate.CONFIRMED:
        yield Change(Does.CONFIRMED, "", 0, (), 0, 0, Gate.CONFIRMED, False)


def _sightings(lead: Why, signal: str, before: int) -> Iterator[Change]:
    """A signal seen as often as each level asks for; once where only a gate or the triggers ask."""
    model = lead.model
    lines = [line for line in lead.lines if line.criterion.kind is Kind.SIGNAL and line.criterion.looks_at == signal]
    wanted = {level.at_least or 1 for line in lines for level in line.criterion.levels if not level.otherwise} | {1}
    opens = Gate(0)
    for gate, signals in ((Gate.ECOSYSTEM, model.ecosystem), (Gate.BUYING, model.buying)):
        if signal in signals and lead.missing & gate:
            opens |= gate
    best = (0, Gate(0), False)
    for times in sorted(wanted):
        raised = [(line, level) for line in lines if (level := _raised(line, times)) is not None]
        change = _of(lead, Does.SEEN, signal, times, raised)
        change = replace(change, opens=opens, trigger=not before and signal in model.triggers)
        # Seeing it more often is only worth saying where that adds something.
        if (change.points, change.opens, change.trigger) != best and _helps(change):
            best = (change.points, change.opens, change.trigger)
            yield change


def _raised(line: Line, times: int) -> Level | None:
    """The level of a signal seen so often; None where the lead is there, or higher up, already."""
    levels = line.criterion.levels
    now = levels.index(line.level) if line.level else len(levels)
    for place, level in enumerate(levels[:now]):
        if level.at_least is not None and level.at_least <= times:
            return levels[place]
    return None


def _known(lead: Why, field: str) -> Iterator[Change]:
    """An empty field that turns out to be at one of the levels: the lowest that would give as many points."""
    lines = [line for line in lead.lines if line.criterion.looks_at == field and not line.known]
    for line in lines:
        by_points: dict[int, Level] = {}
        for level in line.criterion.levels:
            by_points.setdefault(level.points, level)
        for _, level in sorted(by_points.items()):
            change = _of(lead, Does.KNOWN, field, 0, [(line, level)])
            if _helps(change):
                yield change


def _of(lead: Why, does: Does, subject: str, times: int, raised: Sequence[tuple[Line, Level]]) -> Change:
    def gained(group: Group) -> int:
        return sum(level.points - line.points for line, level in raised if line.criterion.group is group)

    criteria = tuple((line.criterion, level) for line, level in raised)
    return Change(does, subject, times, criteria, gained(Group.FIT), gained(Group.INTENT), Gate(0), False)


def _helps(change: Change) -> bool:
    return change.points > 0 or bool(change.opens) or change.trigger
