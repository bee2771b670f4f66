"""How are the charts and tables of the Attribution page drawn? Each part only when somebody looks at it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import plotly.graph_objects as go
import streamlit as st

from dashboard import blocks, navigation, states, wording
from dashboard.charts.theme import CONFIG
from dashboard.frames import attribution as asked
from dashboard.glossary import term
from dashboard.metrics.attribution_certainty import Certainty
from dashboard.metrics.attribution_rules import Kind, Rule
from dashboard.views import ai_referrals, attribution_scene, payouts
from dashboard.views import attribution as words
from dashboard.views import attribution_lines as lines
from dashboard.views import attribution_pictures as pictures
from dashboard.views.attribution_scene import Scene
from dashboard.views.kept import kept

if TYPE_CHECKING:
    from dashboard.filters import Filters

KINDS = {"Partners": Kind.PARTNER, "Assets": Kind.ASSET, "Channels": Kind.CHANNEL, "Campaigns": Kind.CAMPAIGN}
RULES, PAYOUTS, AI = "Every rule", "Payouts", "AI referrals"
TITLES = (*KINDS, RULES, PAYOUTS, AI)
EXACTLY = "%,.2f"
_LOW_TABLE, _HIGH_TABLE = 15, 560
_TERMS = {
    Rule.POSITION_A: "key_influence",
    Rule.POSITION_B: "partner_influence",
    Rule.TIME_DECAY: "half_life",
    Rule.DATA_DRIVEN: "data_driven",
}
_DEALS = "Distinct deals in which the line has a part by any rule. A deal stands in several lines; these overlap."


def part(title: str, scene: Scene, chosen: Filters) -> None:
    """What stands behind a tab."""
    if title == PAYOUTS:
        payouts.draw(scene.period, chosen, scene.choice.options)
    elif title == AI:
        ai_referrals.draw(scene.period, chosen)
    elif not scene.found.total.cents:
        states.too_little("There is no credit to share in this period.")
    elif title == RULES:
        every_rule(scene)
    else:
        by(scene, KINDS[title], attribution_scene.certain(scene, chosen))


def by(scene: Scene, kind: Kind, certain: Certainty | None) -> None:
    """The lines of a kind: the table with its total, below two charts where they do not stand above the tabs."""
    shown = _rows(scene, kind, certain)
    if all(row.key is None for row in shown):
        states.too_little(f"No {lines.ONE[kind]} is recorded for these deals.")
    elif kind is not pictures.leading(scene):
        charts_of(scene, kind, certain)
    table(scene, kind, certain)


def _rows(scene: Scene, kind: Kind, certain: Certainty | None) -> list[lines.Row]:
    return kept(f"rows_{kind.value}", (scene, certain), lambda: lines.rows(scene.found, kind, scene.choice, certain))


def charts_of(scene: Scene, kind: Kind, certain: Certainty | None) -> None:
    """Who gets how much, and what the other rule would change."""
    left, right = st.columns(2)
    credit, change = f"credit_{kind.value}", f"change_{kind.value}"
    with left:
        terms = ("credit", "credit_interval", "touch", *_terms(scene.rule))
        drawn = kept(credit, (scene, certain), lambda: pictures.who(scene, kind, certain))
        _drawn(drawn, credit, *terms, kind=kind)
    with right:
        terms = ("attribution_rule", *_terms(scene.choice.beside))
        _drawn(kept(change, scene, lambda: pictures.change(scene, kind)), change, *terms, kind=kind)


def _terms(rule: Rule) -> list[str]:
    return [_TERMS[rule]] if rule in _TERMS else []


def table(scene: Scene, kind: Kind, certain: Certainty | None) -> None:
    """All lines of a kind with their total below; a partner's row leads to its page."""
    shown = _rows(scene, kind, certain)
    total, asked_for = scene.found.total.cents, (scene, certain)
    frame = kept(
        f"table_{kind.value}", asked_for, lambda: lines.table(shown, kind, scene.choice, total, scene.currency)
    )
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
        column_config={first: st.column_config.TextColumn(pinned=True, width="medium"), **_columns(scene)},
        **selectable,
    )
    st.markdown(lines.sums(shown, scene.choice, scene.currency).replace("$", "\\$"))
    blocks.remark(lines.few(shown, kind))
    if kind is Kind.PARTNER and event["selection"]["rows"]:
        key = shown[event["selection"]["rows"][0]].key
        if key is not None:
            navigation.go("partner", id=key)


def _columns(scene: Scene) -> dict[str, Any]:
    sign = wording.symbol(scene.currency).strip()
    rules = (words.NAMES[rule] for rule in (scene.rule, scene.choice.beside))
    number = st.column_config.NumberColumn
    return {
        **{rule: number(f"{rule} {sign}", format=EXACTLY) for rule in rules},
        "Share": number(format="%.1f %%"),
        lines.INTERVAL: st.column_config.TextColumn(help=term("credit_interval").help),
        "Difference": number(f"Difference {sign}", format=EXACTLY),
        "Deals": number(format="localized", help=_DEALS),
        "Sourced": number(f"Sourced {sign}", format=EXACTLY, help=term("sourced").help),
        "Influenced": number(f"Influenced {sign}", format=EXACTLY, help=term("influenced").help),
    }


def every_rule(scene: Scene) -> None:
    """What partners get by every rule, what the data-driven one weighs by, and what each rule does."""
    left, right = st.columns(2)
    with left:
        drawn = kept("every_rule", scene, lambda: pictures.every_rule(scene))
        _drawn(drawn, "every_rule", "attribution_rule", "no_touch")
    with right:
        effects = asked.removal_effects(scene.period, scene.choice.options)
        drawn = kept("missed", (scene, effects), lambda: pictures.missed(scene, effects))
        _drawn(drawn, "missed", "data_driven", "interval")
    for rule in Rule:
        blocks.remark(f"**{words.NAMES[rule]}.** {words.explained(rule, scene.choice.options)}")


def _drawn(picture: pictures.Picture, key: str, *terms: str, kind: Kind | None = None) -> None:
    """A panel with the picture, or with the reason why there is none."""
    with blocks.panel(picture.question, picture.basis, *terms):
        if picture.figure is None:
            states.too_little(picture.alt)
        elif kind is Kind.PARTNER:
            _clickable(picture.figure, picture.alt, key)
        else:
            blocks.chart(picture.figure, picture.alt, key)
        blocks.remark(picture.below)


def _clickable(figure: go.Figure, alt: str, key: str) -> None:
    """A chart whose marks lead to the partner that they show."""
    event = st.plotly_chart(figure, config=CONFIG, alt=alt, key=key, on_select="rerun", selection_mode="points")
    points = event["selection"]["points"]
    if points and points[0].get("customdata") and points[0]["customdata"][1]:
        navigation.go("partner", id=str(points[0]["customdata"][1]))
