"""What stands behind the tabs of the page "Win rate and velocity"? Each part is drawn only when its tab is opened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go
import streamlit as st

from dashboard import blocks, states, wording
from dashboard.charts import comparison, forest, incidence
from dashboard.domain import Estimate
from dashboard.filters import Filters
from dashboard.frames import velocity as asked
from dashboard.metrics.performance import ChannelPerformance, PartnerPerformance, Performance
from dashboard.metrics.velocity import MARKS, ContractValue, Lift, Split
from dashboard.metrics.win_rate import Prior
from dashboard.period import Period
from dashboard.settings import settings
from dashboard.views import velocity, velocity_lift, velocity_tables
from dashboard.views.comparison import Versus

TITLES = ("Every partner", "Faster, more often?", "Sales velocity", "Contract value")


def rates(now: Performance, everybody: bool, name: str) -> blocks.Drawn | None:
    """The win rates of partners, or of channels where no deal names a partner; None where no deal closed."""
    subtitle = f"Deals closed in {name}; open deals are not in it. n at the right, 95 % intervals"
    title = "In which channel is how much won?" if everybody else "Who wins how often?"
    with blocks.panel(title, subtitle, "shrunken_win_rate", "pool", "win_rate", "interval"):
        found = _channel_forest(now.channels) if everybody else _partner_forest(now.partners, now.prior)
    return blocks.Drawn("forest", title, subtitle, *found) if found else None


def _partner_forest(partners: Sequence[PartnerPerformance], prior: Prior) -> tuple[go.Figure, str] | None:
    """Every partner beside the pool; a partner can be looked for, and a click leads to its page."""
    found = velocity_tables.find(partners)
    lines, pool = velocity.forest_lines(partners, prior, found), velocity.pooled(prior)
    if not lines:
        states.too_little(_NO_DEAL_CLOSED)
        return None
    if pool is None:
        blocks.remark("Fewer than three partners have closed deals: nothing is drawn together, these are raw rates.")
    figure, said = forest.forest(lines, pool, "pool"), velocity.forest_in_words(lines, pool)
    velocity_tables.clickable(figure, said, "forest")
    return figure, said


def _channel_forest(channels: Sequence[ChannelPerformance]) -> tuple[go.Figure, str] | None:
    """The win rate of each channel, where no deal names a partner."""
    lines = velocity.channel_lines(channels)
    if not lines:
        states.too_little(_NO_DEAL_CLOSED)
        return None
    figure, said = forest.forest(lines, None, ""), velocity.forest_in_words(lines, None)
    blocks.chart(figure, said, "forest")
    return figure, said


def by_when(period: Period, chosen: Filters, offered: Sequence[Split], basis: str) -> blocks.Drawn | None:
    """The cumulative incidence of won by group; None where no deal was opened."""
    question, own = "How many deals are won by when?", None
    with blocks.panel(question, basis, "incidence"):
        if not offered:
            states.too_little("No deal was opened in these 24 months.")
            return None
        by = velocity_tables.split(offered)
        groups = asked.group_incidences(period, chosen, by)
        figure = incidence.cumulative(velocity.curves(groups, by), MARKS, velocity.top(groups))
        own = blocks.Drawn("incidence", question, basis, figure, velocity.incidence_in_words(groups, by))
        blocks.chart(figure, own.alt, own.name)
        velocity_tables.groups(velocity.group_table(groups, by))
    return own


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
