"""Are deals of one group faster, won more often, worth more? Sentences and chart inputs of ratios and differences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import log

from dashboard import references, wording
from dashboard.charts import comparison
from dashboard.domain import Estimate
from dashboard.metrics.intervals import Ratio
from dashboard.metrics.performance import PartnerPerformance
from dashboard.metrics.speed import MedianRatio
from dashboard.metrics.summary import Summary
from dashboard.metrics.velocity import ContractValue, Lift, Split
from dashboard.views.cards import Card
from dashboard.wording import THIN

NAMES = {Split.SOURCE: "Partner ÷ other leads", Split.EQL: "EQL first ÷ others"}
_WHO = {
    Split.SOURCE: ("Partner-sourced deals", "deals of other leads"),
    Split.EQL: ("Deals of leads that were EQLs first", "deals of leads that were not"),
}
ASSOCIATION = "An association, not an effect: the groups may differ in more than size, region and product line."
# Ratios that an axis may mark; it reaches from the last one below everything to the first one above.
_TICKS = ((0.1, "0.1"), (0.2, "0.2"), (1 / 3, "⅓"), (0.5, "½"), (0.7, "0.7"), (1.0, "1"), (1.5, "1.5"), (2.0, "2"),
          (3.0, "3"), (5.0, "5"), (10.0, "10"))  # fmt: skip
RAW, STANDARD = "all deals", "like with like"


def faster(lifts: Sequence[Lift]) -> str:
    """What the speed ratios say, like with like where that can be said."""
    return " ".join(_said(own, own.speed.standard, own.speed.raw, _DAYS) for own in lifts)


def oftener(lifts: Sequence[Lift]) -> str:
    """What the win-rate lifts say, like with like where that can be said."""
    return " ".join(_said(own, own.rates.ratio, own.rates.raw_ratio, _WINS) for own in lifts)


# What a ratio of 1, below 1 and above 1 means; the share of the change stands in the braces.
_DAYS = ("take about as many days as", "take {} fewer days than", "take {} more days than")
_WINS = ("are won about as often as", "are won {} less often than", "are won {} more often than")


def _said(own: Lift, standard: Ratio | MedianRatio, raw: Ratio | MedianRatio, words: tuple[str, str, str]) -> str:
    who, whom = _WHO[own.split]
    found, whom = (raw, whom) if standard.value is None else (standard, f"comparable {whom}")
    if found.value is None:
        return f"{who}: too few to be compared with {whom}."
    if found.low is None or found.high is None or found.low <= 1 <= found.high:
        return f"{who} {words[0]} {whom}: the difference can be chance."
    size = wording.rate(abs(1 - found.value), 0)
    return f"{who} {words[1 if found.value < 1 else 2].format(size)} {whom}."


def speed_rows(lifts: Sequence[Lift]) -> list[comparison.Row]:
    """Speed ratios raw and like with like, and the three references."""
    rows = [
        row for own in lifts for row in (_speed(own, own.speed.raw, RAW), _speed(own, own.speed.standard, STANDARD))
    ]
    if any(own.split is Split.SOURCE for own in lifts):
        rows += [
            comparison.Row("Reference", name, log((low * high) ** 0.5), log(low / 1.02), log(high * 1.02), "",
                           reference=True)
            for name, (low, high) in references.SPEED.items()
        ]  # fmt: skip
    return rows


def _speed(own: Lift, found: MedianRatio, basis: str) -> comparison.Row:
    hover = [
        f"<b>{NAMES[own.split]}</b>, {basis}",
        f"{_ratio(found.value, found.low, found.high)} the days",
        f"medians {wording.days(found.median_a)} and {wording.days(found.median_b)}",
        f"n = {wording.count(found.n_a)} and {wording.count(found.n_b)}",
    ]
    support = own.speed.support if basis == STANDARD else None
    return _row(own, _basis(basis, support), found, hover, basis == STANDARD)


def rate_rows(lifts: Sequence[Lift]) -> list[comparison.Row]:
    """Win-rate lifts raw and like with like."""
    rows = []
    for own in lifts:
        rates = own.rates
        for basis, found, a, b in (
            (RAW, rates.raw_ratio, rates.raw_a, rates.raw_b),
            (STANDARD, rates.ratio, rates.standard_a, rates.standard_b),
        ):
            difference = rates.raw_difference if basis == RAW else rates.difference
            hover = [
                f"<b>{NAMES[own.split]}</b>, {basis}",
                f"{_ratio(found.value, found.low, found.high)} the win rate",
                f"{wording.rate(a.value)} and {wording.rate(b.value)}: {_points(difference.value)} "
                f"({_points(difference.low)} to {_points(difference.high)})",
                f"n = {wording.count(found.n_a)} and {wording.count(found.n_b)}",
            ]
            support = rates.support if basis == STANDARD else None
            rows.append(_row(own, _basis(basis, support), found, hover, basis == STANDARD))
    return rows


def _points(share: float | None) -> str:
    return wording.change_in_points(share, 0.0) or wording.NOTHING


def _basis(basis: str, support: float | None) -> str:
    return basis if support is None else f"{basis}, {wording.rate(support, 0)} of deals"


def _row(own: Lift, basis: str, found: Ratio | MedianRatio, hover: Sequence[str], standard: bool) -> comparison.Row:
    return comparison.Row(
        NAMES[own.split], basis, _log(found.value), _log(found.low), _log(found.high),
        _ratio(found.value, found.low, found.high), "<br>".join(hover), standard,
    )  # fmt: skip


def _log(ratio: float | None) -> float | None:
    """The place of a ratio; what lies beyond the axis' farthest ends is drawn at them."""
    return None if ratio is None else log(min(max(ratio, _TICKS[0][0]), _TICKS[-1][0]))


