"""What do the weeks, months and quarters look like, once the cells of the chosen partners are added up?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Self

import polars as pl

from dashboard.metrics.survival import percentile
from dashboard.period import Period

COUNTS = ("sessions", "leads", "eqls", "sqls", "won")


@dataclass(frozen=True, slots=True)
class TrendCells:
    """What `read_trend` reads. In `leads` and `money` each row belongs to a `week` (Monday) or a `month`, never both.

    `leads`: sessions, leads, eqls, sqls. `money`: won, arr_cents, opened_cents, left_cents; a bucket before the first
    one holds the stock from before it. By month: `arr`, `cohorts` (eqls, won), `closings` (days, deals), `costs`.
    """

    leads: pl.DataFrame
    money: pl.DataFrame
    arr: pl.DataFrame
    cohorts: pl.DataFrame
    closings: pl.DataFrame
    costs: pl.DataFrame

    def where(self, condition: pl.Expr) -> Self:
        """The cells for which `condition` on partner_id and channel holds; costs are no matter of channels and stay."""
        cut = {name: getattr(self, name).filter(condition) for name in ("money", "arr", "cohorts", "closings", "leads")}
        return replace(self, **cut)


def bucket_starts(first: date, end: date, weekly: bool) -> list[date]:
    """The Mondays, or the firsts of the months, of the buckets from `first` (one of them) to before `end`."""
    starts = [first]
    while True:
        last = starts[-1]
        following = last + timedelta(days=7) if weekly else (last.replace(day=1) + timedelta(days=32)).replace(day=1)
        if following >= end:
            return starts
        starts.append(following)


def trend(cells: TrendCells, starts: Sequence[date], bucket: str) -> pl.DataFrame:
    """One row a bucket (`week` or `month`), empty ones included.

    Columns: the bucket's first day, sessions, leads, eqls, sqls, won, and in the reporting currency arr,
    pipeline_created and open_pipeline (what was open at the bucket's end).
    """
    leads, money = (_summed(frame, bucket) for frame in (cells.leads, cells.money))
    stock = money.filter(pl.col(bucket) < starts[0])
    begin = int(stock["opened_cents"].sum()) - int(stock["left_cents"].sum())
    return (
        pl.DataFrame({bucket: starts}, schema={bucket: pl.Date})
        .join(leads, on=bucket, how="left", maintain_order="left")
        .join(money, on=bucket, how="left", maintain_order="left")
        .with_columns(pl.exclude(bucket).fill_null(0))
        .select(
            bucket,
            *COUNTS,
            arr=pl.col("arr_cents") / 100,
            pipeline_created=pl.col("opened_cents") / 100,
            open_pipeline=(begin + (pl.col("opened_cents") - pl.col("left_cents")).cum_sum()) / 100,
        )
    )


def partner_pipeline(cells: TrendCells, starts: Sequence[date], partners: Sequence[str]) -> dict[str, pl.DataFrame]:
    """Pipeline created a week by each of the partners: columns week, pipeline_created; weeks without any hold 0."""
    opened = cells.money.filter(pl.col("week").is_in(starts))
    parts = (
        pl.DataFrame({"partner_id": partners}, schema={"partner_id": pl.String})
        .join(pl.DataFrame({"week": starts}, schema={"week": pl.Date}), how="cross")
        .join(
            opened.group_by("partner_id", "week").agg(pipeline_created=pl.col("opened_cents").sum() / 100),
            on=["partner_id", "week"],
            how="left",
            maintain_order="left",
        )
        .with_columns(pl.col("pipeline_created").fill_null(0))
    )
    by_partner = parts.partition_by("partner_id", as_dict=True)
    return {str(partner): part.drop("partner_id") for (partner,), part in by_partner.items()}


def _summed(frame: pl.DataFrame, bucket: str) -> pl.DataFrame:
    return frame.filter(pl.col(bucket).is_not_null()).group_by(bucket).agg(pl.col(frame.columns[4:]).sum())


def monthly_rates(months: pl.DataFrame, cells: TrendCells, cost: Mapping[date, float]) -> pl.DataFrame:
    """Adds to a monthly trend what needs a quotient: eql_to_won, median_days, cost, cost_per_eql, pipeline_multiple.

    `eql_to_won` is by the month in which the leads were created, `median_days` the plain median of the deals won in
    the month; null where there is nothing to divide by.
    """
    won = cells.cohorts.group_by("month").agg(pl.col("eqls", "won").sum())
    rates = {month: won / eqls for month, eqls, won in won.iter_rows() if eqls}
    closings = cells.closings.sort("days").partition_by("month", as_dict=True, maintain_order=True)
    medians = {
        month: percentile(part["days"].to_numpy(), part["deals"].to_numpy(), 0.5) for (month,), part in closings.items()
    }
    return months.with_columns(
        eql_to_won=pl.Series([rates.get(month) for month in months["month"]], dtype=pl.Float64),
        median_days=pl.Series([medians.get(month) for month in months["month"]], dtype=pl.Float64),
        cost=pl.Series([cost.get(month, 0.0) for month in months["month"]], dtype=pl.Float64),
    ).with_columns(
        cost_per_eql=pl.when(pl.col("eqls") > 0).then(pl.col("cost") / pl.col("eqls")),
        pipeline_multiple=pl.when(pl.col("cost") != 0).then(pl.col("pipeline_created") / pl.col("cost")),
    )


def quarterly_arr(arr: pl.DataFrame, tiers: Mapping[str, str | None], quarters: Sequence[Period]) -> pl.DataFrame:
    """ARR by quarter and partner tier (columns quarter_label, quarter_start, tier, arr) from cells by month."""
    rows = []
    for quarter in quarters:
        own = arr.filter((pl.col("month") >= quarter.start.date()) & (pl.col("month") < quarter.end.date()))
        by_partner = own.group_by("partner_id").agg(pl.col("arr_cents").sum())
        sums: dict[str | None, int] = dict.fromkeys(tiers.values(), 0)
        for partner, cents in by_partner.iter_rows():
            sums[tiers.get(partner)] = sums.get(tiers.get(partner), 0) + cents
        rows += [(quarter.label, quarter.start.date(), tier, cents / 100) for tier, cents in sums.items()]
    schema = {"quarter_label": pl.String, "quarter_start": pl.Date, "tier": pl.String, "arr": pl.Float64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def target_of(targets: pl.DataFrame, metric: str, quarter: Period, partners: frozenset[str] | None) -> float | None:
    """The goal for a quarter: the programme's own, or for chosen partners the sum of theirs where each has one.

    Goals for months within the quarter are added up where there is none for the quarter as a whole.
    """
    first, last = quarter.start.date(), quarter.end.date() - timedelta(days=1)
    of_metric = targets.filter(pl.col("metric") == metric)
    scope = (
        of_metric.filter(pl.col("partner_id").is_null())
        if partners is None
        else of_metric.filter(pl.col("partner_id").is_in(list(partners)))
    )
    whole = scope.filter((pl.col("period_start") == first) & (pl.col("period_end") == last))
    if whole.is_empty():
        whole = scope.filter((pl.col("period_start") >= first) & (pl.col("period_end") <= last))
    if whole.is_empty() or (partners is not None and set(whole["partner_id"]) != set(partners)):
        return None
    return float(whole["value"].sum())
