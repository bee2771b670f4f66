"""What stands behind the tabs of the page "Win rate and velocity"? Each part is drawn only when its tab is opened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from dashboard import blocks, states, wording
from dashboard.charts import comparison, forest
from dashboard.domain import Estimate
from dashboard.metrics.performance import ChannelPerformance, PartnerPerformance, Performance
from dashboard.metrics.velocity import ContractValue, Lift
from dashboard.metrics.win_rate import Prior
from dashboard.settings import settings
from dashboard.views import velocity, velocity_lift, velocity_tables
from dashboard.views.comparison import Versus

TITLES = ("Every partner", "Faster, more often?", "Sales velocity", "Contract value")


def partner_forest(partners: Sequence[PartnerPerformance], prior: Prior) -> None:
    """Every partner beside the pool; a partner can be looked for, and a click leads to its page."""
    found = velocity_tables.find(partners)
    lines, pool = velocity.forest_lines(partners, prior, found), velocity.pooled(prior)
    if not lines:
        states.too_little(_NO_DEAL_CLOSED)
        return
    if pool is None:
        blocks.remark("Fewer than three partners have closed deals: nothing is drawn together, these are raw rates.")
    velocity_tables.clickable(forest.forest(lines, pool, "pool"), velocity.forest_in_words(lines, pool), "forest")


def channel_forest(channels: Sequence[ChannelPerformance]) -> None:
    """The win rate of each channel, where no deal names a partner."""
    lines = velocity.channel_lines(channels)
    if not lines:
        states.too_little(_NO_DEAL_CLOSED)
        return
    blocks.chart(forest.forest(lines, None, ""), velocity.forest_in_words(lines, None), "forest")


_NO_DEAL_CLOSED = "No deal closed in this period. Choose a longer one."


def every_partner(partners: Sequence[PartnerPerformance], name: str) -> None:
    """All partners with their win rates; those without a closed deal apart."""
    ordered, without = velocity.by_shrunken(partners), velocity.without_closed(partners)
    if ordered:
        keys = [p.partner.partner_id for p in ordered]
        velocity_tables.partners(velocity_tables.rate_columns(ordered), keys, velocity_tables.RATE_CONFIG, "rates")
    else:
        states.too_little(f"No partner has a deal that closed in {name}.")
    if without:
        st.caption(f"Without a closed deal in {name}: {wording.several(len(without), 'partner')}")
        names: dict[str, list[object]] = {
            "Partner": [p.partner.name for p in without],
            "Open deals": [p.summary.open_deals for p in without],
        }
        velocity_tables.plain(names, f"Partners without a deal that closed in {name}")


def lift(lifts: Sequence[Lift], name: str) -> None:
    """Speed and win rate of partner-sourced deals and of EQLs' deals against others, raw and like with like."""
    if not lifts:
        states.too_little("The deals name no partner and no EQL, so there is nothing to compare.")
        return
    blocks.remark(velocity_lift.ASSOCIATION)
    days, wins = st.columns(2)
    speeds, rates = velocity_lift.speed_rows(lifts), velocity_lift.rate_rows(lifts)
    about = f"Days to close, deals opened in the 24 months up to the end of {name}"
    with days, blocks.panel("Do they close faster?", about, "speed_ratio", "standardised", "reference"):
        st.markdown(velocity_lift.faster(lifts))
        figure = comparison.ratios(speeds, velocity_lift.ticks(speeds), ("fewer days", "more days"))
        blocks.chart(figure, velocity_lift.in_words(speeds), "speed_ratios")
    about = f"Win rates, deals closed in {name}"
    with wins, blocks.panel("Are they won more often?", about, "win_rate_lift", "standardised"):
        st.markdown(velocity_lift.oftener(lifts))
        figure = comparison.ratios(rates, velocity_lift.ticks(rates), ("won less often", "won more often"))
        blocks.chart(figure, velocity_lift.in_words(rates), "win_rate_lifts")


def earning(
    partners: Sequence[PartnerPerformance],
    before: Performance | None,
    versus: Versus | None,
    certain: Mapping[str, Estimate],
    name: str,
) -> None:
    """Sales velocity of the partners with its four drivers and what changed."""
    currency = settings().currency
    against = f" against {versus.name}" if versus else ""
    about = f"{name}{against}; {wording.symbol(currency).strip()} a day, scaled to a quarter"
    with blocks.panel("Which partner's deals earn most a day?", about, "sales_velocity", "median_days_to_close"):
        ordered = velocity_lift.by_velocity(partners)
        blocks.remark(velocity_lift.fastest(partners, certain, currency))
        then = {p.partner.partner_id: p.summary for p in before.partners} if before else {}
        keys = [p.partner.partner_id for p in ordered]
        columns = velocity_lift.velocity_columns(ordered, then, certain, currency)
        velocity_tables.partners(columns, keys, velocity_tables.VELOCITY_CONFIG, "velocities")


def worth(found: ContractValue, name: str) -> None:
    """Average contract value with a partner and without one."""
    currency = settings().currency
    about = f"Deals won in {name}, ARR in {currency} at the rate of the closing day"
    with blocks.panel("Are deals with a partner worth more?", about, "average_contract_value"):
        st.markdown(velocity_lift.worth(found, currency).replace("$", "\\$"))
        blocks.cards(velocity_lift.worth_cards(found, currency))
