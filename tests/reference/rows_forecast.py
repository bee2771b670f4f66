"""What does a forecast start from, and what do chances make of open deals? `forecast`, by docs/forecast.md alone."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any

from tests.reference.counted import Deal, count_rows
from tests.reference.rows_data import Data
from tests.reference.rows_money import Stretch, arr, fiscal_quarter, has_partner, lacks_rate, quarter, shift, won

MONTHS, FEWEST_CLOSED, PAST_QUARTERS = 24, 20, 6
TICK = timedelta(microseconds=1)
AGES = ((0, 13), (14, 29), (30, 59), (60, 89), (90, 179), (180, None))
NONE_RECORDED = None
Row = dict[str, Any]


def rows_forecast(data: Data) -> dict[str, Any]:
    """The section without what is yet to come of deals not opened, and without intervals."""
    seen = _Seen(data)
    return seen.section() | {"back_test": _back_test(data)}


def as_seen_at(data: Data, moment: datetime) -> Data:
    """The same rows looked at from another instant."""
    question = replace(data.question, as_of=moment)
    return Data(question, data.tables, count_rows(data.tables, question), data.rows)


class _Seen:
    def __init__(self, data: Data) -> None:
        self.data, self.q = data, data.question
        self.rows = {row["deal_id"]: row for row in data.tables["deal"]}
        self.last_day = self.q.day(self.q.as_of - TICK)
        self.since = self.q.months_before(self.q.as_of, MONTHS)
        sourced = [deal for deal in data.counted.deals if has_partner(deal)]
        self.population = "partner_sourced" if sourced else "all"
        self.deals = sourced or list(data.counted.deals)
        self.stages = self._stages()
        self.learned = [deal for deal in self.deals if self._teaches(deal)]

    def _teaches(self, deal: Deal) -> bool:
        return (
            deal.outcome != "undated"
            and deal.opened_at is not None
            and deal.opened_at >= self.since
            and deal.days is not None
            and deal.days >= 0
        )

    def _stages(self) -> dict[str, list[tuple[datetime, str]]]:
        found: dict[str, list[tuple[datetime, str]]] = defaultdict(list)
        for row in self.data.tables["deal_stage"]:
            if self.q.seen(row["entered_at"]):
                found[row["deal_id"]].append((row["entered_at"], row["stage"]))
        return {key: sorted(own) for key, own in found.items()}

    def section(self) -> dict[str, Any]:
        is_open = [deal for deal in self.deals if deal.outcome == "open"]
        worths = {deal.deal_id: self.worth(deal) for deal in is_open}
        unconverted = sum(self._lacks_rate(deal) for deal in is_open)
        per_amount = self.arr_per_amount()
        return {
            "last_day": f"{self.last_day}",
            "population": self.population,
            "too_early": self.too_early(),
            "by_stage": self.by_stage(),
            "learned_deals": len(self.learned),
            "learned_closed": self.learned_closed(),
            "learned_with_stage": sum(deal.deal_id in self.stages for deal in self.learned),
            "open_deals": len(is_open),
            "open_arr": float(sum((own or 0 for own in worths.values()), Fraction(0))),
            "arr_per_amount": None if per_amount is None else float(per_amount),
            "open_without_value": sum(self._is_worthless(deal) for deal in is_open),
            "open_unconverted": unconverted,
            "incomplete": unconverted > 0 or (not self.too_early() and self._lacks_arr()),
            "quarters": [] if self.too_early() else self._quarters(is_open),
            "open_groups": {} if self.too_early() else self._groups(is_open),
        }

    def _lacks_arr(self) -> bool:
        """Whether the ARR of a deal won in this quarter or the next, so far, has no rate."""
        first = fiscal_quarter(self.q, self.q.day(self.q.as_of))
        return lacks_rate(self.data, won(self.data, self.deals, (first, shift(first, 6))), "arr")

    def repeated(self, first: date) -> float | None:
        """ARR of an earlier quarter as known then; None where it was over before the first deal was won."""
        first_won = min((deal.closed_at for deal in self.deals if deal.outcome == "won"), default=None)
        if first_won is None or first_won >= self.q.midnight(shift(first, 3)):
            return None
        return float(arr(won(self.data, self.deals, quarter(first))))

    def learned_closed(self) -> int:
        return sum(deal.outcome in ("won", "lost") for deal in self.learned)

    def too_early(self) -> bool:
        wins = [deal for deal in self.deals if deal.outcome == "won" and deal.closed_at >= self.since]
        return self.learned_closed() < FEWEST_CLOSED or not any(deal.won_arr for deal in wins)

    def by_stage(self) -> bool:
        known = sum(deal.deal_id in self.stages for deal in self.learned)
        return bool(self.learned) and 10 * known >= 9 * len(self.learned)

    # What an open deal is worth

    def arr_per_amount(self) -> Fraction | None:
        wins = [deal for deal in self.deals if deal.outcome == "won" and deal.closed_at >= self.since]
        both = [deal for deal in wins if deal.won_arr is not None and deal.won_amount]
        amounts = sum((deal.won_amount for deal in both), Fraction(0))
        return arr(both) / amounts if amounts else None

    def _rate(self, currency: str | None) -> Fraction | None:
        """The newest rate on or before the day of the instant, however old."""
        if currency == self.q.currency:
            return Fraction(1)
        today = self.q.day(self.q.as_of)
        days = {
            row["day"]: Fraction(row["rate"])
            for row in self.data.tables["fx_rate"]
            if row["base"] == self.q.currency and row["currency"] == currency and row["day"] <= today
        }
        return days[max(days)] if days else None

    def worth(self, deal: Deal) -> Fraction | None:
        """The ARR of an open deal in the reporting currency, rounded to cents before the ratio is applied."""
        row, rate = self.rows[deal.deal_id], self._rate(self.rows[deal.deal_id]["currency"])
        if rate is None:
            return None
        if row["arr"] is not None:
            return _cents(Fraction(row["arr"]) * rate)
        per_amount = self.arr_per_amount()
        if row["amount"] is None or per_amount is None:
            return None
        return _cents(Fraction(row["amount"]) * rate) * per_amount

    def _lacks_rate(self, deal: Deal) -> bool:
        row = self.rows[deal.deal_id]
        return (row["arr"] is not None or row["amount"] is not None) and self._rate(row["currency"]) is None

    def _is_worthless(self, deal: Deal) -> bool:
        row = self.rows[deal.deal_id]
        if row["arr"] is not None or self._lacks_rate(deal):
            return False
        return row["amount"] is None or self.arr_per_amount() is None

    # Chances

    def _age(self, deal: Deal, until: date) -> int:
        return max((until - self.q.day(deal.opened_at)).days, 0)

    def _path(self, deal: Deal) -> tuple[list[str | None], str | None]:
        """The state in which the deal ends each day from its opening on (-1 is before day 0), and what closed it."""
        start = self.q.day(deal.opened_at)
        closed = deal.outcome in ("won", "lost")
        length = (self.q.day(deal.closed_at) - start).days if closed else self._age(deal, self.last_day)
        states: list[str | None] = [NONE_RECORDED] * (length + 1)
        for moment, stage in self.stages.get(deal.deal_id, []) if self.by_stage() else []:
            day = max((self.q.day(moment) - start).days, 0)
            if day <= length and not (closed and day >= length):
                states[day:] = [stage] * (length + 1 - day)
        return states, deal.outcome if closed else None

    def _transitions(self) -> tuple[dict[int, Counter[tuple[Any, Any]]], dict[int, Counter[Any]]]:
        moves: dict[int, Counter[tuple[Any, Any]]] = defaultdict(Counter)
        at_risk: dict[int, Counter[Any]] = defaultdict(Counter)
        for deal in self.learned:
            states, end = self._path(deal)
            before: Any = NONE_RECORDED
            for day, state in enumerate(states):
                after = (end,) if end and day == len(states) - 1 else state
                at_risk[day][before] += 1
                moves[day][before, after] += before != after
                before = after
        return moves, at_risk

    def _chances(self, age: int, stage: str | None, days: list[int]) -> list[float]:
        """Chance to be won within so many days after the end of day `age`, from this stage."""
        moves, at_risk = self._transitions_known
        share: dict[Any, float] = defaultdict(float, {stage: 1.0})
        found, reached = [], 0
        for day in days:
            while reached < day:
                reached += 1
                share = _step(share, moves[age + reached], at_risk[age + reached])
            found.append(share[("won",)])
        return found

    def _stage_of(self, deal: Deal) -> str | None:
        known = {stage for own in self.learned for stage in self._path(own)[0]}
        stage = self._path(deal)[0][-1]
        return stage if stage in known else NONE_RECORDED

    def _quarters(self, is_open: list[Deal]) -> list[dict[str, Any]]:
        first = fiscal_quarter(self.q, self.q.day(self.q.as_of))
        stretches = [quarter(first), quarter(shift(first, 3))]
        horizons = [max((after - timedelta(days=1) - self.last_day).days, 0) for _, after in stretches]
        self._transitions_known = self._transitions()
        values, wins = [0.0, 0.0], [0.0, 0.0]
        for deal in is_open:
            if deal.opened_at is None:
                continue
            within = self._chances(self._age(deal, self.last_day), self._stage_of(deal), horizons)
            for place, chance in enumerate([within[0], within[1] - within[0]]):
                wins[place] += chance
                values[place] += chance * float(self.worth(deal) or 0)
        return [
            self._so_far(stretch) | {"open": value, "expected_wins_of_open": expected}
            for stretch, value, expected in zip(stretches, values, wins, strict=True)
        ]

    def _so_far(self, stretch: Stretch) -> dict[str, Any]:
        wins = won(self.data, self.deals, stretch)
        return {
            "quarter": self.q.quarter_label(stretch[0]),
            "start": f"{stretch[0]}",
            "end": f"{stretch[1]}",
            "won_so_far": float(arr(wins)),
            "won_deals_so_far": len(wins),
        }

    def _group(self, deal: Deal) -> tuple[int | None, str | None]:
        """First age of its band, and stage; a deal of unknown opening day has no age."""
        if deal.opened_at is None:
            return None, NONE_RECORDED
        age = self._age(deal, self.last_day)
        return max(low for low, _ in AGES if low <= age), self._stage_of(deal)

    def _groups(self, is_open: list[Deal]) -> dict[tuple[int | None, str | None], dict[str, Any]]:
        found: dict[tuple[int | None, str | None], dict[str, Any]] = defaultdict(
            lambda: {"deals": 0, "arr": Fraction(0)}
        )
        for deal in is_open:
            own = found[self._group(deal)]
            own["deals"] += 1
            own["arr"] += self.worth(deal) or 0
        return {key: own | {"arr": float(own["arr"])} for key, own in found.items()}


def _cents(value: Fraction) -> Fraction:
    return Fraction(round(value * 100), 100)


def _step(share: dict[Any, float], moves: Counter[tuple[Any, Any]], at_risk: Counter[Any]) -> dict[Any, float]:
    after: dict[Any, float] = defaultdict(float, share)
    for (source, target), n in moves.items():
        moved = share.get(source, 0.0) * n / at_risk[source]
        after[source] -= moved
        after[target] += moved
    return after


def _back_test(data: Data) -> dict[str, dict[str, Any]]:
    """By quarter, what was known when it began and what came of it, as known now."""
    q, now = data.question, _Seen(data)
    current, found = fiscal_quarter(q, q.day(q.as_of)), {}
    for back in range(PAST_QUARTERS, 0, -1):
        first = shift(current, -3 * back)
        then = _Seen(as_seen_at(data, q.midnight(first)))
        wins = won(data, now.deals, quarter(first))
        found[q.quarter_label(first)] = {
            "learned_closed": then.learned_closed(),
            "told": not then.too_early(),
            "arr": float(arr(wins)),
            "won_deals": len(wins),
            "last_quarter": then.repeated(shift(first, -3)),
            "year_before": then.repeated(shift(first, -12)),
        }
    return found
