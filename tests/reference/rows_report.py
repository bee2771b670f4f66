"""What does the JSON report say, computed from rows by the contract's text alone?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction
from itertools import pairwise
from zoneinfo import ZoneInfo

from sqlalchemy import Engine

from tests.reference.counted import STAGES, Counted, Deal, Lead, count_rows, read_tables
from tests.reference.curves import eventual_win_rate, median_days, percentile, speed_ratio, wilson
from tests.reference.health import data_health
from tests.reference.money import ratio
from tests.reference.question import Question
from tests.reference.ranking import METRIC, outer_groups, rank_descending, reasons_against
from tests.reference.shrinkage import Pool, pool_win_rates

GATE = 5
FEW_EQLS = 50
QUARTER_DAYS = Fraction("91.25")
COUNT_KEYS = {"mql": "mqls", "eql": "eqls", "sql": "sqls", "opportunity": "opportunities", "won": "won"}
FEWEST_FOR_MATURITY = 20


def rows_report(
    engine: Engine,
    start: datetime,
    end: datetime,
    as_of: datetime,
    *,
    label: str,
    time_zone: str = "UTC",
    currency: str = "USD",
    fiscal_year_start: int = 1,
    overhead: str = "by_eqls",
) -> dict:
    """The report's keys and nesting; money in `currency` as floats, days in `time_zone`, moments as ISO 8601."""
    question = Question(start, end, as_of, label, ZoneInfo(time_zone), currency, fiscal_year_start, overhead)
    return _plain(_Report(question, count_rows(read_tables(engine), question)).whole())


@dataclass(frozen=True)
class _Group:
    """Leads and deals of one object of the report, and what it cost; None where no cost can be named."""

    leads: list[Lead]
    deals: list[Deal]
    cost: Fraction | None
    partner_ids: frozenset[str] | None  # whose pages are counted; None where pages make no sense


