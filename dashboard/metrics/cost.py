"""What did each partner cost, with its share of the overhead?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from dashboard.settings import Overhead


@dataclass(frozen=True, slots=True)
class ProgrammeCost:
    """Costs of a period in the reporting currency.

    `direct` and `overhead` by partner; `total` is all direct cost and all overhead, `unspread` the part of the
    overhead that no partner bears; `channels` holds the cost rows that name a channel, for those channels only.
    """

    direct: Mapping[str, float]
    overhead: Mapping[str, float]
    channels: Mapping[str, float]
    total: float
    unspread: float
    unconverted_partners: frozenset[str]
    unconverted_channels: frozenset[str]
    unconverted: bool

    def of_partner(self, partner_id: str) -> float:
        """Direct cost plus share of the overhead."""
        return self.direct.get(partner_id, 0.0) + self.overhead.get(partner_id, 0.0)


def overhead_shares(
    how: Overhead, eqls: Mapping[str, int], sharing: Sequence[str], partners: Sequence[str]
) -> dict[str, float]:
    """Each partner's share of the overhead: by its EQLs in the period, equally among `sharing`, or none at all.

    Shares sum to 1, or to 0 where nobody can bear it.
    """
    if how is Overhead.EQUALLY and sharing:
        bearing = set(sharing)
        return {partner: 1 / len(bearing) if partner in bearing else 0.0 for partner in partners}
    total = sum(eqls.get(partner, 0) for partner in partners)
    if how is Overhead.BY_EQLS and total:
        return {partner: eqls.get(partner, 0) / total for partner in partners}
    return dict.fromkeys(partners, 0.0)


def programme_cost(costs: pl.DataFrame, shares: Mapping[str, float]) -> ProgrammeCost:
    """From cells partner_id, channel, cost, unconverted (as `cost_cells` reads them) and the overhead shares.

    A cost with a channel and no partner belongs to that channel and is no programme cost.
    """
    direct = _summed(costs.filter(pl.col("partner_id").is_not_null()), "partner_id")
    pool = costs.filter(pl.col("partner_id").is_null() & pl.col("channel").is_null())
    overhead = float(pool["cost"].sum())
    spread = {partner: overhead * share for partner, share in shares.items()}
    lacking = costs.filter(pl.col("unconverted") > 0)
    programme = lacking.filter(pl.col("partner_id").is_not_null() | pl.col("channel").is_null())
    return ProgrammeCost(
        direct,
        spread,
        _summed(costs.filter(pl.col("channel").is_not_null()), "channel"),
        sum(direct.values()) + overhead,
        0.0 if any(shares.values()) else overhead,
        frozenset(lacking["partner_id"].drop_nulls().to_list()),
        frozenset(lacking["channel"].drop_nulls().to_list()),
        programme.height > 0,
    )


def _summed(costs: pl.DataFrame, key: str) -> dict[str, float]:
    return {str(name): float(cost) for name, cost in costs.group_by(key).agg(pl.col("cost").sum()).iter_rows()}
