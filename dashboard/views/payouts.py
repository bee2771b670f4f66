"""Were the partners paid what they are owed? Credited ARR at the agreed rates beside payouts, by quarter."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import polars as pl
import streamlit as st

from dashboard import blocks, wording
from dashboard.frames import attribution as asked
from dashboard.frames.performance import choices
from dashboard.metrics.attribution_rules import DEFAULT, Options, Rule
from dashboard.metrics.payouts import Payout, Reconciliation
from dashboard.period import Period
from dashboard.settings import settings
from dashboard.views import attribution as words
from dashboard.views.attribution import CENTS

if TYPE_CHECKING:
    from dashboard.filters import Filters

EXACTLY = "%,.2f"
_MOST_NAMES = 8
_LOW_TABLE, _HIGH_TABLE = 15, 560
_RATE = "The agreed rate; where it changed within the quarter, what is owed ÷ the credited ARR that has a rate."
_DIFFERENCE = "Paid − owed. Positive: more was paid than is owed."


def draw(period: Period, chosen: Filters, options: Options = DEFAULT) -> None:
    """The reconciliation of the four quarters up to the period's; the partners that are chosen narrow its lines."""
    rule = chosen_rule()
    found = asked.payouts(period, rule, options)
    ids, fiscal, currency = chosen.partner_ids(choices()), settings().fiscal_year_start, settings().currency
    shown = listed(found, ids)
    quarters = [wording.period_name(label, fiscal) for label in found.quarters]
    subtitle = f"{quarters[0]} to {quarters[-1]}: credited ARR × the agreed rate against payouts" if quarters else ""
    with blocks.panel("Were partners paid what they are owed?", subtitle, "reconciliation"):
        st.markdown(answer(shown, currency).replace("$", "\\$"))
        if shown:
            table(shown, currency, fiscal)
        for line in named(found, shown):
            blocks.remark(line)


def chosen_rule() -> Rule:
    """The rule by which partners are paid."""
    rules = list(Rule)
    found = st.selectbox(
        "Credit by", rules, index=rules.index(Rule.SOURCE), format_func=words.NAMES.__getitem__, key="payout_rule",
        bind="query-params", width=220, help="The rule that was agreed with the partners.",
    )  # fmt: skip
    return found if found in words.NAMES else Rule.SOURCE


def rule_said() -> Rule:
    """The rule by which partners are paid, as it was last chosen; for the exports, which draw nothing."""
    found = st.session_state.get("payout_rule")
    return found if found in words.NAMES else Rule.SOURCE


def listed(found: Reconciliation, chosen: frozenset[str] | None) -> list[Payout]:
    """The lines of the chosen partners (None: of all), the largest difference first."""
    return [line for line in found.lines if chosen is None or line.partner_id in chosen]


def answer(shown: Sequence[Payout], currency: str) -> str:
    """What the reconciliation says, in a sentence."""
    if not shown:
        return "There is nothing to reconcile: no ARR is credited and no payout is recorded in these quarters."
    compared = [line for line in shown if line.difference is not None]
    if not compared:
        paid = sum(line.paid for line in shown)
        begin = "No rate is agreed with any of these partners, so nothing can be said to be owed"
        return f"{begin}; {_money(paid, currency)} was paid." if paid else f"{begin}."
    owed, paid = sum(line.owed or 0 for line in compared), sum(line.paid for line in compared)
    off = [line for line in compared if line.difference]
    if not off:
        return f"Every payout is what is owed: {_money(owed, currency)}."
    besides = sum(line.paid for line in shown) - paid
    unrated = f" ({_money(besides, currency)} more was paid without an agreed rate)" if besides else ""
    said = f"Owed {_money(owed, currency)}, paid {_money(paid, currency)}: {_net(paid - owed, currency)}{unrated}"
    largest = off[0]
    name = wording.plain(largest.name)
    more = "more" if (largest.difference or 0) > 0 else "less"
    quarter = wording.period_name(largest.quarter, settings().fiscal_year_start)
    if len(compared) == 1:
        return f"{said}. The one line with an agreed rate is {name} in {quarter}."
    return (
        f"{said}. {_differing(len(off), len(compared))}, most {name} in {quarter}: "
        f"{_money(abs(largest.difference or 0), currency)} {more} than owed."
    )


