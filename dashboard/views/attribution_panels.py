"""How are the charts and tables of the Attribution page drawn? Each part only when somebody looks at it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go
import streamlit as st

from dashboard import blocks, navigation, states, wording
from dashboard.charts import attribution as charts
from dashboard.charts.theme import CONFIG
from dashboard.glossary import term
from dashboard.metrics.attribution import Attribution
from dashboard.metrics.attribution_rules import Base, Kind, Rule
from dashboard.views import attribution as words
from dashboard.views import attribution_lines as lines
from dashboard.views.attribution_choice import Choice

KINDS = {"Partners": Kind.PARTNER, "Assets": Kind.ASSET, "Channels": Kind.CHANNEL, "Campaigns": Kind.CAMPAIGN}
RULES, PAYOUTS, AI = "Every rule", "Payouts", "AI referrals"
TITLES = (*KINDS, RULES)
EXACTLY = "%,.2f"
_LOW_TABLE, _HIGH_TABLE = 15, 560


def basis(name: str, found: Attribution, choice: Choice) -> str:
    """Over which deals and touches a chart is."""
    done = "won" if choice.base is Base.ARR else "opened"
    deals = wording.several(found.total.deals, f"deal {done}", f"deals {done}")
    return f"{deals} in {name}, {words.basis(choice.options)}"


def who(found: Attribution, shown: Sequence[lines.Row], kind: Kind, choice: Choice, about: str, currency: str) -> None:
    """The lines with most credit."""
    rule = words.NAMES[choice.rule]
    estimate = ", an estimate" if choice.rule in words.ESTIMATED else ""
    with blocks.panel(f"Which {lines.ONE[kind]} gets how much?", f"{rule}{estimate}: {about}", "credit", "touch"):
        bars = lines.bars(shown, found.total.cents, choice, currency)
        if bars:
            ticks = lines.ticks([bar.value for bar in bars], currency)
            figure = charts.credits_of(bars, ticks, estimated=choice.rule in words.ESTIMATED)
            _clickable(figure, lines.bars_in_words(bars, kind, choice), f"credit_{kind.value}", kind)
        else:
            states.too_little(f"No {lines.ONE[kind]} gets anything by this rule.")
        blocks.remark(lines.beside_bars(shown, len(bars), kind, currency))


def change(found: Attribution, shown: Sequence[lines.Row], kind: Kind, choice: Choice, currency: str) -> None:
    """What another rule would change."""
    if choice.rule is choice.beside:
        touched = words.has_touches(found)
        with blocks.panel("What would another rule change?", "One rule, nothing beside it", "attribution_rule"):
            states.too_little("Choose another rule beside it to see the difference." if touched else words.NO_TOUCH)
        return
    title = f"What would {words.NAMES[choice.beside]} change?"
    said = lines.changes_hands(shown, found.total.cents, kind, choice, currency)
    with blocks.panel(title, said, "attribution_rule", *_terms(choice)):
        pairs = lines.pairs(shown, choice, currency)
        if pairs:
            ticks = lines.ticks([value for pair in pairs for value in (pair.first, pair.second)], currency)
            figure = charts.dumbbells(pairs, lines.sides(choice), ticks)
            _clickable(figure, lines.pairs_in_words(pairs, choice), f"change_{kind.value}", kind)
        else:
            states.too_little("Nothing: both rules give the same.")


def _terms(choice: Choice) -> list[str]:
    own = {Rule.POSITION_A: "key_influence", Rule.POSITION_B: "partner_influence", Rule.TIME_DECAY: "half_life",
           Rule.DATA_DRIVEN: "data_driven"}  # fmt: skip
    return [own[rule] for rule in dict.fromkeys((choice.rule, choice.beside)) if rule in own]


def table(found: Attribution, shown: Sequence[lines.Row], kind: Kind, choice: Choice, currency: str) -> None:
    """All lines of a kind with their total below; a partner's row leads to its page."""
    frame = lines.table(shown, kind, choice, found.total.cents)
    first = frame.columns[0]
    selectable: dict[str, Any] = {}
    if kind is Kind.PARTNER:
        selectable = {"on_select": "rerun", "selection_mode": "single-row"}
    event = st.dataframe(
        frame,
        hide_index=True,
        height="content" if frame.height <= _LOW_TABLE else _HIGH_TABLE,
        alt=f"Credit by {lines.ONE[kind]}, one a row, to the cent",
        placeholder="",
        key=f"lines_{kind.value}",
        column_config={first: st.column_config.TextColumn(pinned=True, width="medium"), **_columns(choice, currency)},
        **selectable,
    )
    st.markdown(lines.sums(shown, choice, currency).replace("$", "\\$"))
    blocks.remark(lines.few(shown, kind))
    if kind is Kind.PARTNER and event["selection"]["rows"]:
        key = shown[event["selection"]["rows"][0]].key
        if key is not None:
            navigation.go("partner", id=key)


