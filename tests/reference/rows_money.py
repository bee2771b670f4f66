"""What was paid in some days, and what came of deals in them? The parts that the pages about money share."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from scipy.stats import chi2, gamma

from tests.reference.counted import Deal, Lead
from tests.reference.question import Question
from tests.reference.rows_data import Data

Stretch = tuple[date, date]  # first day, day after the last
Row = dict[str, Any]


@dataclass(frozen=True)
class Paid:
    """What some cost rows come to in some days; `rows` of them reach into these days."""

    amount: Fraction
    rows: int
    unconverted: int


def period_days(q: Question) -> Stretch:
    """The days of the period."""
    return q.day(q.start), q.day(q.end)


def last_day(q: Question) -> date:
    """The period's last day, or the day of the instant where that is earlier."""
    return min(q.day(q.end) - timedelta(days=1), q.day(q.as_of))


def paid(data: Data, stretch: Stretch, belongs: Callable[[Row], bool]) -> Paid:
    """Each row's amount × the share of its days that lie in the stretch and not after the instant."""
    amount, rows, unconverted = Fraction(0), 0, 0
    for row in data.tables["cost"]:
        first = max(row["period_start"], stretch[0])
        last = min(row["period_end"], stretch[1] - timedelta(days=1), data.question.day(data.question.as_of))
        days = (last - first).days + 1
        if days <= 0 or not belongs(row):
            continue
        value = data.counted.rates.convert(row["amount"], row["currency"], row["period_start"])
        rows, unconverted = rows + 1, unconverted + (value is None)
        amount += (value or 0) * days / ((row["period_end"] - row["period_start"]).days + 1)
    return Paid(amount, rows, unconverted)


def of_programme(row: Row) -> bool:
    """Rows with a partner, and rows with neither partner nor channel."""
    return row["partner_id"] is not None or row["channel"] is None


def within(data: Data, moment: Any, stretch: Stretch) -> bool:
    """Whether it happened on one of these days and is seen."""
    q = data.question
    return moment is not None and q.midnight(stretch[0]) <= moment < q.midnight(stretch[1]) and moment <= q.as_of


def opened(data: Data, deals: Iterable[Deal], stretch: Stretch) -> list[Deal]:
    """Deals opened in these days."""
    return [deal for deal in deals if within(data, deal.opened_at, stretch)]


def won(data: Data, deals: Iterable[Deal], stretch: Stretch) -> list[Deal]:
    """Deals won in these days."""
    return [deal for deal in deals if deal.outcome == "won" and within(data, deal.closed_at, stretch)]


def pipeline(deals: Iterable[Deal]) -> Fraction:
    """Amounts at the opening day's rates; what has none is in no sum."""
    return sum((deal.pipeline or Fraction(0) for deal in deals), Fraction(0))


def arr(deals: Iterable[Deal]) -> Fraction:
    """ARR at the closing day's rates; what has none is in no sum."""
    return sum((deal.won_arr or Fraction(0) for deal in deals), Fraction(0))


def reached_in(data: Data, leads: Iterable[Lead], stage: str, stretch: Stretch) -> int:
    """Leads that became EQL or SQL in these days, whenever they were created."""
    return sum(within(data, lead.row[f"{stage}_at"], stretch) for lead in leads)


def has_partner(thing: Deal | Lead) -> bool:
    """Whether the lead, or the deal's lead, carries a partner."""
    lead = thing.lead if isinstance(thing, Deal) else thing
    return lead is not None and lead.row["partner_id"] is not None


def lacks_rate(data: Data, deals: Iterable[Deal], column: str) -> bool:
    """Whether one of these deals has an `amount` or an `arr` that could not be converted."""
    rows = {row["deal_id"]: row for row in data.tables["deal"]}
    values = ((rows[deal.deal_id][column], deal.pipeline if column == "amount" else deal.won_arr) for deal in deals)
    return any(given is not None and value is None for given, value in values)


def fiscal_quarter(q: Question, day: date) -> date:
    """First day of the fiscal quarter in which the day lies."""
    first = day.replace(day=1)
    while (first.month - q.fiscal_year_start) % 3:
        first = shift(first, -1)
    return first


def shift(first: date, months: int) -> date:
    """The first day of a month so many months later."""
    year, month = divmod(first.year * 12 + first.month - 1 + months, 12)
    return date(year, month + 1, 1)


def quarter(first: date) -> Stretch:
    """The quarter that begins on this day."""
    return first, shift(first, 3)


def uncertain(value: Any, low: Any, high: Any, n: int) -> dict[str, Any]:
    """An estimate as the report writes it."""
    values = {"value": value, "low": low, "high": high}
    return {name: None if own is None else float(own) for name, own in values.items()} | {"n": n}


def poisson_bounds(n: int) -> tuple[float, float]:
    """Exact 95 % interval of a Poisson mean (Garwood 1936)."""
    return (float(chi2.ppf(0.025, 2 * n)) / 2 if n else 0.0), float(chi2.ppf(0.975, 2 * n + 2)) / 2


def cost_per(cost: Fraction | None, n: int) -> dict[str, Any]:
    """Cost ÷ cases with the cases' exact interval; nothing where nothing was paid or nothing came."""
    if cost is None or cost <= 0 or not n:
        return uncertain(None, None, None, n)
    low, high = poisson_bounds(n)
    return uncertain(cost / n, float(cost) / high, float(cost) / low, n)


def sum_bounds(amounts: list[Fraction], largest: Fraction | None = None) -> tuple[float, float]:
    """95 % interval of the expected sum of a compound Poisson (Fay & Feuer 1997); `largest`: another largest deal."""

    def quantile(share: float, mean: float, variance: float) -> float:
        return float(gamma.ppf(share, mean * mean / variance, scale=variance / mean)) if mean > 0 else 0.0

    mean, variance = float(sum(amounts)), float(sum(amount * amount for amount in amounts))
    once_more = float(max(amounts) if largest is None else largest)
    return quantile(0.025, mean, variance), quantile(0.975, mean + once_more, variance + once_more**2)
