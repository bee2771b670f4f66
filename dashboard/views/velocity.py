"""What does the page "Win rate and velocity" say, and what do its first two charts show? Plain rules; nothing drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import numpy as np
import numpy.typing as npt

from dashboard import palette, wording
from dashboard.charts import forest, incidence, theme
from dashboard.domain import Estimate
from dashboard.metrics.performance import ChannelPerformance, PartnerPerformance
from dashboard.metrics.summary import Summary
from dashboard.metrics.velocity import MARKS, Group, Incidence, Role, Split
from dashboard.metrics.win_rate import Prior
from dashboard.views.comparison import Versus, rate_changed
from dashboard.views.headline import Setting, Subject

# So many partners are all drawn; of more, so many from each end.
ALL_SHOWN, EACH_END = 26, 12
SPLITS = {
    Split.SOURCE: "Partner or not",
    Split.EQL: "EQL or not",
    Split.TYPE: "Partner type",
    Split.TIER: "Tier",
    Split.REGION: "Partner region",
    Split.CHANNEL: "Channel",
}
_SIDES = {
    (Split.SOURCE, Role.OWN): "Partner-sourced",
    (Split.SOURCE, Role.OTHER): "Other leads",
    (Split.EQL, Role.OWN): "EQL first",
    (Split.EQL, Role.OTHER): "No EQL before",
}
# Names of curves nearer to each other than this share of the axis would be printed over each other.
_NEAR = 0.11


def answer(
    subject: Subject, when: Setting, own: Summary, other: Summary | None, lost_known: bool, everybody: bool
) -> str:
    """Who won how often, in one sentence; `other`: the deals to hold beside it, if any."""
    if not when.begun:
        return f"{when.period} has not begun yet."
    so_far = "" if when.over else " so far"
    rate = own.win_rate
    if rate.value is None:
        whose = "deal" if everybody else f"deal of {_whose(subject)}"
        return f"No {whose} was won or lost in {when.period}{so_far}; {_open(own)}."
    if not lost_known:
        return (
            f"{wording.several(own.won_deals, 'deal')} {'was' if own.won_deals == 1 else 'were'} won in "
            f"{when.period}{so_far}; how often deals are won cannot be told: the data hold no lost deals."
        )
    closed = f"{wording.several(rate.n, 'deal')} that closed in {when.period}{so_far}"
    share = f"{wording.rate(rate.value)} of the {closed} ({wording.interval(rate, 0)})"
    if everybody:
        return f"{share} were won."
    return f"{subject.name} won {share}{_beside(rate, other)}."


def _whose(subject: Subject) -> str:
    return subject.name if subject.singular else subject.name[:1].lower() + subject.name[1:]


def _open(own: Summary) -> str:
    return f"{wording.several(own.open_deals, 'deal')} {'is' if own.open_deals == 1 else 'are'} open now"


def _beside(rate: Estimate, other: Summary | None) -> str:
    if other is None or other.win_rate.value is None:
        return ""
    theirs = f"other leads ({wording.rate(other.win_rate.value)})"
    if not rate_changed(rate, other.win_rate):
        return f", about as often as {theirs}: the difference can be chance"
    more = (rate.value or 0.0) > other.win_rate.value
    return f", {'more' if more else 'less'} often than {theirs}"


def second(own: Summary, other: Summary | None, before: Summary | None, versus: Versus | None, sure: str) -> str:
    """How fast, against what, and how sure: the sentences below the first."""
    return " ".join(filter(None, (_fast(own, other), _against(own, before, versus), sure)))


def _fast(own: Summary, other: Summary | None) -> str:
    if own.median_days_to_close is None:
        return ""
    theirs = other.median_days_to_close if other else None
    beside = f" (other leads: {wording.days(theirs)})" if theirs is not None else ""
    early = "; deals still open can lengthen that" if own.median_days_to_close_mature is False else ""
    half = f"Half of the deals that get won are won within {wording.days(own.median_days_to_close)}"
    return f"{half}{beside}{early}."


def _against(own: Summary, before: Summary | None, versus: Versus | None) -> str:
    if before is None or versus is None or own.win_rate.value is None or before.win_rate.value is None:
        return ""
    changed = rate_changed(own.win_rate, before.win_rate)
    then = f"In {versus.name} it was {wording.rate(before.win_rate.value)}"
    return f"{then}." if changed else f"{then}: no change beyond chance."


def certainty(partners: Sequence[PartnerPerformance], prior: Prior) -> str:
    """How many partners clearly differ from the pool."""
    pool = pooled(prior)
    judged = [p for p in partners if p.shrunken_win_rate.value is not None]
    if pool is None or len(judged) < 2:
        return ""
    better = sum((p.shrunken_win_rate.low or 0.0) > pool for p in judged)
    worse = sum((p.shrunken_win_rate.high or 1.0) < pool for p in judged)
    people = wording.several(len(judged), "partner")
    if not better + worse:
        return f"None of {people} with closed deals clearly differs from the pool."
    said = [f"{wording.count(n)} won clearly {how} often" for n, how in ((better, "more"), (worse, "less")) if n]
    rest = len(judged) - better - worse
    tail = f"; for the other {wording.count(rest)} the data cannot tell" if rest else ""
    return f"Of {people}, {wording.enumeration(said)} than the pool{tail}."


def pooled(prior: Prior) -> float | None:
    """The rate to which partners are drawn; None where too few are there to draw them together."""
    if prior.alpha is None or prior.beta is None:
        return None
    return prior.alpha / (prior.alpha + prior.beta)


def by_shrunken(partners: Sequence[PartnerPerformance]) -> list[PartnerPerformance]:
    """Partners with a closed deal, the best shrunken rate first."""
    judged = [p for p in partners if p.summary.win_rate.value is not None]
    return sorted(judged, key=lambda p: (-(p.shrunken_win_rate.value or 0.0), p.partner.name, p.partner.partner_id))


def without_closed(partners: Sequence[PartnerPerformance]) -> list[PartnerPerformance]:
    """Partners without a closed deal in the period, by name."""
    return sorted(
        (p for p in partners if p.summary.win_rate.value is None), key=lambda p: (p.partner.name, p.partner.partner_id)
    )


def forest_lines(
    partners: Sequence[PartnerPerformance], prior: Prior, found: str | None
) -> list[forest.Row | forest.Gap]:
    """The lines of the forest plot: all partners, or the best and the worst of them and the one that was looked for."""
    ordered = by_shrunken(partners)
    rows = [_row(p, prior.alpha is not None, found) for p in ordered]
    if len(rows) <= ALL_SHOWN:
        return list(rows)
    middle = rows[EACH_END : len(rows) - EACH_END]
    place = next((index for index, row in enumerate(middle) if row.marked), None)
    if place is None:
        between: list[forest.Row | forest.Gap] = [_gap(len(middle))]
    else:
        between = [*_gaps(place), middle[place], *_gaps(len(middle) - place - 1)]
    return [*rows[:EACH_END], *between, *rows[-EACH_END:]]


def _gaps(number: int) -> list[forest.Row | forest.Gap]:
    return [_gap(number)] if number else []


def _gap(number: int) -> forest.Gap:
    return forest.Gap(f"… {wording.several(number, 'more partner')}")


def _row(own: PartnerPerformance, drawn_together: bool, found: str | None) -> forest.Row:
    partner = own.partner
    shrunken = own.shrunken_win_rate if drawn_together else None
    return forest.Row(partner.partner_id, partner.name, own.summary.win_rate, shrunken, partner.partner_id == found)


def channel_lines(channels: Sequence[ChannelPerformance]) -> list[forest.Row | forest.Gap]:
    """The lines where no deal names a partner: channels by their raw win rate."""
    judged = [c for c in channels if c.summary.win_rate.value is not None]
    ordered = sorted(judged, key=lambda c: (-(c.summary.win_rate.value or 0.0), c.channel or ""))
    return [
        forest.Row(c.channel or "", wording.label(c.channel) if c.channel else "No channel", c.summary.win_rate, None)
        for c in ordered[:ALL_SHOWN]
    ]


def forest_in_words(lines: Sequence[forest.Row | forest.Gap], pool: float | None) -> str:
    """The forest plot for ears: pool, best and worst."""
    rows = [line for line in lines if isinstance(line, forest.Row)]
    if not rows:
        return "Nobody has a closed deal."

    def said(row: forest.Row) -> str:
        best = row.shrunken or row.raw
        return f"{row.name} {wording.rate(best.value)} ({wording.interval(best)}, {wording.several(row.raw.n, 'deal')})"

    around = f"Pool {wording.rate(pool)}. " if pool is not None else ""
    return f"{around}Highest: {said(rows[0])}. Lowest: {said(rows[-1])}. {len(rows)} lines."


# Cumulative incidence


def basis(as_of: datetime, name: str) -> str:
    """Over which deals the curves are."""
    return f"Deals opened in the 24 months up to the end of {name}, as of {wording.day(as_of)}, with 95 % bands"


def group_name(group: Group, split: Split) -> str:
    """What a group is called."""
    if group.role is Role.REST:
        return "All others"
    if group.role is Role.ONE:
        return wording.label(group.name) if group.name else "Not set"
    return _SIDES[split, group.role]


def curves(found: Sequence[Incidence], split: Split) -> list[incidence.Curve]:
    """The curves, their names kept apart where they end."""
    spread = _apart([_last(own) for own in found], _NEAR * top(found), top(found))
    return [_curve(own, split, place, at) for place, (own, at) in enumerate(zip(found, spread, strict=True))]


def top(found: Sequence[Incidence]) -> float:
    """Where the axis of the curves ends."""
    highest = max((_last(own) for own in found), default=0.0)
    return min(1.05, max(0.05, highest * 1.25))


def _last(own: Incidence) -> float:
    return float(own.value[-1]) if len(own.value) else 0.0


def _apart(values: Sequence[float], least: float, top: float) -> list[float]:
    """The places nearest to the values that lie `least` apart, between 0 and `top` (pool-adjacent-violators)."""
    order = np.argsort(values, kind="stable")
    blocks: list[tuple[float, int]] = []
    for rank, index in enumerate(order):
        blocks.append((values[index] - rank * least, 1))
        while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
            (upper, n), (lower, m) = blocks.pop(), blocks.pop()
            blocks.append(((upper * n + lower * m) / (n + m), n + m))
    even = [mean for mean, size in blocks for _ in range(size)]
    highest = max(0.0, top - (len(values) - 0.5) * least)
    placed = dict(zip(order.tolist(), (min(max(0.0, at), highest) for at in even), strict=True))
    ranks = {index: rank for rank, index in enumerate(order.tolist())}
    return [placed[index] + ranks[index] * least for index in range(len(values))]


def _curve(own: Incidence, split: Split, place: int, at: float) -> incidence.Curve:
    colour, dotted = _look(own.group, place)
    name = group_name(own.group, split)
    days, value, low, high = _steps(own)
    return incidence.Curve(
        name, colour, dotted, days, value, low, high,
        [
            f"<b>{theme.name(name)}</b>, day {day}<br>{wording.rate(v)} ({wording.interval(Estimate(v, a, b, own.n))})"
            for day, v, a, b in zip(days.tolist(), value.tolist(), low.tolist(), high.tolist(), strict=True)
        ],
        wording.rate(_last(own), 0) if len(own.value) else "", at, [own.at_risk[mark] for mark in MARKS],
    )  # fmt: skip


def _look(group: Group, place: int) -> tuple[str, bool]:
    """Colour, and whether dotted: two shades of one colour, solid, then dotted, then a third."""
    fixed = {Role.OWN: palette.PARTNER, Role.OTHER: palette.OTHER, Role.REST: palette.REFERENCE}
    if group.role in fixed:
        return fixed[group.role], False
    return palette.PARTNER_SHADES[(0, 1, 0, 1, 2, 2)[place]], place in (2, 3, 5)


Steps = tuple[npt.NDArray[np.int64], npt.NDArray[np.float64], npt.NDArray[np.float64], npt.NDArray[np.float64]]


def _steps(own: Incidence) -> Steps:
    """The steps from (day 0, 0) on; a first event on day 0 replaces that point."""
    if len(own.days) and own.days[0] == 0:
        return own.days, own.value, own.low, own.high
    nothing = np.zeros(1)
    return (
        np.concatenate([nothing.astype(int), own.days]),
        *(np.concatenate([nothing, line]) for line in (own.value, own.low, own.high)),
    )  # type: ignore[return-value]


def incidence_in_words(found: Sequence[Incidence], split: Split) -> str:
    """The curves for ears."""
    return ". ".join(
        f"{group_name(own.group, split)}: " + ", ".join(_by_day(own, day) for day in own.eventual) for own in found
    )


def _by_day(own: Incidence, day: int) -> str:
    rate = own.eventual[day]
    if rate.value is None:
        return f"too early to say by day {day}"
    bounds = wording.interval(Estimate(rate.value, rate.low, rate.high, rate.n))
    return f"{wording.rate(rate.value)} won by day {day} ({bounds})"


def group_table(found: Sequence[Incidence], split: Split) -> Mapping[str, list[object]]:
    """The groups: median days (“≥” where they can still grow), plain median, deals, won by each day with interval."""
    table: dict[str, list[object]] = {"Group": [group_name(own.group, split) for own in found]}
    table["Median days to close"] = [wording.days(own.median, at_least=own.mature is False) for own in found]
    table["Won deals alone"] = [wording.days(own.plain_median) for own in found]
    table["Deals"] = [own.n for own in found]
    for day in MARKS[1:]:
        table[f"Won by day {day}"] = [_cell(own, day) for own in found]
    return table


def _cell(own: Incidence, day: int) -> str:
    rate = own.eventual[day]
    if rate.value is None:
        return wording.NOTHING
    return f"{wording.rate(rate.value)} ({wording.interval(Estimate(rate.value, rate.low, rate.high, rate.n))})"