def _columns(choice: Choice, currency: str) -> dict[str, Any]:
    sign = wording.symbol(currency).strip()
    money = {words.NAMES[rule]: st.column_config.NumberColumn(f"{words.NAMES[rule]} {sign}", format=EXACTLY)
             for rule in (choice.rule, choice.beside)}  # fmt: skip
    return {
        **money,
        "Share": st.column_config.NumberColumn(format="%.1f %%"),
        "Difference": st.column_config.NumberColumn(f"Difference {sign}", format=EXACTLY),
        "Deals": st.column_config.NumberColumn(format="localized", help=_DEALS),
        "Sourced": st.column_config.NumberColumn(f"Sourced {sign}", format=EXACTLY, help=term("sourced").help),
        "Influenced": st.column_config.NumberColumn(f"Influenced {sign}", format=EXACTLY, help=term("influenced").help),
    }


_DEALS = "Distinct deals in which the line has a part by any rule. A deal stands in several lines; these overlap."


def part(title: str, found: Attribution, choice: Choice, about: str, currency: str) -> None:
    """What stands behind a tab."""
    if not found.total.cents:
        states.too_little("There is no credit to share in this period.")
    elif title in KINDS:
        by(found, KINDS[title], choice, about, currency)
    else:
        every_rule(found, choice, about, currency)


def by(found: Attribution, kind: Kind, choice: Choice, about: str, currency: str) -> None:
    """The lines of a kind: the table with its total, below two charts where they do not stand above the tabs."""
    shown = lines.rows(found, kind, choice)
    if all(row.key is None for row in shown):
        states.too_little(f"No {lines.ONE[kind]} is recorded for these deals.")
    elif kind is not leading(found):
        charts_of(found, shown, kind, choice, about, currency)
    table(found, shown, kind, choice, currency)


def leading(found: Attribution) -> Kind:
    """By what the charts above the tabs are."""
    return Kind.PARTNER if words.has_partners(found) else Kind.CHANNEL


def charts_of(
    found: Attribution, shown: Sequence[lines.Row], kind: Kind, choice: Choice, about: str, currency: str
) -> None:
    """Who gets how much, and what the other rule would change."""
    left, right = st.columns(2)
    with left:
        who(found, shown, kind, choice, about, currency)
    with right:
        change(found, shown, kind, choice, currency)


def every_rule(found: Attribution, choice: Choice, about: str, currency: str) -> None:
    """What partners get by every rule, and what each rule does."""
    with blocks.panel("How much does the rule matter?", f"{about[:1].upper()}{about[1:]}", "attribution_rule",
                      "no_touch"):  # fmt: skip
        stacks = lines.stacks(found, currency)
        ticks = lines.ticks([found.total.cents / words.CENTS], currency)
        blocks.chart(charts.shares(stacks, lines.PARTS, ticks), lines.stacks_in_words(stacks, currency), "every_rule")
    for rule in Rule:
        blocks.remark(f"**{words.NAMES[rule]}.** {words.explained(rule, choice.options)}")


def _clickable(figure: go.Figure, alt: str, key: str, kind: Kind) -> None:
    """A chart whose marks lead to the partner that they show."""
    if kind is not Kind.PARTNER:
        blocks.chart(figure, alt, key)
        return
    event = st.plotly_chart(figure, config=CONFIG, alt=alt, key=key, on_select="rerun", selection_mode="points")
    points = event["selection"]["points"]
    if points and points[0].get("customdata") and points[0]["customdata"][1]:
        navigation.go("partner", id=str(points[0]["customdata"][1]))