class _Report:
    def __init__(self, question: Question, counted: Counted) -> None:
        self.q = question
        self.counted = counted
        self.partners = sorted(counted.tables["partner"], key=lambda row: row["partner_id"])
        self.asset_owner = {row["asset_id"]: row["partner_id"] for row in counted.tables["asset"]}
        self.stages = [stage for stage in STAGES if any(stage in lead.reached for lead in counted.leads)]
        self.p90 = {stage: self._p90_days(stage) for stage in STAGES[1:]}
        self.costs = [(row, self._cost_in_period(row)) for row in counted.tables["cost"]]
        self.overhead = self._cost(lambda row: row["partner_id"] is None and row["channel"] is None)
        self.direct = {
            partner["partner_id"]: self._cost(lambda row, key=partner["partner_id"]: row["partner_id"] == key)
            for partner in self.partners
        }
        self.overhead_share = self._spread_overhead()

    # The whole report

    def whole(self) -> dict:
        counts = {key: self._closed(self._deals_of(key)) for key in self._partner_ids()}
        pool = pool_win_rates([(won, won + lost) for won, lost in counts.values() if won + lost])
        partners = [self._partner(row, pool) for row in self.partners]
        ranking = self._rank(partners)
        return {
            "as_of": self.q.as_of.isoformat(),
            "time_zone": str(self.q.zone),
            "currency": self.q.currency,
            "period": {"label": self.q.label, "start": self.q.start.isoformat(), "end": self.q.end.isoformat()},
            **{name: self._numbers(group) for name, group in self._top_groups().items()},
            "partners": partners,
            "channels": [self._channel(channel) for channel in self._channel_names()],
            "ranking": ranking,
            "prior": _prior(pool, sum(won + lost > 0 for won, lost in counts.values())),
            "stages_present": self.stages,
            "data_health": data_health(self.q, self.counted),
        }

    def _top_groups(self) -> dict[str, _Group]:
        leads, deals = self.counted.leads, self.counted.deals
        everyone = frozenset(self._partner_ids())
        programme = sum(self.direct.values(), self.overhead)
        sourced = [deal for deal in deals if deal.lead and deal.lead.row["partner_id"] is not None]
        others = [deal for deal in deals if deal.lead and deal.lead.row["partner_id"] is None]
        return {
            "totals": _Group(leads, deals, programme, everyone),
            "partner_sourced": _Group(
                [lead for lead in leads if lead.row["partner_id"] is not None], sourced, programme, everyone
            ),
            "not_partner_sourced": _Group(
                [lead for lead in leads if lead.row["partner_id"] is None], others, Fraction(0), frozenset()
            ),
            "unattributed": _Group([], [deal for deal in deals if deal.lead is None], Fraction(0), frozenset()),
        }

    def _partner_ids(self) -> list[str]:
        return [row["partner_id"] for row in self.partners]

    def _leads_of(self, partner_id: str) -> list[Lead]:
        return [lead for lead in self.counted.leads if lead.row["partner_id"] == partner_id]

    def _deals_of(self, partner_id: str) -> list[Deal]:
        return [deal for deal in self.counted.deals if deal.lead and deal.lead.row["partner_id"] == partner_id]

    # Numbers that every object has

    def _numbers(self, group: _Group) -> dict:
        cohort = [lead for lead in group.leads if self.q.in_period(lead.row["created_at"])]
        numbers = self._cohort_counts(cohort) | self._rates_and_days(group.deals)
        numbers |= self._money(group.deals, numbers)
        eqls = [lead for lead in cohort if "eql" in lead.reached]
        from_eqls = sum((deal.pipeline or 0 for lead in eqls for deal in lead.deals), Fraction(0))
        numbers["pipeline_per_eql"] = ratio(from_eqls, len(eqls))
        if group.partner_ids is not None:
            numbers |= self._pages(group)
        numbers |= self._costs_per(group, numbers["pipeline_created"])
        numbers["maturity"] = {stage: self._maturity(cohort, stage) for stage in STAGES[1:]}
        numbers["too_few_eqls"] = numbers["eqls_in_period"] < FEW_EQLS
        return numbers

    def _cohort_counts(self, cohort: list[Lead]) -> dict:
        counts = {key: sum(stage in lead.reached for lead in cohort) for stage, key in COUNT_KEYS.items()}
        pairs = [*pairwise(self.stages), ("eql", "won"), ("lead", "won")]
        conversions = {}
        for first, second in pairs:
            if first in self.stages and second in self.stages:
                base = [lead for lead in cohort if first in lead.reached]
                both = sum(second in lead.reached for lead in base)
                conversions[f"{first}_to_{second}"] = wilson(both, len(base))
        return {"leads": len(cohort), **counts, "step_conversion": conversions}

    def _rates_and_days(self, deals: list[Deal]) -> dict:
        won, lost = self._closed(deals)
        since = self.q.months_before(self.q.end, 24)
        recent = [deal for deal in deals if deal.days is not None and since <= deal.opened_at < self.q.end]
        curve = [deal for deal in recent if deal.days >= 0]
        cases = [(deal.days, deal.outcome) for deal in curve]
        eql = [(deal.days, deal.outcome) for deal in curve if deal.lead and _was_eql_before(deal)]
        other = [(deal.days, deal.outcome) for deal in curve if deal.lead and not _was_eql_before(deal)]
        return {
            "win_rate": wilson(won, won + lost),
            "eventual_win_rate": {str(day): eventual_win_rate(cases, day) for day in (90, 180, 365)},
            "median_days_to_close": median_days(cases),
            "plain_median_days_to_close": percentile([d for d, outcome in cases if outcome == "won"], Fraction(1, 2)),
            "negative_durations": len(recent) - len(curve),
            "speed_ratio": speed_ratio(eql, other),
        }

    def _closed(self, deals: Iterable[Deal]) -> tuple[int, int]:
        outcomes = [
            deal.outcome for deal in deals if deal.outcome in ("won", "lost") and self.q.in_period(deal.closed_at)
        ]
        return outcomes.count("won"), outcomes.count("lost")

    def _money(self, deals: list[Deal], numbers: dict) -> dict:
        won, lost = self._closed(deals)
        opened = [deal for deal in deals if self.q.in_period(deal.opened_at)]
        closed_won = [deal for deal in deals if deal.outcome == "won" and self.q.in_period(deal.closed_at)]
        amounts = [deal.won_amount for deal in closed_won if deal.won_amount is not None]
        arrs = [deal.won_arr for deal in closed_won if deal.won_arr is not None]
        mean_amount = ratio(sum(amounts, Fraction(0)), len(amounts))
        velocity = None
        if won + lost and mean_amount is not None:
            gain = len(opened) * Fraction(won, won + lost) * mean_amount
            velocity = ratio(gain, numbers["median_days_to_close"])
        return {
            "opportunities_opened": len(opened),
            "won_deals": won,
            "lost_deals": lost,
            "open_deals": sum(deal.outcome == "open" for deal in deals),
            "sales_velocity": None if velocity is None else velocity * QUARTER_DAYS / self.q.days_of_period(),
            "mean_won_amount": mean_amount,
            "arr": sum(arrs, Fraction(0)),
            "average_contract_value": ratio(sum(arrs, Fraction(0)), len(arrs)),
            "pipeline_created": sum((deal.pipeline or 0 for deal in opened), Fraction(0)),
            "open_pipeline": sum((deal.pipeline or 0 for deal in deals if deal.outcome == "open"), Fraction(0)),
        }

    def _pages(self, group: _Group) -> dict:
        pages = self._referring_pages(group, self.q.start)
        pages_of_year = self._referring_pages(group, self.q.months_before(self.q.end, 12))
        sourced = [deal for deal in group.deals if deal.lead and deal.lead.row["partner_id"] in group.partner_ids]
        pipeline = sum((deal.pipeline or 0 for deal in sourced if self.q.in_period(deal.opened_at)), Fraction(0))
        return {"referring_pages": len(pages), METRIC: ratio(pipeline, len(pages_of_year))}

    def _referring_pages(self, group: _Group, since: datetime) -> set[str]:
        """Assets that were the first asset of a live lead of the partner that owns them."""
        return {
            lead.row["first_asset_id"]
            for lead in group.leads
            if lead.row["first_asset_id"] is not None
            and lead.row["partner_id"] in group.partner_ids
            and self.asset_owner[lead.row["first_asset_id"]] == lead.row["partner_id"]
            and since <= lead.row["created_at"] < self.q.end
        }

    def _costs_per(self, group: _Group, pipeline: Fraction) -> dict:
        eqls = self._reached_in_period(group.leads, "eql")
        sqls = self._reached_in_period(group.leads, "sql")
        return {
            "eqls_in_period": eqls,
            "sqls_in_period": sqls,
            "programme_cost": group.cost,
            "cost_per_eql": ratio(group.cost, eqls),
            "cost_per_sql": ratio(group.cost, sqls),
            "pipeline_multiple": ratio(pipeline, group.cost),
        }

    def _reached_in_period(self, leads: Iterable[Lead], stage: str) -> int:
        return sum(stage in lead.reached and self.q.in_period(lead.reached[stage]) for lead in leads)

    # Maturity

    def _p90_days(self, stage: str) -> Fraction | None:
        since = self.q.months_before(self.q.as_of, 12)
        days = []
        for lead in self.counted.leads:
            moment = lead.reached.get(stage)
            if moment is not None and moment >= since and self.q.day(moment) >= lead.created_day:
                days.append((self.q.day(moment) - lead.created_day).days)
        return percentile(days, Fraction(9, 10)) if len(days) >= FEWEST_FOR_MATURITY else None

    def _maturity(self, cohort: list[Lead], stage: str) -> dict:
        p90 = self.p90[stage]
        if p90 is None or not cohort:
            return {"p90_days": p90, "older": None, "mature": None}
        today = self.q.day(self.q.as_of)
        older = Fraction(sum((today - lead.created_day).days > p90 for lead in cohort), len(cohort))
        return {"p90_days": p90, "older": older, "mature": older >= Fraction(9, 10)}

    # Costs

    def _cost_in_period(self, row: Mapping) -> Fraction:
        """The share of a cost whose days lie in the period and not after the instant; 0 where unconverted."""
        value = self.counted.rates.convert(row["amount"], row["currency"], row["period_start"])
        if value is None:
            return Fraction(0)
        first = max(row["period_start"], self.q.day(self.q.start))
        last = min(row["period_end"], self.q.day(self.q.end) - timedelta(days=1), self.q.day(self.q.as_of))
        return value * max((last - first).days + 1, 0) / ((row["period_end"] - row["period_start"]).days + 1)

    def _cost(self, belongs) -> Fraction:
        return sum((value for row, value in self.costs if belongs(row)), Fraction(0))

    def _spread_overhead(self) -> dict[str, Fraction]:
        weights = dict.fromkeys(self._partner_ids(), 0)
        if self.q.overhead == "by_eqls":
            weights = {key: self._reached_in_period(self._leads_of(key), "eql") for key in weights}
        if self.q.overhead == "equally":
            weights = {row["partner_id"]: int(self._takes_equal_share(row)) for row in self.partners}
        total = sum(weights.values())
        return {key: self.overhead * weight / total if total else Fraction(0) for key, weight in weights.items()}

    def _takes_equal_share(self, partner: Mapping) -> bool:
        joined: date | None = partner["joined_on"]
        return partner["status"] == "active" and joined is not None and joined < self.q.day(self.q.end)

    # Partners, ranking, channels

    def _partner(self, row: Mapping, pool: Pool | None) -> dict:
        key = row["partner_id"]
        direct, overhead = self.direct[key], self.overhead_share[key]
        group = _Group(self._leads_of(key), self._deals_of(key), direct + overhead, frozenset([key]))
        numbers = self._numbers(group)
        closed = numbers["won_deals"] + numbers["lost_deals"]
        # Too few partners to learn from: the rate stays as it is, unshrunken.
        shrunken = pool.estimate(numbers["won_deals"], closed) if pool and closed else numbers["win_rate"]
        return {
            "partner_id": key,
            "name": row["name"],
            **numbers,
            "shrunken_win_rate": shrunken,
            "direct_cost": direct,
            "overhead_cost": overhead,
            "gate": self._gate(row["joined_on"], numbers["pipeline_multiple"]),
        }

    def _gate(self, joined: date | None, multiple: Fraction | None) -> dict:
        if joined is None:
            return {"first_full_quarter": None, "applies": False, "verdict": None}
        first_day = self.q.first_full_quarter(joined)
        applies = self.q.is_quarter(first_day)
        verdict = None
        if applies and self.q.as_of >= self.q.end and multiple is not None:
            verdict = "continue" if multiple >= GATE else "pause or pivot"
        return {"first_full_quarter": self.q.quarter_label(first_day), "applies": applies, "verdict": verdict}

    def _rank(self, partners: list[dict]) -> dict:
        first_day = self.q.day(self.q.start)
        values = {}
        for row, partner in zip(self.partners, partners, strict=True):
            partner["reasons"] = reasons_against(row, first_day, partner[METRIC])
            partner["eligible"] = not partner["reasons"]
            if partner["eligible"]:
                values[partner["partner_id"]] = partner[METRIC]
        ranks, (size, top, bottom) = rank_descending(values), outer_groups(values)
        for partner in partners:
            key = partner["partner_id"]
            partner["rank"] = ranks.get(key)
            inner = "top" if key in top else "bottom" if key in bottom else "middle"
            partner["group"] = inner if partner["eligible"] else None
        return {"metric": METRIC, "eligible": len(values), "group_size": size, "top": top, "bottom": bottom}

    def _channel_names(self) -> list[str | None]:
        names = {lead.row["channel"] for lead in self.counted.leads}
        names |= {deal.lead.row["channel"] for deal in self.counted.deals if deal.lead}
        names |= {row["channel"] for row, _ in self.costs if row["channel"] is not None}
        return sorted(names, key=lambda name: (name is None, name or ""))

    def _channel(self, channel: str | None) -> dict:
        leads = [lead for lead in self.counted.leads if lead.row["channel"] == channel]
        deals = [deal for deal in self.counted.deals if deal.lead and deal.lead.row["channel"] == channel]
        named = channel is not None and any(row["channel"] == channel for row, _ in self.costs)
        cost = self._cost(lambda row: row["channel"] == channel) if named else None
        return {"channel": channel, **self._numbers(_Group(leads, deals, cost, None))}


def _was_eql_before(deal: Deal) -> bool:
    eql_at = deal.lead.row["eql_at"]
    return eql_at is not None and eql_at < deal.opened_at


def _prior(pool: Pool | None, partners: int) -> dict:
    alpha, beta = pool.typical() if pool else (None, None)
    return {"alpha": alpha, "beta": beta, "partners": partners, "boundary": None}


def _plain(value):
    """Fractions as floats, all the way down."""
    if isinstance(value, Fraction):
        return float(value)
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value