def _differing(off: int, compared: int) -> str:
    rated = "with an agreed rate"
    if off == compared:
        return f"Both lines {rated} differ" if off == 2 else f"All {wording.several(off, 'line')} {rated} differ"
    return f"Of {wording.several(compared, 'line')} {rated}, {wording.count(off)} {'differs' if off == 1 else 'differ'}"


def _money(cents: int, currency: str) -> str:
    return wording.money(cents / CENTS, currency)


def _net(cents: int, currency: str) -> str:
    if not cents:
        return "the same in total"
    return f"{_money(abs(cents), currency)} too {'much' if cents > 0 else 'little'}"


def named(found: Reconciliation, shown: Sequence[Payout]) -> list[str]:
    """Partners that were paid without an agreed rate, those owed something and not paid, and what has no rate."""
    said, there = [], {line.name for line in shown}
    for begin, names in (
        ("Paid though no rate is agreed", found.paid_without_rate),
        ("Owed something, and nothing was paid", found.rate_without_payout),
    ):
        own = [name for name in names if name in there]
        if own:
            said.append(f"{begin}: {_names(own)}.")
    unrated = sum(line.unrated for line in shown if line.owed is not None)
    if unrated:
        amount = _money(unrated, settings().currency)
        said.append(f"{amount} of credited ARR closed on days without an agreed rate: nothing is owed for it.")
    if any(line.incomplete for line in shown):
        said.append("Some deals or payouts could not be converted: they are in no sum, and their lines are marked.")
    return said


def _names(names: Sequence[str]) -> str:
    shown = [wording.plain(name) for name in names[:_MOST_NAMES]]
    rest = len(names) - len(shown)
    return wording.enumeration([*shown, wording.several(rest, "other")] if rest else shown)


def columns(shown: Sequence[Payout], fiscal: int) -> pl.DataFrame:
    """The lines as a table: amounts in the reporting currency, the rate in percent."""
    return pl.DataFrame(
        {
            "Partner": [line.name for line in shown],
            "Quarter": [wording.period_name(line.quarter, fiscal) for line in shown],
            "Difference": [None if line.difference is None else line.difference / CENTS for line in shown],
            "Owed": [None if line.owed is None else line.owed / CENTS for line in shown],
            "Paid": [line.paid / CENTS for line in shown],
            "Rate": [None if line.rate is None else 100 * line.rate for line in shown],
            "Credited": [line.credited / CENTS for line in shown],
            "Remark": [remark(line) for line in shown],
        },
        schema_overrides=dict.fromkeys(("Credited", "Rate", "Owed", "Paid", "Difference"), pl.Float64),
    )


def remark(line: Payout) -> str:
    """What must be known about a line."""
    said = []
    if line.owed is None:
        said.append("no rate agreed")
    elif line.unrated:
        said.append("no rate on some days")
    if line.incomplete:
        said.append("incomplete")
    return ", ".join(said)


def table(shown: Sequence[Payout], currency: str, fiscal: int) -> None:
    """The lines, the largest difference first, with their sums below."""
    sign, frame = wording.symbol(currency).strip(), columns(shown, fiscal)
    money = {
        name: st.column_config.NumberColumn(f"{name} {sign}", format=EXACTLY) for name in ("Credited", "Owed", "Paid")
    }
    st.dataframe(
        frame,
        hide_index=True,
        height="content" if frame.height <= _LOW_TABLE else _HIGH_TABLE,
        alt="Credited ARR, rate, owed, paid and the difference by partner and quarter, the largest difference first",
        placeholder="",
        column_config={
            "Partner": st.column_config.TextColumn(pinned=True, width="medium"),
            "Rate": st.column_config.NumberColumn("Rate %", format="%.2f", help=_RATE),
            "Difference": st.column_config.NumberColumn(f"Difference {sign}", format=EXACTLY, help=_DIFFERENCE),
            **money,
        },
    )
    credited, paid = sum(line.credited for line in shown), sum(line.paid for line in shown)
    owed = sum(line.owed or 0 for line in shown)
    said = [f"{what} {wording.money_exactly(cents / CENTS, currency)}" for what, cents in
            (("credited", credited), ("owed", owed), ("paid", paid))]  # fmt: skip
    st.markdown(f"**Total of {wording.several(len(shown), 'line')}:** {' · '.join(said)}".replace("$", "\\$"))
