"""What goes with converting? The words, chart lines and table of the associations."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from dashboard import wording
from dashboard.charts.funnel import Gap
from dashboard.domain import Stage
from dashboard.metrics.association import Association
from dashboard.views.funnel import points
from data_access.attributes import OTHERS

NAMES = {
    "industry": "Industry",
    "size": "Employees",
    "country": "Country",
    "account_region": "Region of the account",
    "region": "Region",
    "product_line": "Product line",
    "use_case": "Use case",
    "channel": "Channel",
    "asset_kind": "Kind of first page",
    "tech_stack": "Uses",
    "referral": "Referred",
    "signal": "Signal",
}
BECOME = {
    Stage.MQL: "become MQLs",
    Stage.EQL: "become EQLs",
    Stage.SQL: "become SQLs",
    Stage.OPPORTUNITY: "get a deal",
    Stage.WON: "are won",
}
MOST_DRAWN = 12


def title(each: Association) -> str:
    """A property as people say it: `Industry: Software`, `Signal: demo request`."""
    if each.attribute == "referral":
        return "Referred by a partner"
    coded = each.attribute in ("signal", "channel", "asset_kind", "product_line", "use_case")
    value = wording.label(each.value) if coded else each.value
    return f"{NAMES[each.attribute]}: {value}"


def answer(found: Sequence[Association], stage: Stage, safe: Callable[[object], str] = wording.plain) -> str:
    """What goes with converting, in a sentence; `safe` makes names from the data safe for where it is said."""
    sure = [each for each in found if each.discovered]
    tested = sum(each.p is not None for each in found)
    if not tested:
        return "Too few leads to look for what goes with converting: no property has 20 leads with and 20 without it."
    if not sure:
        return f"None of {wording.count(tested)} properties goes with converting by more than chance could make."
    best = [safe(title(each)) for each in sure if (each.difference.value or 0.0) > 0][:3]
    worst = [safe(title(each)) for each in sure if (each.difference.value or 0.0) < 0][:1]
    parts = [f"leads with {wording.enumeration(best)} {BECOME[stage]} more often"] if best else []
    parts += (
        [f"leads with {worst[0]} less often" if parts else f"leads with {worst[0]} {BECOME[stage]} less often"]
        if worst
        else []
    )
    return (
        f"{wording.count(len(sure))} of {wording.count(tested)} properties go with converting by more than chance: "
        f"{', '.join(parts)}. Association, not effect."
    )


def gaps(found: Sequence[Association]) -> list[Gap]:
    """The largest differences that hold up, as the chart takes them; without any the largest that do not."""
    sure = [each for each in found if each.discovered] or [each for each in found if each.p is not None]
    return [Gap(title(each), each.difference, each.discovered, title(each)) for each in sure[:MOST_DRAWN]]


def links(found: Sequence[Association]) -> dict[str, dict[str, str]]:
    """What the page of leads takes for each property, by its title; not for what it cannot ask for."""
    return {title(each): _link(each) for each in found if each.attribute != "referral" and each.value != OTHERS}


def _link(each: Association) -> dict[str, str]:
    if each.attribute == "signal":
        return {"signal": each.value}
    if each.attribute in ("channel", "asset_kind"):
        return {"group": each.attribute, "value": each.value}
    return {"attribute": each.attribute, "value": each.value}


def table(found: Sequence[Association]) -> dict[str, list[object]]:
    """Every property with and without; rates as numbers in per cent, so that they sort."""
    return {
        "Property": [title(each) for each in found],
        "Leads with": [each.with_.n for each in found],
        "With %": [_per_cent(each.with_.value) for each in found],
        "95 % interval": [wording.interval(each.with_) for each in found],
        "Leads without": [each.without.n for each in found],
        "Without %": [_per_cent(each.without.value) for each in found],
        "95 % interval ": [wording.interval(each.without) for each in found],
        "Difference, pts": [_per_cent(each.difference.value) for each in found],
        "95 % of the difference": [_bounds(each) for each in found],
        "q": [each.q for each in found],
        "More than chance?": ["yes" if each.discovered else _not(each) for each in found],
    }


def _not(each: Association) -> str:
    return "too few to test" if each.p is None else "cannot tell"


def _per_cent(value: float | None) -> float | None:
    return None if value is None else 100 * value


def _bounds(each: Association) -> str:
    if each.difference.low is None:
        return ""
    return f"{points(each.difference.low)} to {points(each.difference.high)}"
