"""What of the Funnel page goes into files? Its answer and charts, the stages, the groups and the months."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

from dashboard import frames, wording
from dashboard.blocks import Drawn
from dashboard.charts import cohorts
from dashboard.domain import Estimate
from dashboard.filters import Filters
from dashboard.frames import funnel as asked
from dashboard.metrics.funnel_groups import By, Funnel, Step, all_steps, main_steps, name_of
from dashboard.period import Period
from dashboard.reports.figures import Column, Kind
from dashboard.reports.page_document import PageDocument, PagePicture, PageTable
from dashboard.views import funnel as words
from dashboard.views import funnel_blocks as look
from dashboard.views.exports import Head

_BOUNDS = (("_low", "from", Kind.RATE), ("_high", "to", Kind.RATE), ("_n", "of", Kind.COUNT))


@dataclass(frozen=True, slots=True)
class Shows:
    """What the page shows; `step` and `groups` are those of the comparison of groups."""

    head: Head
    period: Period
    chosen: Filters
    whole: asked.Whole
    by: By
    step: Step
    groups: Mapping[str | date | None, Funnel]
    drawn: Sequence[Drawn]


def document(shows: Shows) -> PageDocument:
    """All that the page says of the leads, their groups and months."""
    span = asked.span(shows.period)
    months = words.months(asked.months(shows.period, shows.chosen), shows.step, span.month, span.end)
    pictures = [*(own.picture() for own in shows.drawn), *([_by_month(shows, months)] if months else [])]
    return shows.head.document([_stages(shows), _groups(shows), _months(shows, months)], pictures)


def _stages(shows: Shows) -> PageTable:
    """Every stage with its share of the stage before and of the first."""
    columns = (
        Column("stage", "Stage"), Column("leads", "Leads", Kind.COUNT),
        *_rate("of_previous", "Of the previous"), *_rate("of_first", "Of the first"), Column("mature", "Old enough?"),
    )  # fmt: skip
    found, present = shows.whole.funnel, shows.whole.present
    rows: list[list[Any]] = [[words.TITLE[present[0]], found.counts[present[0]], *[None] * 8, ""]]
    for before, stage in pairwise(present):
        steps = ((before, stage), (present[0], stage))
        shares = [value for step in steps for value in _cells(found.step(step))]
        rows.append([words.TITLE[stage], found.counts[stage], *shares, _old(found.maturity[stage].mature)])
    return PageTable("stages", "Where do leads get lost?", columns, rows)


def _groups(shows: Shows) -> PageTable:
    """Every group with its stages and all steps, those with most leads first."""
    present, steps = shows.whole.present, all_steps(shows.whole.present)
    main = main_steps(present)
    ordered = [*main, *(step for step in steps if step not in main)]
    columns = (
        Column("key", "Key"), Column("name", words.BY[shows.by]),
        *(Column(stage.value, words.TITLE[stage], Kind.COUNT) for stage in present),
        *(column for step in ordered for column in _rate(name_of(step), words.step_name(step))),
    )  # fmt: skip
    names = words.names_of(shows.by, shows.groups, frames.choices().partners)
    keys = sorted(shows.groups, key=lambda key: (-shows.groups[key].counts[present[0]], names[key]))
    rows = [
        ["" if key is None else str(key), names[key], *(shows.groups[key].counts[stage] for stage in present),
         *(value for step in ordered for value in _cells(shows.groups[key].step(step)))]
        for key in keys
    ]  # fmt: skip
    return PageTable("groups", "Who converts best?", columns, rows)


def _months(shows: Shows, months: Sequence[cohorts.Month]) -> PageTable:
    columns = (Column("month", "Leads of"), *_rate(name_of(shows.step), words.step_name(shows.step)),
               Column("mature", "Old enough?"))  # fmt: skip
    rows = [[f"{own.first:%Y-%m}", *_cells(own.estimate), _old(not own.young)] for own in months]
    return PageTable("months", "Do later leads convert better?", columns, rows)


def _by_month(shows: Shows, months: Sequence[cohorts.Month]) -> PagePicture:
    shaded = (shows.period.start.date(), shows.period.end.date())
    figure = cohorts.monthly(months, shaded, look.colour_of(shows.whole))
    basis = f"{words.step_name(shows.step)} by month in which the lead was created; hollow: too early to judge"
    said = wording.unmarked(words.months_in_words(months, shows.step))
    return PagePicture("months", "Do later leads convert better?", basis, figure.to_plotly_json(), said)


def _rate(name: str, heading: str) -> tuple[Column, ...]:
    bounds = (Column(f"{name}{end}", title, kind) for end, title, kind in _BOUNDS)
    return (Column(name, heading, Kind.RATE), *bounds)


def _cells(own: Estimate) -> list[Any]:
    return [own.value, own.low, own.high, own.n]


def _old(mature: bool | None) -> str:
    return "" if mature is None else "yes" if mature else "too early"
