"""What does the tab "Content" say? Sentences and rows from the numbers, by plain rules; nothing is drawn here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from math import log
from typing import Any

import polars as pl

from dashboard import wording
from dashboard.charts import theme
from dashboard.charts.content import Row, Share
from dashboard.domain import Estimate
from dashboard.metrics.content import UNKNOWN, Brought, Content, Line, Silent
from dashboard.metrics.intervals import combined

REFERENCE_NEW = 0.60
# A silence less likely than this is worth a look.
UNLIKELY = 0.05


class By(StrEnum):
    """Into which groups assets are put."""

    ORIGIN = "origin"
    KIND = "kind"
    AGE = "age"


TITLES = {By.ORIGIN: "New or syndicated", By.KIND: "Kind", By.AGE: "Age"}
QUESTIONS = {
    By.ORIGIN: "Does new content bring more than syndicated?",
    By.KIND: "Which kind of asset brings EQLs?",
    By.AGE: "Do assets wear out with age?",
}
NO_FLAGS = "The data carry no mark for AI snippets or citable benchmarks, so these are not told apart."
IGNORED = "Channels are not looked at here: an asset's leads count whatever their channel."


def lines_of(found: Content, by: By) -> list[Line]:
    """The lines of a grouping that hold something; the largest kinds first."""
    lines = {By.ORIGIN: found.origin, By.KIND: found.kinds, By.AGE: found.ages}[by]
    held = [line for line in lines if line.assets or line.brought.leads or line.brought.eqls_in_period]
    return sorted(held, key=lambda line: -line.assets) if by is By.KIND else list(held)


def name_of(line: Line, by: By) -> str:
    """What people call a line."""
    if line.key == UNKNOWN:
        return "Age unknown" if by is By.AGE else "Origin unknown"
    return f"{line.key.replace('-', '–')} months" if by is By.AGE else wording.label(line.key)


def answer(found: Content, name: str) -> str:
    """New against syndicated in one sentence."""
    total = found.total
    if not total.assets:
        return f"No asset was out in {name}."
    if not total.live_eqls:
        leads = f"{wording.several(total.assets, 'asset')} brought {wording.several(total.brought.leads, 'lead')}"
        return f"{leads} and {wording.several(total.brought.won_deals, 'won deal')} in {name}, but no EQL."
    brought = f"{wording.several(total.assets, 'asset')} brought {wording.several(total.live_eqls, 'EQL')} in {name}"
    own = {line.key: line for line in found.origin}
    new, syndicated = own["new"], own["syndicated"]
    if not new.assets or not syndicated.assets:
        return f"{brought}; {_only(new, syndicated)}."
    return f"{brought}; {_against(new.expected_eqls_per_asset_quarter, syndicated.expected_eqls_per_asset_quarter)}."


def _only(new: Line, syndicated: Line) -> str:
    if not new.assets and not syndicated.assets:
        return "which of them are new and which syndicated is not known"
    return f"all of known origin are {'new' if new.assets else 'syndicated'}"


def _against(new: Estimate, syndicated: Estimate) -> str:
    if None in (new.value, new.low, new.high, syndicated.value, syndicated.low, syndicated.high):
        return "no EQL came through any of them"
    each, other = (f"{number(own.value)} ({between(own)})" for own in (new, syndicated))
    unit = "EQLs per asset and quarter"
    logs = [(log(own.value or 1), (log(own.low or 1), log(own.high or 1))) for own in (new, syndicated)]
    _, low, high = combined(*logs[0], *logs[1])
    if low > 0:
        return f"new content brings more than syndicated: {each} against {other} {unit}"
    if high < 0:
        return f"syndicated content brings more than new: {other} against {each} {unit}"
    return f"new content brings about as much as syndicated: {each} against {other} {unit}"


def second(found: Content, currency: str) -> str:
    """What is due, what is silent, and what content cost."""
    parts = [_due(found), silent_sentence(found), _cost(found, currency)]
    return " ".join(part for part in parts if part)


def _due(found: Content) -> str:
    if not found.due.live:
        return ""
    if found.due.unknown_date == found.due.live:
        return "Which live assets are due for a refresh is not known."
    share = f"{wording.count(found.due.assets.height)} of {wording.several(found.due.live, 'live asset')}"
    unknown = f" ({wording.count(found.due.unknown_date)} without a known day)" if found.due.unknown_date else ""
    return f"{share} {'is' if found.due.assets.height == 1 else 'are'} due for a refresh{unknown}."


def silent_sentence(found: Content) -> str:
    """How many assets are silent, beside how many chance alone would leave so."""
    if found.silent is None or not found.silent.judged:
        return ""
    silent = found.silent
    few = silent.assets.height
    fallen = silent.assets.filter(pl.col("p_silence_given_past") < UNLIKELY).height
    tail = (
        f"; {wording.count(fallen)} of them brought so many before that chance hardly explains it"
        if fallen
        else "; no single silence is beyond chance"
    )
    return (
        f"{wording.count(few)} of {wording.several(silent.judged, 'asset')} at least 90 days old brought no EQL, "
        f"where chance alone would leave about {wording.count(round(silent.expected))} without{tail if few else ''}."
    )


def _cost(found: Content, currency: str) -> str:
    each = found.content_cost_per_eql
    if found.content_cost is None:
        return "No content cost is known."
    if each.value is None:
        return f"Content cost {wording.money(found.content_cost, currency)}."
    between = wording.money_interval(each, currency)
    return f"Content cost {wording.money(each.value, currency)} per EQL ({between})."


def number(value: float | None) -> str:
    """A rate of events: `1.4`, `0.08`; "–" where there is none."""
    if value is None:
        return wording.NOTHING
    return f"{value:.1f}" if value >= 1 else f"{value:.2f}"


def between(estimate: Estimate) -> str:
    """The bounds of such a rate: `0.9–2.4`."""
    if estimate.low is None or estimate.high is None:
        return ""
    return f"{number(estimate.low)}–{number(estimate.high)}"


def rows(lines: Sequence[Line], by: By) -> list[Row]:
    """The lines of the chart; groups without a live asset or without any EQL anywhere are left out."""
    return [
        Row(
            name_of(line, by),
            f"{wording.several(line.assets, 'asset')}, {wording.several(line.live_eqls, 'EQL')}",
            line.eqls_per_asset_quarter,
            line.expected_eqls_per_asset_quarter,
            number(line.expected_eqls_per_asset_quarter.value),
            f"<b>{theme.name(name_of(line, by), 40)}</b><br>observed: {number(line.eqls_per_asset_quarter)}"
            f"<br>expected: {number(line.expected_eqls_per_asset_quarter.value)} "
            f"({between(line.expected_eqls_per_asset_quarter)}, 95 %)",
        )
        for line in lines
        if line.assets and line.expected_eqls_per_asset_quarter.value is not None
    ]


def rows_in_words(shown: Sequence[Row]) -> str:
    """The chart for those who cannot see it."""
    if not shown:
        return "No EQL came through an asset."
    best = max(shown, key=lambda row: row.expected.value or 0.0)
    said = "; ".join(f"{row.label} {row.words} ({between(row.expected)})" for row in shown)
    return f"{best.label} brings most EQLs per asset and quarter: {said}."


def shares(found: Content) -> list[Share]:
    """The parts of the mix, new and syndicated, of the assets of known origin: the reference is about these."""
    known = [line for line in found.origin if line.key != UNKNOWN]
    total = sum(line.assets for line in known)
    return [
        Share(name_of(line, By.ORIGIN), line.assets / total, wording.count(line.assets), place)
        for place, line in enumerate(known)
        if line.assets
    ]


def mix_sentence(found: Content) -> str:
    """The mix beside its reference."""
    new = found.share_new
    if new.value is None:
        return "Of no live asset is it known whether it is new or syndicated."
    unknown = sum(line.assets for line in found.origin if line.key == UNKNOWN)
    rest = f" {wording.several(unknown, 'more asset')} of unknown origin." if unknown else ""
    return (
        f"{wording.rate(new.value, 0)} new, {wording.rate(1 - new.value, 0)} syndicated "
        f"(of {wording.several(new.n, 'asset')} of known origin; reference 60 : 40).{rest}"
    )


def line_columns(lines: Sequence[Line], by: By) -> dict[str, list[Any]]:
    """The table of a grouping: one row a line, raw numbers."""
    return {
        TITLES[by]: [name_of(line, by) for line in lines],
        "Assets": [line.assets for line in lines],
        "Leads": [line.brought.leads for line in lines],
        "EQLs": [line.brought.eqls_in_period for line in lines],
        "Per asset and quarter": [line.eqls_per_asset_quarter for line in lines],
        "Expected": [line.expected_eqls_per_asset_quarter.value for line in lines],
        "95 %": [between(line.expected_eqls_per_asset_quarter) for line in lines],
        "Won": [line.brought.won_deals for line in lines],
        "Pipeline": [line.brought.pipeline_created for line in lines],
        "ARR": [line.brought.arr for line in lines],
    }


def remainder(found: Content, currency: str) -> str:
    """What came through no asset, so that the lines and this add up to the period's totals."""
    parts = {
        "through no asset": found.without_asset,
        "through pages of prospects": found.of_prospects,
        "from deals without a lead": found.without_lead,
    }
    said = [f"{_brought(own, currency)} {how}" for how, own in parts.items() if own is not None and _any(own)]
    return f"Besides: {wording.enumeration(said)}." if said else ""


