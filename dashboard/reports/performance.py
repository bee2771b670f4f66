"""The numbers of a period as one document: the same results that the pages show, under the names of the glossary."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any

import polars as pl

from dashboard.domain import Estimate
from dashboard.metrics.cells import Cells, Reading
from dashboard.metrics.performance import HAS_PARTNER, RANKING_METRIC, PartnerPerformance, Performance
from dashboard.metrics.ranking import Group
from dashboard.metrics.speed import SpeedRatio, speed_ratio
from dashboard.metrics.summary import Summary
from data_access.health import Oddities

# A channel has no pages of its own.
PAGE_KEYS = ("referring_pages", "referring_pages_12_months", "pipeline_per_referring_page")


def as_document(result: Performance, reading: Reading, odd: Oddities) -> dict[str, Any]:
    """Groups, partners, channels, ranking and the state of the data; a value without a basis is None."""
    window = result.window
    speeds = _speeds(reading.cells)
    return {
        "as_of": window.as_of.isoformat(),
        "time_zone": window.zone,
        "currency": window.currency,
        "period": {
            "label": window.period.label,
            "start": window.period.start.isoformat(),
            "end": window.period.end.isoformat(),
        },
        "totals": _group(result.totals, speeds["totals"]) | {"overhead_unspread": result.cost.unspread},
        "partner_sourced": _group(result.partner_sourced, speeds["partner_sourced"]),
        "not_partner_sourced": _group(result.not_partner_sourced, speeds["not_partner_sourced"]),
        "unattributed": _group(result.unattributed, speeds["unattributed"]),
        "partners": [_partner(p, speeds["partners"]) for p in result.partners],
        "channels": [
            {"channel": c.channel}
            | {
                key: value
                for key, value in _group(c.summary, _speed_of(speeds["channels"], c.channel)).items()
                if key not in PAGE_KEYS
            }
            for c in result.channels
        ],
        "ranking": {
            "metric": RANKING_METRIC,
            "eligible": result.ranking.eligible,
            "group_size": result.ranking.group_size,
            "top": result.ranking.members(Group.TOP),
            "bottom": result.ranking.members(Group.BOTTOM),
        },
        "prior": asdict(result.prior),
        "stages_present": [stage.value for stage in result.stages_present],
        "data_health": {
            "leads_after_as_of": odd.leads_after_as_of,
            "test_leads": odd.test_leads,
            "deleted_leads": odd.deleted_leads,
            "merged_leads": odd.merged_leads,
            "unattributed_deals": len(odd.deals["unattributed_deals"]),
            "unconverted_deals": list(odd.deals["unconverted_deals"]),
            "unconverted_costs": list(odd.unconverted_costs),
            "closed_without_date": list(odd.deals["closed_without_date"]),
            "negative_durations": list(odd.deals["negative_durations"]),
            "closed_before_lead": list(odd.deals["closed_before_lead"]),
        },
    }


NO_DEALS = SpeedRatio(None, None, None, 0, 0, 0, None, None, 0)


def _speed_of(speeds: Mapping[str | None, SpeedRatio], name: str | None) -> SpeedRatio:
    return speeds.get(name, NO_DEALS)


def _speeds(cells: Cells) -> dict[str, Any]:
    """Speed ratios of all groups: bootstrapped, hence computed only where a document asks for them."""
    return {
        "totals": speed_ratio(cells.curve),
        "partner_sourced": speed_ratio(cells.where(HAS_PARTNER).curve),
        "not_partner_sourced": speed_ratio(cells.where(~HAS_PARTNER).curve),
        "unattributed": speed_ratio(cells.where(pl.lit(True), unattributed=True).curve),
        "partners": {name: speed_ratio(part.curve) for name, part in cells.by("partner_id").items()},
        "channels": {name: speed_ratio(part.curve) for name, part in cells.by("channel").items()},
    }


def _group(summary: Summary, speed: SpeedRatio) -> dict[str, Any]:
    document = {field.name: _plain(getattr(summary, field.name)) for field in fields(summary)}
    document["speed_ratio"] = asdict(speed)
    return document


def _plain(value: Any) -> Any:
    """Results as JSON has them; keys become text."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, Estimate) or hasattr(value, "__dataclass_fields__"):
        return asdict(value)
    return value


def _partner(result: PartnerPerformance, speeds: Mapping[str | None, SpeedRatio]) -> dict[str, Any]:
    partner = result.partner
    return (
        {"partner_id": partner.partner_id, "name": partner.name}
        | _group(result.summary, _speed_of(speeds, partner.partner_id))
        | {
            "shrunken_win_rate": asdict(result.shrunken_win_rate),
            "direct_cost": result.direct_cost,
            "overhead_cost": result.overhead_cost,
            "gate": asdict(result.gate),
            "eligible": not result.place.reasons,
            "reasons": list(result.place.reasons),
            "rank": result.place.rank,
            "group": result.place.group,
        }
    )
