"""How do the lines of the channel comparison stand in charts and tables? From numbers to rows; nothing is drawn."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from dashboard import references, wording
from dashboard.charts import channels, theme
from dashboard.charts.channel_page import Row
from dashboard.domain import Estimate
from dashboard.metrics.campaigns import Rivalry
from dashboard.metrics.channel_value import Comparison, Kind, Line
from dashboard.settings import settings
from dashboard.views.channel_page import PARTNERS, bounds, line_name, names_partners, times_with_bounds
from dashboard.views.overview import STEPS, ticks

# The settings of what a qualified lead costs elsewhere, by how the channel's name begins.
_CHANNEL_COSTS = {
    "paid_social": "reference_paid_social_cost_per_eql",
    "paid_search": "reference_paid_search_cost_per_eql",
    "sem": "reference_paid_search_cost_per_eql",
}
_CHANNELS_SHOWN = 6
# A whisker longer than so many times the largest value runs off the picture, which it would else fill alone.
_FARTHEST = 2.0
_OPEN = " ("
_OPEN_END = 1.4  # so far is a stretch without an upper bound drawn
_ROOM = 1.35  # words stand right of the last dot


def conversions(found: Comparison, whose: str = PARTNERS) -> list[channels.Row]:
    """Shares won, and qualified, line by line: partners' EQLs against other channels' MQLs, with the references.

    Where nobody is a partner, the best first. `whose`: what the partners' line is called, here and below.
    """
    rows: list[channels.Row] = []
    for line in _shown(found):
        steps = [line.step("won"), line.step("sql") if _sql_told(line) else None]
        rows += [_conversion(line, *step, whose) for step in steps if step]
    if names_partners(found):
        return rows
    return sorted(rows, key=lambda row: -1.0 if row.estimate.value is None else row.estimate.value, reverse=True)


def _sql_told(line: Line) -> bool:
    """SQL rates are compared where there is a reference: partners and paid channels."""
    return line.kind is Kind.PARTNERS or references.of_channel(line.channel, "mql_to_sql") is not None


def _conversion(line: Line, step: str, estimate: Estimate, whose: str) -> channels.Row:
    partner = line.kind is Kind.PARTNERS
    reference = references.PARTNER.get(step) if partner else references.of_channel(line.channel, step)
    words = STEPS.get(step) or step.replace("_to_", " → ").replace("sql", "SQL")
    return channels.Row(line_name(line, whose), words, estimate, partner, reference)


def _shown(found: Comparison) -> list[Line]:
    """Partners, AI referrals and the named channels with the most leads: few enough for a picture."""
    lines = [line for line in found.lines if line.summary.leads]
    named = [line for line in lines if line.kind is Kind.CHANNEL and line.channel][:_CHANNELS_SHOWN]
    return [line for line in lines if line.kind is not Kind.CHANNEL or line in named]


def returns(found: Comparison, currency: str, whose: str = PARTNERS) -> list[Row]:
    """ARR per unit of cost, the best first; lines without costs are left out."""
    lines = [line for line in found.lines if line.arr_per_cost.value is not None]
    lines.sort(key=lambda line: -(line.arr_per_cost.value or 0.0))
    return [
        _row(line, line.arr_per_cost, wording.several(line.arr_per_cost.n, "won deal"), currency, whose=whose)
        for line in lines
    ]


def qualified_costs(found: Comparison, currency: str, whose: str = PARTNERS) -> list[Row]:
    """Cost per qualified lead: EQLs of partners, MQLs of other channels; the cheapest first, with the references."""
    lines = [(line, *qualified(line)) for line in found.lines if qualified(line)[0].value is not None]
    lines.sort(key=lambda row: row[1].value or 0.0)
    return [
        _row(line, own, f"{what}, n = {wording.count(own.n)}", currency, reference_of(line), whose=whose)
        for line, own, what in lines
    ]


def qualified(line: Line) -> tuple[Estimate, str]:
    """Cost per EQL for partners, per MQL for other channels, and its name."""
    if line.kind is Kind.PARTNERS:
        return line.cost_per_eql, "per EQL"
    return line.cost_per_mql, "per MQL"


def reference_of(line: Line) -> tuple[float, float | None] | None:
    """The settings' cost of a qualified lead, without an upper bound where a channel's is one number: "at least".

    None where no setting names such a channel.
    """
    if line.kind is Kind.PARTNERS:
        return settings().money_reference("reference_cost_per_eql")
    name = (line.channel or "").lower() if line.kind is Kind.CHANNEL else ""
    found = next((field for start, field in _CHANNEL_COSTS.items() if name.startswith(start)), None)
    own = settings().money_reference(found) if found else None
    return None if own is None else (own.low, own.high if own.high > own.low else None)


def against_references(found: Comparison, currency: str, whose: str = PARTNERS) -> str:
    """Where each cost of a qualified lead lies beside its reference, judged by its whole interval; Markdown-safe."""
    told: dict[str, list[str]] = {}
    for line in found.lines:
        (own, what), reference = qualified(line), reference_of(line)
        if reference and own.value is not None and own.low is not None and own.high is not None:
            name = wording.plain(line_name(line, whose))
            where = _beside(own.low, own.high, *reference)
            told.setdefault(where, []).append(f"{name} ({wording.money(own.value, currency)} {what})")
    said = [f"{where} the reference: {wording.enumeration(names)}" for where, names in told.items()]
    return f"{wording.beginning('; '.join(said))}." if said else ""


def _beside(low: float, high: float, least: float, most: float | None) -> str:
    if high < least:
        return "below"
    if most is not None and low > most:
        return "above"
    return "within" if low >= least and (most is None or high <= most) else "about at"


def _row(
    line: Line, own: Estimate, basis: str, currency: str, reference: tuple[float, float | None] | None = None, *,
    whose: str,
) -> Row:  # fmt: skip
    name, words = line_name(line, whose), wording.money(own.value, currency)
    if own.value == 0 and own.high is not None:
        words = f"{words}, at most {wording.money(own.high, currency)}"
    stretch = (reference[0], reference[1] or reference[0] * _OPEN_END) if reference else None
    hover = [f"<b>{_safe(name)}</b>", f"{words}{bounds(own, currency)}, 95 % interval", basis]
    hover += [f"reference: {_said(*reference, currency)}"] if reference else []
    return Row(
        name, basis, own.value, own.low, own.high, words, "<br>".join(hover),
        own.value or 0.0, line.kind is Kind.PARTNERS, stretch, wording.money(own.high, currency),
    )  # fmt: skip


def _said(low: float, high: float | None, currency: str) -> str:
    """A reference in words: `$220–$350`, `$450 and more`."""
    if high is None:
        return f"{wording.money(low, currency)} and more"
    return (
        wording.money(low, currency)
        if high == low
        else f"{wording.money(low, currency)}–{wording.money(high, currency)}"
    )


def _safe(name: str) -> str:
    return theme.name(name, 40)


def marks(rows: Sequence[Row], currency: str | None) -> list[tuple[float, str]]:
    """The axis of some rows: up to the last whisker that rests on enough cases, and room for words beyond."""
    ends = [row.at or 0.0 for row in rows] + [row.reference[1] for row in rows if row.reference]
    middle = max([own for own in ends if own > 0], default=1.0)
    tops = [row.high for row in rows if row.high is not None and row.high <= _FARTHEST * middle]
    places = ticks([max([middle * _ROOM, *tops])], 5, whole=False)
    return [(at, wording.money(at, currency) if currency else wording.multiple(at)) for at in places]


def rivals(found: Rivalry, names: Mapping[str, str], currency: str, shown: int = 10) -> list[Row]:
    """The largest campaign, then the partners with more ARR than it, the most first."""
    if found.largest is None:
        return []
    rows = [_rival(found.largest.name or "", "largest paid campaign", found.largest_arr, "", currency, partner=False)]
    for own in found.above[:shown]:
        name = names.get(own.partner_id, own.partner_id)
        basis = wording.several(own.won_deals, "won deal")
        told = own.times.value is not None or (own.times.low or 0.0) >= 1
        times = times_with_bounds(own.times) if told else ""
        rows.append(_rival(name, basis, own.arr, times, currency, partner=True))
    return rows


def _rival(name: str, basis: str, arr: Estimate, times: str, currency: str, *, partner: bool) -> Row:
    words = wording.money(arr.value, currency) + (f", {times.split(_OPEN)[0]}" if times else "")
    hover = [f"<b>{_safe(name)}</b>", f"{wording.money(arr.value, currency)}{bounds(arr, currency)}", basis]
    hover += [f"{times} the campaign's"] if times else []
    return Row(name, basis, arr.value, arr.low, arr.high, words, "<br>".join(hover), arr.value or 0.0, partner,
               most=wording.money(arr.high, currency))  # fmt: skip


def in_words(rows: Sequence[Row]) -> str:
    """A chart of rows for ears."""
    return ". ".join(f"{row.label}: {row.words}, {row.basis}" for row in rows) or "Nothing to show."


Cell = object
_STAGES = ("MQLs", "EQLs", "SQLs")
_TABLE: tuple[tuple[str, Callable[[Line], Cell]], ...] = (
    ("Leads", lambda line: line.summary.leads),
    ("MQLs", lambda line: line.summary.mqls),
    ("EQLs", lambda line: line.summary.eqls),
    ("SQLs", lambda line: line.summary.sqls),
    ("Won leads", lambda line: line.summary.won),
    ("Qualified → SQL", lambda line: _rate(line.step("sql"))),
    ("Qualified → won", lambda line: _rate(line.step("won"))),
    ("Won deals", lambda line: line.summary.won_deals),
    ("Win rate", lambda line: _rate(("", line.summary.win_rate))),
    ("Median days", lambda line: _days(line)),
)


def table(found: Comparison, whose: str = PARTNERS) -> dict[str, list[Cell]]:
    """The lines with what became of their leads and deals."""
    lines = listed(found)
    lost = any(line.summary.lost_deals for line in lines)
    columns: dict[str, list[Cell]] = {"Channel": [line_name(line, whose) for line in lines]}
    # Where no lost deal was ever recorded, a win rate would be 100 % everywhere.
    told = [(heading, cell) for heading, cell in _TABLE if lost or heading != "Win rate"]
    return columns | _known({heading: [cell(line) for line in lines] for heading, cell in told})


def _known(columns: Mapping[str, list[Cell]]) -> dict[str, list[Cell]]:
    """The columns that say something of any line: of stages that are never reached, 0 says nothing."""
    nothing = {heading: (wording.NOTHING, 0) if heading in _STAGES else (wording.NOTHING,) for heading in columns}
    return {heading: cells for heading, cells in columns.items() if any(own not in nothing[heading] for own in cells)}


def listed(found: Comparison) -> list[Line]:
    """The lines of the tables: without the partners' where nothing is partner-sourced."""
    return list(found.lines if names_partners(found) else found.lines[1:])