def _any(own: Brought) -> bool:
    return bool(own.leads or own.eqls_in_period or own.won_deals or own.pipeline_created or own.arr)


def _brought(own: Brought, currency: str) -> str:
    parts = [wording.several(own.leads, "lead")] if own.leads else []
    parts += [wording.several(own.eqls_in_period, "EQL")] if own.eqls_in_period else []
    parts += [f"{wording.money(own.arr, currency)} ARR"] if own.arr else []
    return wording.enumeration(parts) if parts else f"{wording.money(own.pipeline_created, currency)} pipeline"


def nothing_due(found: Content) -> str:
    """Why the list of assets that are due is empty."""
    if found.due.unknown_date == found.due.live:
        return "Of no live asset is a day of publication or refresh known, so none can be said to be due."
    return "Every live asset with a known day was published or refreshed within six months."


def nothing_silent(silent: Silent, name: str) -> str:
    """Why the list of silent assets is empty."""
    if not silent.judged:
        return f"Of no asset that was out at the end of {name} is it known that it was published 90 days before."
    return f"Every asset that old brought an EQL in {name}."


def due_columns(rows: pl.DataFrame, titles: Mapping[str, Mapping[str, Any]]) -> dict[str, list[Any]]:
    """Assets that are due, in the order given."""
    return _named(rows, titles) | {
        "Overdue (days)": rows["overdue_days"].to_list(),
        "Last refresh": [titles.get(key, {}).get("refreshed_on") for key in rows["asset_id"]],
        "Published": [titles.get(key, {}).get("published_on") for key in rows["asset_id"]],
        "EQLs": rows["eqls"].to_list(),
        "Pipeline": rows["pipeline_created"].to_list(),
        "Address": [titles.get(key, {}).get("url") for key in rows["asset_id"]],
    }


def silent_columns(rows: pl.DataFrame, titles: Mapping[str, Mapping[str, Any]]) -> dict[str, list[Any]]:
    """Assets without an EQL, in the order given."""
    return _named(rows, titles) | {
        "Given its past": [100 * own for own in rows["p_silence_given_past"]],
        "Given its kind": [100 * own for own in rows["p_silence"]],
        "EQLs before": rows["eqls_before"].to_list(),
        "Expected EQLs": rows["expected_eqls"].to_list(),
        "Leads": rows["leads"].to_list(),
        "Days out": rows["days_live"].to_list(),
        "Address": [titles.get(key, {}).get("url") for key in rows["asset_id"]],
    }


def _named(rows: pl.DataFrame, titles: Mapping[str, Mapping[str, Any]]) -> dict[str, list[Any]]:
    own = [titles.get(key, {}) for key in rows["asset_id"]]
    return {
        "Asset": [title.get("title") or key for title, key in zip(own, rows["asset_id"], strict=True)],
        "Partner": [title.get("partner") or "Own pages" for title in own],
        "Kind": [wording.label(kind) for kind in rows["kind"]],
    }
