"""How does a test say which numbers a group has? A Summary with everything quiet but what is named."""

from __future__ import annotations

from typing import Any

from dashboard.domain import NOTHING, Stage
from dashboard.metrics.intervals import rate
from dashboard.metrics.maturity import Maturity
from dashboard.metrics.summary import Summary

_COUNTS = [
    "leads",
    "mqls",
    "eqls",
    "sqls",
    "opportunities",
    "won",
    "negative_durations",
    "opportunities_opened",
    "won_deals",
    "lost_deals",
    "open_deals",
    "eqls_in_period",
    "sqls_in_period",
]
_NOT_KNOWN = [
    "median_days_to_close",
    "median_days_to_close_mature",
    "plain_median_days_to_close",
    "sales_velocity",
    "mean_won_amount",
    "average_contract_value",
    "pipeline_per_eql",
    "referring_pages",
    "referring_pages_12_months",
    "pipeline_per_referring_page",
    "programme_cost",
    "cost_per_eql",
    "cost_per_sql",
    "pipeline_multiple",
]


def summary(*, won_of_eqls: tuple[int, int] | None = None, mature: bool | None = True, **numbers: Any) -> Summary:
    """`won_of_eqls` is (won, EQLs) of the cohort; the win rate follows from won and lost deals."""
    values: dict[str, Any] = dict.fromkeys(_COUNTS, 0) | dict.fromkeys(_NOT_KNOWN)
    values |= dict.fromkeys(("arr", "pipeline_created", "open_pipeline"), 0.0)
    values |= {"too_few_eqls": False, "incomplete": False, "eventual_win_rate": {}}
    values["maturity"] = {stage: Maturity(30.0, 0.5, mature) for stage in Stage if stage is not Stage.LEAD}
    values["step_conversion"] = {"eql_to_won": rate(*won_of_eqls)} if won_of_eqls else {}
    values |= numbers
    decided = values["won_deals"] + values["lost_deals"]
    values["win_rate"] = rate(values["won_deals"], decided) if decided else NOTHING
    if won_of_eqls:
        values["eqls"] = won_of_eqls[1]
    return Summary(**values)