def money_table(found: Comparison, currency: str, whose: str = PARTNERS) -> dict[str, list[Cell]]:
    """The lines with what they cost and returned; empty where nothing is known of any."""

    lines = listed(found)

    def column(cell: Callable[[Line], Estimate]) -> list[Cell]:
        return [_money(cell(line), currency) for line in lines]

    columns = _known({
        "Cost": [wording.money(line.cost or None, currency) for line in lines],
        "ARR": [wording.money(line.summary.arr if line.contract_value.n else None, currency) for line in lines],
        "ARR per cost": column(lambda line: line.arr_per_cost),
        "Pipeline per cost": column(lambda line: line.pipeline_per_cost),
        "Per lead": column(lambda line: line.cost_per_lead),
        "Per MQL": column(lambda line: line.cost_per_mql),
        "Per EQL": column(lambda line: line.cost_per_eql),
        "Per SQL": column(lambda line: line.cost_per_sql),
        "Per won deal": column(lambda line: line.cost_per_win),
        "Contract value": column(lambda line: line.contract_value),
    })  # fmt: skip
    names: list[Cell] = [line_name(line, whose) for line in lines]
    return {"Channel": names} | columns if columns else {}


def _money(own: Estimate, currency: str) -> str:
    return wording.NOTHING if own.value is None else f"{wording.money(own.value, currency)}{bounds(own, currency)}"


def _rate(step: tuple[str, Estimate] | None) -> str:
    if step is None or step[1].value is None:
        return wording.NOTHING
    return f"{wording.rate(step[1].value)} ({wording.interval(step[1])})"


def _days(line: Line) -> str:
    own, sure = line.summary, line.median_days
    said = wording.days(own.median_days_to_close, at_least=own.median_days_to_close_mature is False)
    return said if sure.low is None or sure.high is None else f"{said} ({sure.low:.0f}–{sure.high:.0f})"
