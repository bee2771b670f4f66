"""A page with nothing but the line and its field, for the browser to drive; started by the test beside it."""

from __future__ import annotations

from functools import cache

import plotly.graph_objects as go
import streamlit as st

from dashboard.threshold_line import Bar, Number, threshold_line

TOP = 100
ACTIVE = 70
KEY = "threshold"
BEST = (58, 66)
FIELDS = ("EQLs", "Gained", "Dropped", "Sales-qualified", "Won", "ARR", "Precision", "Workload")

HELP = {
    "EQLs": "Leads whose score reaches the threshold and whose other gates are open.",
    "Workload": "<img src=x onerror=\"document.title = 'ran'\"> of capacity",
}


@cache
def bars() -> list[Bar]:
    """Scores in one hump; those at and above the active threshold were worked."""
    leads = [round(1_900 * 2.718 ** (-(((score - 62) / 18) ** 2))) for score in range(TOP + 1)]
    shares = [0.04 + 0.3 * score / TOP if score >= ACTIVE else 0 for score in range(TOP + 1)]
    won = [round(share * n) for share, n in zip(shares, leads, strict=True)]
    return [
        Bar(score, won[score], leads[score] - won[score] if score >= ACTIVE else 0, leads[score] * (score < ACTIVE))
        for score in range(TOP + 1)
    ]


@cache
def numbers() -> list[Number]:
    """Eight lines with a change each, different at every threshold."""
    above = [sum(bar.leads for bar in bars()[threshold:]) for threshold in range(TOP + 1)]
    return [
        Number(
            name.lower(),
            name,
            tuple(f"{leads * (place + 1):,}".replace(",", "\u202f") for leads in above),
            tuple(
                "" if leads == above[ACTIVE] else f"({leads - above[ACTIVE]:+,})".replace(",", "\u202f")
                for leads in above
            ),
            HELP.get(name, ""),
        )
        for place, name in enumerate(FIELDS)
    ]


@cache
def spoken() -> list[str]:
    """What a screen reader says at each threshold."""
    return [f"{threshold} points, {text} EQLs" for threshold, text in enumerate(numbers()[0].texts)]


@st.fragment
def scenario() -> None:
    """The field owns the value; the line only proposes one."""
    value = st.number_input("Threshold", 0, TOP, ACTIVE, key=KEY, bind="query-params")

    def release(new: int) -> None:
        st.session_state[KEY] = new
        st.session_state["releases"] = st.session_state.get("releases", 0) + 1

    threshold_line(
        key="line", value=value, top=TOP, active=ACTIVE, best=BEST, bars=bars(), numbers=numbers(), spoken=spoken(),
        on_release=release, alt="How many leads have each score?",
    )  # fmt: skip
    st.write(f"At {value}: {numbers()[0].texts[value]} after {st.session_state.get('releases', 0)} releases")
    for place, (cell, one) in enumerate(zip(st.columns(4), numbers()[:4], strict=True)):
        cell.metric(one.label, one.texts[value], help=f"Number {place + 1}")
    st.plotly_chart(curve(value), key="curve")


def curve(value: int) -> go.Figure:
    """A chart that changes with every release, as the real page has."""
    figure = go.Figure(go.Bar(x=list(range(TOP + 1)), y=[bar.leads for bar in bars()]), {"height": 220})
    figure.add_vline(value)
    return figure


if __name__ == "__main__":
    st.set_page_config(layout="wide")
    st.subheader("Where should the threshold lie?")
    scenario()
    st.html("<div style='height: 900px'></div>")
