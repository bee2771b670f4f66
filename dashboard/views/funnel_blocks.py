"""How does the Funnel page look? Its charts, tables and choices, each drawn only when it is open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import plotly.graph_objects as go
import streamlit as st

from dashboard import blocks, frames, navigation, states, wording
from dashboard.charts import cohorts as cohort_charts
from dashboard.charts import funnel as charts
from dashboard.charts import theme
from dashboard.charts import waiting as waiting_charts
from dashboard.domain import Stage
from dashboard.filters import Filters
from dashboard.frames import funnel as questions
from dashboard.metrics.funnel_groups import By, Funnel, Step, main_steps
from dashboard.period import Period
from dashboard.views import funnel as words
from dashboard.views import funnel_association as associations
from dashboard.views import funnel_tables as tables
from dashboard.views import funnel_time as timing
from dashboard.views.lead_link import PARAMETERS

Groups = Mapping[str | date | None, Funnel]


# The choices of this page; who comes back from the leads finds them as they were.
PLACE = ("share", "by", "step", "only", "part", "towards", "start_from")


def keep_place() -> None:
    """Takes the choices up again where somebody comes back from the leads; before any widget is drawn.

    The browser's way back then leads to the address without the choices but with what the leads were asked for.
    """
    kept: dict[str, object] = st.session_state.setdefault("funnel_place", {})
    asked = [name for name in PARAMETERS if name in st.query_params]
    if not asked:
        kept.update({key: st.session_state[key] for key in PLACE if key in st.session_state})
        return
    for key, value in kept.items():
        if key not in st.query_params:
            st.session_state[key] = value
    for name in asked:
        del st.query_params[name]
    st.rerun()  # in the run of a way back the address overrules what is set here


def colour_of(whole: questions.Whole) -> str:
    """The colour of partner-sourced leads, or of all."""
    return theme.OTHER if whole.everybody else theme.PARTNER


def picked(figure: go.Figure, alt: str, key: str) -> str | None:
    """A chart whose marks can be clicked; what the clicked mark stands for."""
    state = st.plotly_chart(figure, config=theme.CONFIG, alt=alt, key=key, on_select="rerun", selection_mode="points")
    points = state["selection"]["points"]
    return str(points[0]["customdata"][0]) if points and points[0].get("customdata") else None


def stages(whole: questions.Whole, subtitle: str) -> blocks.Drawn:
    """The funnel itself; a click on a bar lists the leads that reached the stage."""
    question = "Where do leads get lost?"
    with blocks.panel(question, subtitle, "step_conversion", "interval", "maturity"):
        share = st.segmented_control(
            "Rates", (words.PREVIOUS, words.FIRST), default=words.PREVIOUS, key="share", bind="query-params",
            required=True, label_visibility="collapsed",
        )  # fmt: skip
        shown = words.bars(whole.funnel, whole.present, share == words.FIRST)
        own = blocks.Drawn(
            "stages", question, subtitle, charts.stages(shown, colour_of(whole)), words.bars_in_words(shown)
        )
        clicked = picked(own.figure, own.alt, own.name)
        if clicked:
            navigation.go("leads", reached=clicked)
    return own


def grouping(everybody: bool) -> By:
    """What the groups are: without partners only the channel and the kind of the first page."""
    offered = [By.CHANNEL, By.ASSET_KIND] if everybody else list(By)
    names = {words.BY[by]: by for by in offered}
    said = st.selectbox("By", list(names), key="by", bind="query-params")
    return names[said]


def step_choice(whole: questions.Whole) -> Step:
    """The step that groups and months are compared by."""
    names = {words.step_name(step): step for step in main_steps(whole.present)}
    default = words.step_name(words.default_step(whole.funnel, whole.present))
    said = st.selectbox("Step", list(names), index=list(names).index(default), key="step", bind="query-params")
    return names[said]


@dataclass(frozen=True, slots=True)
class Compared:
    """The comparison of groups as it is chosen; `drawn` None where no group has a rate."""

    by: By
    step: Step
    groups: Groups
    drawn: blocks.Drawn | None = None


def groups(whole: questions.Whole, subtitle: str, period: Period, filters: Filters) -> Compared:
    """Groups by the chosen step; a click on a dot lists the leads behind its rate."""
    question, own = "Who converts best?", None
    with blocks.panel(question, subtitle, "step_conversion", "interval"):
        with st.container(horizontal=True):
            by, step = grouping(whole.everybody), step_choice(whole)
        found = questions.groups(period, filters, by)
        names = words.names_of(by, found, frames.choices().partners)
        only: list[str] = []
        if len(found) > words.MOST_DOTS:
            only = st.multiselect(
                f"Only these {words.ONE[by]}s", sorted(names.values(), key=str.casefold), key="only",
                bind="query-params", placeholder="The best and the worst", max_selections=words.MOST_DOTS,
            )  # fmt: skip
        shown, gap, left_out = words.dots(found, names, step, only)
        if not shown:
            states.too_little(f"No {words.ONE[by]} has a lead that this step could begin with.")
        else:
            figure = charts.groups(shown, whole.funnel.step(step), colour_of(whole), gap)
            about = f"{words.step_name(step)}, by {words.ONE[by]}. {subtitle}"
            own = blocks.Drawn("groups", question, about, figure, words.dots_in_words(shown, left_out))
            clicked = picked(figure, own.alt, f"groups_{by}")
            if left_out:
                blocks.remark(
                    f"{wording.count(left_out)} more are in the table below. At the ends of a long list chance has a "
                    "large part: look at the intervals."
                )
            if clicked is not None:
                navigation.go("leads", reached=step[0].value, **of_group(by, clicked))
    return Compared(by, step, found, own)


def of_group(by: By, key: str) -> dict[str, str]:
    """A group as the page of leads takes it."""
    return {"of": key} if by is By.PARTNER and key else {"group": by.value, "value": key}


def list_leads(whole: questions.Whole, by: By, found: Groups) -> None:
    """The way to the leads without a mouse: which stage, which group, and go."""
    names = words.names_of(by, found, frames.choices().partners)
    reached = [(stage, None) for stage in whole.present]
    lost = [(k, to) for k, to in zip(whole.present, whole.present[1:], strict=False)]
    labels = {f"{words.TITLE[stage]}": (stage, None) for stage, _ in reached} | {
        f"{words.TITLE[k]} that are no {words.NOUN[to]} yet": (k, to) for k, to in lost
    }
    with st.container(horizontal=True, vertical_alignment="bottom"):
        said = st.selectbox("List leads", list(labels), key="list_stage")
        whose = st.selectbox(
            f"Of which {words.ONE[by]}?", list(names), index=None, format_func=lambda key: names[key],
            key=f"list_{by}", placeholder="All",
        )  # fmt: skip
        go_on = st.button("Show the leads", icon=":material/list:")
    if go_on:
        stage, missing = labels[said]
        group = {} if whose is None else of_group(by, str(whose))
        navigation.go("leads", reached=stage.value, missing=missing.value if missing else None, **group)


def table(whole: questions.Whole, period: Period, filters: Filters, by: By, found: Groups) -> None:
    """All groups with all steps, and the same as CSV."""
    names = words.names_of(by, found, frames.choices().partners)
    shown = questions.told(period, filters, by, "table", lambda each: tables.columns(by, each, names, whole.present))
    tables.all_groups(by, shown, whole.present)
    tables.download(by, found, names, whole.present, f"funnel-{period.label}-{by}.csv")


def months(whole: questions.Whole, period: Period, filters: Filters, step: Step) -> None:
    """The chosen step by month of creation."""
    span = questions.span(period)
    shown = words.months(questions.months(period, filters), step, span.month, span.end)
    said = words.months_in_words(shown, step)
    subtitle = f"{words.step_name(step)} by month in which the lead was created; hollow: too early to judge"
    with blocks.panel("Do later leads convert better?", subtitle, "step_conversion", "interval", "maturity"):
        st.markdown(said)
        shaded = (period.start.date(), period.end.date())
        clicked = picked(cohort_charts.monthly(shown, shaded, colour_of(whole)), said, "months")
        if clicked:
            navigation.go("leads", reached=step[0].value, cohort=clicked)
    tables.months(shown)


def pair(whole: questions.Whole, period: Period, filters: Filters, by: By, found: Groups) -> None:
    """One group against another or against the rest."""
    names = words.names_of(by, found, frames.choices().partners)
    keys = sorted(found, key=lambda key: -found[key].counts[whole.present[0]])
    if len(keys) < 2:
        states.too_little(f"There is only one {words.ONE[by]}: nothing to compare it with.")
        return
    with st.container(horizontal=True):
        a = st.selectbox("A", keys, format_func=lambda key: names[key], key=f"a_{by}")
        b = st.selectbox("Against", [key for key in keys if key != a], index=None, placeholder="All the rest",
                         format_func=lambda key: names[key], key=f"b_{by}")  # fmt: skip
    steps = tuple(main_steps(whole.present))
    of_a, of_b, differences = questions.pair(period, filters, by, _text(a), _text(b), b is None, steps)
    name_a, name_b = names[a], names[b] if b is not None else "all the rest"
    st.markdown(words.compared(wording.plain(name_a), wording.plain(name_b), differences))
    titles = name_a, name_b if b is not None else "All the rest"
    for place, each, name in zip(st.columns(2), (of_a, of_b), titles, strict=True):
        shown = words.bars(each, whole.present, of_first=False)
        with place, st.container(border=True):
            st.markdown(f"**{wording.plain(name)}**")
            blocks.chart(charts.stages(shown, colour_of(whole)), words.bars_in_words(shown), f"pair_{name == name_a}")
    subtitle = "A minus B with 95 % interval; grey: chance alone could make it (false discovery rate 5 %)"
    with blocks.panel("At which step do they differ?", subtitle, "interval", "discovery"):
        blocks.chart(
            charts.differences(words.gaps(differences)),
            words.compared(name_a, name_b, differences),
            "differences",
        )
        tables.differences(differences)


def time(whole: questions.Whole, period: Period, filters: Filters, step: Step, name: str) -> None:
    """How long the steps that were made in the period took, and whether the chosen one takes longer than before."""
    steps = tuple(main_steps(whole.present))
    cells, span = questions.waits(period, filters, steps), questions.span(period)
    found = timing.by_step(cells, steps)
    st.markdown(f"**{timing.answer(step, found[step], name)}**")
    running = None if span.end >= period.end.date() else span.end.replace(day=1)
    bins, months_shown = timing.bins(cells, step), timing.months(cells, step, running)
    changed = timing.changed(months_shown, step)
    left, right = st.columns(2)
    with (
        left,
        blocks.panel(
            "How long does the step take?",
            f"{words.step_name(step)}, made in {name}; the middle half shaded",
            "step_days",
        ),
    ):
        if bins:
            own = found[step]
            middle = (own.q1, own.q3) if own.q1 is not None and own.q3 is not None else None
            blocks.chart(
                waiting_charts.histogram(bins, own.median, middle, colour_of(whole)),
                timing.answer(step, own, name),
                "days",
            )
        else:
            states.too_little(f"Nobody made the step {words.step_name(step)} in {name}.")
    with (
        right,
        blocks.panel(
            "Does it take longer than before?",
            "Median with 95 % interval, by month in which the step was made",
            "step_days",
        ),
    ):
        if months_shown:
            st.markdown(changed)
            blocks.chart(waiting_charts.medians(months_shown, colour_of(whole)), changed, "medians")
        else:
            states.too_little("Nobody made this step in these 13 months.")
    blocks.remark(
        "Only leads that made the step are counted, by the day on which they made it. Who still waits is not in it: "
        "where many wait, the step takes longer than this."
    )
    tables.days(timing.table(found))


def association(whole: questions.Whole, period: Period, filters: Filters, subtitle: str) -> None:
    """What goes together with getting as far as a chosen stage."""
    offered = {words.TITLE[stage]: stage for stage in reversed(whole.present[1:])}
    said = st.segmented_control(
        "Getting as far as", list(offered), default=next(iter(offered)), key="towards", bind="query-params",
        required=True,
    )  # fmt: skip
    stage = offered[said]
    found = questions.associated(period, filters, stage)
    st.markdown(f"**{associations.answer(found, stage)}**")
    if whole.funnel.mature((whole.present[0], stage)) is False:
        blocks.remark("Too early to judge the rates themselves: many of these leads are still young.")
    if not found:
        return
    gaps, links = associations.gaps(found), associations.links(found)
    title = f"Which leads get as far as {words.OF[stage]} more often?"
    about = f"{subtitle}. With the property minus without it; association, not effect; grey: chance alone could make it"
    with blocks.panel(title, about, "association", "interval"):
        if gaps:
            clicked = picked(charts.differences(gaps), associations.answer(found, stage, str), "associations")
            if clicked in links:
                navigation.go("leads", reached=whole.present[0].value, **links[clicked])
        tables.associations(associations.table(found))
        with st.container(horizontal=True, vertical_alignment="bottom"):
            which = st.selectbox("List leads with", list(links), index=None, key="list_property", placeholder="All")
            go_on = st.button("Show these leads", icon=":material/list:", disabled=which is None)
        if go_on and which:
            navigation.go("leads", reached=whole.present[0].value, **links[which])


def _text(key: str | date | None) -> str | None:
    return None if key is None else str(key)


def too_few_stages(present: Sequence[Stage]) -> bool:
    """Says so where the data know no stage beyond the lead."""
    if len(present) > 1:
        return False
    states.too_little("The data hold leads, but no stage that they could have reached: there is no funnel to show.")
    return True