def _ratio(value: float | None, low: float | None, high: float | None) -> str:
    if value is None:
        return "too few to tell"
    bounds = f" ({low:.2f}–{'∞' if high is None else f'{high:.2f}'})" if low is not None else ""
    return f"{value:.2f}{THIN}×{bounds}"


def ticks(rows: Sequence[comparison.Row]) -> list[tuple[float, str]]:
    """The marks of the axis, as far as the rows reach, at least from ½ to 2."""
    places = [place for row in rows for place in (row.at, row.low, row.high) if place is not None]
    lowest, highest = min([log(0.5), *places]), max([log(2.0), *places])
    marks = [(log(value), said) for value, said in _TICKS]
    first = max((place for place, _ in marks if place <= lowest + 1e-9), default=marks[0][0])
    last = min((place for place, _ in marks if place >= highest - 1e-9), default=marks[-1][0])
    return [(place, said) for place, said in marks if first <= place <= last]


def in_words(rows: Sequence[comparison.Row]) -> str:
    """A chart of ratios for ears."""
    return ". ".join(f"{row.label}, {row.basis}: {row.words}" for row in rows)


# Contract value


def worth(found: ContractValue, currency: str) -> str:
    """Whether deals with a partner are worth more, in one sentence."""
    difference = found.difference
    if difference.value is None:
        return "No deal of one of the two groups was won in the period, so there is nothing to compare."
    if difference.low is None or difference.high is None or difference.low <= 0 <= difference.high:
        return "Deals with a partner are worth about as much as deals without one: the difference can be chance."
    more = "more" if difference.value > 0 else "less"
    size = wording.money(abs(difference.value), currency)
    return f"A won deal with a partner is worth {size} {more} ARR than one without. An association, not an effect."


def worth_cards(found: ContractValue, currency: str) -> list[Card]:
    """ACV with a partner, without one, and the difference, each with interval and n."""
    difference = found.difference
    gap = Estimate(difference.value, difference.low, difference.high, difference.n_a + difference.n_b)
    return [
        Card(term, wording.money(own.value, currency), _between(own, currency), note=f"n = {wording.count(own.n)}")
        for term, own in (("acv_with", found.own), ("acv_without", found.other), ("acv_difference", gap))
    ]


def _between(own: Estimate, currency: str) -> str:
    if own.low is None or own.high is None:
        return ""
    return f"{wording.money(own.low, currency)} to {wording.money(own.high, currency)}"


# Sales velocity


def velocity_columns(
    partners: Sequence[PartnerPerformance],
    before: Mapping[str, Summary],
    certain: Mapping[str, Estimate],
    currency: str,
) -> dict[str, list[object]]:
    """Sales velocity with its interval, its four drivers, and what changed most against the other period."""
    own = [p.summary for p in partners]
    table: dict[str, list[object]] = {
        "Partner": [p.partner.name for p in partners],
        "A day": [s.sales_velocity for s in own],
        "95 % interval": [_between(certain[p.partner.partner_id], currency) for p in partners],
        "Opportunities": [s.opportunities_opened for s in own],
        "Win rate %": [None if s.win_rate.value is None else 100 * s.win_rate.value for s in own],
        "Won amount": [s.mean_won_amount for s in own],
        "Median days": [
            wording.days(s.median_days_to_close, at_least=s.median_days_to_close_mature is False) for s in own
        ],
    }
    if before:
        then = [before.get(p.partner.partner_id) for p in partners]
        table["Change"] = [
            wording.change(s.sales_velocity, t.sales_velocity) if t else None for s, t in zip(own, then, strict=True)
        ]
        table["Mainly"] = [_mainly(s, t, currency) if t else "" for s, t in zip(own, then, strict=True)]
    return table


def _days(own: Summary) -> str:
    return wording.days(own.median_days_to_close, at_least=own.median_days_to_close_mature is False)


def by_velocity(partners: Sequence[PartnerPerformance]) -> list[PartnerPerformance]:
    """The fastest first; those without a velocity last, by name."""
    return sorted(
        partners,
        key=lambda p: (p.summary.sales_velocity is None, -(p.summary.sales_velocity or 0.0), p.partner.name),
    )


def fastest(partners: Sequence[PartnerPerformance], certain: Mapping[str, Estimate], currency: str) -> str:
    """Which partner earns most a day, in one sentence."""
    ordered = by_velocity(partners)
    if not ordered or ordered[0].summary.sales_velocity is None:
        return "No partner has all four drivers in this period, so no sales velocity can be told."
    first = ordered[0]
    own = certain[first.partner.partner_id]
    bounds = _between(own, currency)
    return (
        f"{wording.plain(first.partner.name)} earns most: {wording.money(own.value, currency)} a day"
        f"{f' ({bounds})' if bounds else ''}."
    )


def _mainly(now: Summary, then: Summary, currency: str) -> str:
    """The driver that moved velocity most."""
    days = now.median_days_to_close, then.median_days_to_close
    drivers = (
        ("opportunities", now.opportunities_opened, then.opportunities_opened, wording.count),
        ("win rate", now.win_rate.value, then.win_rate.value, lambda v: wording.rate(v, 0)),
        ("won amount", now.mean_won_amount, then.mean_won_amount, lambda v: wording.money(v, currency)),
        ("median", *days, wording.days),
    )
    moved = [(abs(log(a / b)), f"{name} {said(b)} → {said(a)}") for name, a, b, said in drivers if a and b and a != b]
    return max(moved)[1] if moved else ""
