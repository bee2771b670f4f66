"""What stands in the tables of the Funnel page, on screen and as CSV?"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import polars as pl
import streamlit as st

from dashboard import wording
from dashboard.charts.cohorts import Month
from dashboard.domain import Estimate, Stage
from dashboard.formulas import harmless
from dashboard.metrics.funnel_groups import By, Funnel, StepDifference, all_steps, main_steps, name_of
from dashboard.views import funnel as words

Groups = Mapping[str | date | None, Funnel]
Names = Mapping[str | date | None, str]
PER_CENT = "%.1f\u202f%%"


def columns(by: By, found: Groups, names: Names, present: Sequence[Stage]) -> pl.DataFrame:
    """Every group with its stages and steps, those with most leads first; rates in per cent, so that they sort."""
    keys = sorted(found, key=lambda key: (-found[key].counts[present[0]], names[key]))
    made: dict[str, list[Any]] = {words.BY[by]: [names[key] for key in keys]}
    for stage in present:
        made[words.TITLE[stage]] = [found[key].counts[stage] for key in keys]
    for step in main_steps(present):
        name = words.step_name(step)
        made[name] = [_per_cent(found[key].step(step)) for key in keys]
        made[f"{name}: 95 %"] = [_interval(found[key], step) for key in keys]
    rates = {words.step_name(step): pl.Float64 for step in main_steps(present)}
    return pl.DataFrame(made, schema_overrides=rates)


def all_groups(by: By, shown: pl.DataFrame, present: Sequence[Stage]) -> None:
    """The table of `columns`; the name stays in sight when a narrow screen scrolls."""
    settings: dict[str, Any] = {words.BY[by]: st.column_config.TextColumn(pinned=True)}
    settings |= {words.TITLE[stage]: st.column_config.NumberColumn(format="localized") for stage in present}
    settings |= {words.step_name(s): st.column_config.NumberColumn(format=PER_CENT) for s in main_steps(present)}
    st.dataframe(
        shown,
        hide_index=True,
        height="content" if shown.height <= 15 else 560,
        column_config=settings,
        alt=f"Stages and step conversions by {words.ONE[by]}, each with its interval and number of leads",
    )


def download(by: By, found: Groups, names: Names, present: Sequence[Stage], file_name: str) -> None:
    """All groups and steps as CSV, made when it is asked for."""
    st.download_button(
        "Download as CSV",
        lambda: groups_csv(by, found, names, present),
        file_name=file_name,
        mime="text/csv",
        icon=":material/download:",
        on_click="ignore",
    )


def _per_cent(estimate: Estimate) -> float | None:
    return None if estimate.value is None else 100 * estimate.value


def _interval(found: Funnel, step: tuple[Stage, Stage]) -> str:
    estimate = found.step(step)
    if estimate.value is None:
        return ""
    early = ", too early" if found.mature(step) is False else ""
    return f"{wording.interval(estimate)} of {wording.count(estimate.n)}{early}"


def groups_csv(by: By, found: Groups, names: Names, present: Sequence[Stage]) -> bytes:
    """All groups and steps as CSV with a byte order mark; a name that a spreadsheet would run gets an apostrophe."""
    out = io.StringIO()
    writer = csv.writer(out)
    steps = all_steps(present)
    parts = ("", "_low", "_high", "_n")
    writer.writerow(
        ["group", "key", "name", *(stage.value for stage in present)]
        + [f"{name_of(step)}{part}" for step in steps for part in parts]
        + [f"{stage.value}_mature" for stage in present[1:]]
    )
    for key, each in found.items():
        rates = [value for step in steps for value in _plain(each.step(step))]
        writer.writerow(
            [by.value, harmless("" if key is None else str(key)), harmless(names[key])]
            + [each.counts[stage] for stage in present]
            + rates
            + [each.maturity[stage].mature for stage in present[1:]]
        )
    return out.getvalue().encode("utf-8-sig")


def _plain(estimate: Estimate) -> tuple[float | None, float | None, float | None, int]:
    return estimate.value, estimate.low, estimate.high, estimate.n


def months(shown: Sequence[Month]) -> None:
    """The months as a table."""
    st.dataframe(
        {
            "Leads of": [month.first for month in shown],
            "Rate": [_per_cent(month.estimate) for month in shown],
            "95 % interval": [wording.interval(month.estimate) for month in shown],
            "n": [month.estimate.n for month in shown],
            "Remark": ["too early to judge" if month.young else "" for month in shown],
        },
        hide_index=True,
        height="content",
        column_config={
            "Leads of": st.column_config.DateColumn(format="MMM YYYY", pinned=True),
            "Rate": st.column_config.NumberColumn(format=PER_CENT),
        },
        alt="The rate of each month with its interval and number of leads",
    )


def days(columns: Mapping[str, Sequence[object]]) -> None:
    """The days of every step."""
    numbers = ("Median days", "Quarter within", "Three quarters within", "Nine in ten within")
    st.dataframe(
        columns,
        hide_index=True,
        height="content",
        column_config={"Step": st.column_config.TextColumn(pinned=True)}
        | {name: st.column_config.NumberColumn(format="%.4g") for name in numbers},
        alt="Median, quartiles and 90th percentile of the days of each step, with the number of leads",
    )


def associations(columns: Mapping[str, Sequence[object]]) -> None:
    """Every property with and without."""
    rates = ("With %", "Without %", "Difference, pts")
    st.dataframe(
        columns,
        hide_index=True,
        height=440,
        column_config={"Property": st.column_config.TextColumn(pinned=True, width="medium")}
        | {name: st.column_config.NumberColumn(format="%.1f") for name in rates}
        | {"q": st.column_config.NumberColumn(format="%.3f")},
        alt="Each property with the conversion of leads with it and without it, and the difference",
    )


def differences(found: Sequence[StepDifference]) -> None:
    """Two groups step by step."""
    st.dataframe(
        {
            "Step": [words.step_name(each.step) for each in found],
            "A": [_rate(each.a) for each in found],
            "B": [_rate(each.b) for each in found],
            "A − B": [words.points(each.difference.value) for each in found],
            "95 % interval": [_bounds(each) for each in found],
            "q": [each.q for each in found],
            "More than chance?": ["yes" if each.discovered else "cannot tell" for each in found],
        },
        hide_index=True,
        height="content",
        column_config={
            "Step": st.column_config.TextColumn(pinned=True),
            "q": st.column_config.NumberColumn(format="%.3f"),
        },
        alt="Both groups' rates and their difference at each step",
    )


def _rate(estimate: Estimate) -> str:
    if estimate.value is None:
        return wording.NOTHING
    return f"{wording.rate(estimate.value)} of {wording.count(estimate.n)}"


def _bounds(each: StepDifference) -> str:
    if each.difference.low is None:
        return ""
    return f"{words.points(each.difference.low)} to {words.points(each.difference.high)}"
