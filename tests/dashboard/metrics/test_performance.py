"""Do the groups add up, and do ranks, gates and pools stand whatever a viewer selects?"""

from __future__ import annotations

from datetime import date

import pytest

from dashboard.metrics.performance import Selection, performance
from dashboard.metrics.ranking import Group
from dashboard.settings import Settings
from tests.dashboard.metrics.synthetic import WINDOW, cells, random_reading, reading

READING = random_reading(25, 5000, seed=4)
SETTINGS = Settings()
WHOLE = performance(READING, WINDOW, SETTINGS)
SUMMED = ("leads", "mqls", "eqls", "sqls", "won", "opportunities_opened", "won_deals", "lost_deals", "open_deals")
SUMMED += ("arr", "pipeline_created", "open_pipeline", "eqls_in_period", "sqls_in_period", "negative_durations")


@pytest.mark.parametrize("name", SUMMED)
def test_totals_are_the_sum_of_their_parts(name: str) -> None:
    parts = [WHOLE.partner_sourced, WHOLE.not_partner_sourced, WHOLE.unattributed]
    assert getattr(WHOLE.totals, name) == pytest.approx(sum(getattr(part, name) for part in parts), abs=1e-6)
    partners = sum(getattr(p.summary, name) for p in WHOLE.partners)
    assert getattr(WHOLE.partner_sourced, name) == pytest.approx(partners, abs=1e-6)
    channels = sum(getattr(c.summary, name) for c in WHOLE.channels) + getattr(WHOLE.unattributed, name)
    assert getattr(WHOLE.totals, name) == pytest.approx(channels, abs=1e-6)


def test_programme_cost_is_borne_by_partners() -> None:
    assert WHOLE.totals.programme_cost == pytest.approx(sum(p.direct_cost + p.overhead_cost for p in WHOLE.partners))


def test_totals_divide_partners_pipeline_by_partners_pages() -> None:
    pages = READING.pages["pages_12_months"].sum()
    expected = WHOLE.partner_sourced.pipeline_created / pages
    assert WHOLE.totals.pipeline_per_referring_page == pytest.approx(expected)
    assert WHOLE.not_partner_sourced.pipeline_per_referring_page is None


CHOSEN = frozenset(["P003", "P007", "P011"])


@pytest.mark.parametrize(
    "selection",
    [Selection(partners=CHOSEN), Selection(CHOSEN, frozenset(["partner"])), Selection(channels=frozenset(["email"]))],
)
def test_ranks_and_gates_do_not_depend_on_who_looks(selection: Selection) -> None:
    seen = performance(READING, WINDOW, SETTINGS, selection)
    assert seen.ranking == WHOLE.ranking
    gates = {p.partner.partner_id: p.gate for p in WHOLE.partners}
    assert all(p.gate == gates[p.partner.partner_id] for p in seen.partners)
    assert WHOLE.ranking.members(Group.TOP)


def test_choosing_partners_narrows_the_sums_and_leaves_each_partner_as_it_is() -> None:
    seen = performance(READING, WINDOW, SETTINGS, Selection(partners=CHOSEN))
    own = [p for p in WHOLE.partners if p.partner.partner_id in CHOSEN]
    assert list(seen.partners) == own
    assert seen.prior == WHOLE.prior
    assert seen.partner_sourced.leads == sum(p.summary.leads for p in own)
    assert seen.not_partner_sourced == WHOLE.not_partner_sourced
    assert seen.unattributed.opportunities_opened == 0


def test_choosing_channels_narrows_every_group() -> None:
    seen = performance(READING, WINDOW, SETTINGS, Selection(channels=frozenset(["email"])))
    assert [c.channel for c in seen.channels] == ["email"]
    whole = {c.channel: c.summary for c in WHOLE.channels}
    assert seen.totals.leads == whole["email"].leads < WHOLE.totals.leads


def test_leads_without_a_channel_can_be_chosen() -> None:
    everything = reading(cells(cohort=[{"leads": 3, "channel": None}, {"leads": 5, "channel": "email"}]), [])
    chosen = Selection(channels=frozenset([""]))
    assert performance(everything, WINDOW, SETTINGS, chosen).totals.leads == 3
    assert performance(everything, WINDOW, SETTINGS, Selection(channels=frozenset(["", "email"]))).totals.leads == 8


def test_a_partner_that_brought_nothing_is_there() -> None:
    found = performance(reading(cells(), [{"partner_id": "A"}]), WINDOW, SETTINGS).partners[0]
    assert (found.summary.leads, found.shrunken_win_rate.value, found.place.rank) == (0, None, None)


@pytest.mark.parametrize("day", [date(1, 1, 1), date(9999, 12, 31)])
def test_join_dates_at_the_ends_of_the_calendar_stop_nothing(day: date) -> None:
    for start in (1, 4):
        found = performance(
            reading(cells(), [{"partner_id": "A", "joined_on": day}]), WINDOW, Settings(fiscal_year_start=start)
        )
        assert found.partners[0].gate.first_full_quarter is None


def test_channels_are_those_of_leads_deals_and_costs_the_unnamed_last() -> None:
    found = performance(
        reading(
            cells(deals=[{"channel": "fair", "opened": 1}]),
            [{"partner_id": "A"}],
            census=[{"channel": None}, {"channel": "seo"}, {"channel": "gone", "live": 0}],
            costs=[{"channel": "ads", "cost": 10.0}],
        ),
        WINDOW,
        SETTINGS,
    )
    assert [c.channel for c in found.channels] == ["ads", "fair", "seo", None]
    assert [c.summary.programme_cost for c in found.channels] == [10.0, None, None, None]
