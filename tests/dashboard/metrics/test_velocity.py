"""Are groups, curves, lifts and sales velocities right, and do they say how sure they are?"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from dashboard.domain import Estimate
from dashboard.metrics.contract_value import Sums
from dashboard.metrics.performance import Partner
from dashboard.metrics.survival import day_counts, incidence_at, incidence_curve
from dashboard.metrics.velocity import (
    Group,
    Role,
    Split,
    Strata,
    contract_value,
    incidences,
    lift,
    sales_velocity,
    sums,
)
from tests.dashboard.summaries import summary

CURVE = {
    "partner_id": pl.String, "channel": pl.String, "has_lead": pl.Boolean, "eql_before": pl.Boolean,
    "outcome": pl.String, "days": pl.Int64, "deals": pl.Int64,
}  # fmt: skip
AGES = {"partner_id": pl.String, "channel": pl.String, "has_lead": pl.Boolean, "age_days": pl.Int64, "deals": pl.Int64}
TYPES = ("technology", "agency", "content", "referral", "reseller", "backlink", "marketplace")
PARTNERS = [Partner(f"P{i}", f"Name {i}", kind, None, "EMEA", None, "active", None) for i, kind in enumerate(TYPES)]


def curve(*rows: tuple) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=CURVE, orient="row")


def ages(*rows: tuple) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=AGES, orient="row")


def test_partner_sourced_against_other_leads() -> None:
    # Partner: 4 deals, won on day 10, lost on day 20, won on day 30, one open for 40 days.
    # At risk 4, 3, 2: incidence 1/4 on day 10, survival 3/4 · 2/3 = 1/2 before day 30: 1/4 + 1/2 · 1/2 = 1/2.
    cells = curve(
        ("P0", "x", True, True, "won", 10, 1), ("P1", "x", True, False, "lost", 20, 1),
        ("P0", "y", True, False, "won", 30, 1), ("P1", "x", True, False, "open", 40, 1),
        (None, "x", True, False, "won", 5, 2), (None, None, False, False, "won", 1, 9),
        (None, "x", True, False, "lost", -3, 1),
    )  # fmt: skip
    waited = ages(("P0", "x", True, 100, 2), ("P1", "x", True, 15, 2), (None, "x", True, 50, 2))
    own, other = incidences(cells, waited, Split.SOURCE, PARTNERS, 20.0)
    assert (own.group, own.n, other.group, other.n) == (Group(Role.OWN), 4, Group(Role.OTHER), 2)
    assert own.days.tolist() == [10, 20, 30, 40]
    assert own.value.tolist() == pytest.approx([0.25, 0.25, 0.5, 0.5])
    assert own.at_risk == {0: 4, 90: 0, 180: 0, 365: 0}
    assert (own.median, own.plain_median, own.mature) == (10.0, 20.0, False)  # half of the deals are younger than 20
    assert other.mature is True and other.value.tolist() == pytest.approx([1.0])
    assert own.eventual[90].value is None  # nobody was watched so long, and one is still open
    assert other.eventual[90].value == 1.0  # nobody is open any more


def test_bounds_hold_the_curve() -> None:
    cells = curve(
        *((None, "x", True, False, outcome, day, 3) for day in range(1, 300, 7) for outcome in ("won", "lost"))
    )
    (own,) = incidences(cells, ages((None, "x", True, 400, 1)), Split.CHANNEL, [], None)
    assert (own.low <= own.value).all() and (own.value <= own.high).all()
    assert own.mature is None  # nobody knows how long closing takes


def test_the_largest_groups_stand_alone_and_the_others_together() -> None:
    sizes = (9, 8, 7, 6, 5, 4, 3)
    cells = curve(*((f"P{i}", "x", True, False, "won", 10, n) for i, n in enumerate(sizes)),
                  ("gone", "x", True, False, "lost", 10, 1), (None, "x", True, False, "won", 1, 99))  # fmt: skip
    waited = ages(*((f"P{i}", "x", True, 50, n) for i, n in enumerate(sizes)))
    found = incidences(cells, waited, Split.TYPE, PARTNERS, None)
    assert [own.group.name for own in found[:5]] == list(TYPES[:5])
    assert (found[5].group, found[5].n) == (Group(Role.REST), 4 + 3 + 1)
    everything = incidences(cells, waited, Split.TYPE, PARTNERS, None, None)
    assert [(own.group.name, own.n) for own in everything[-2:]] == [("marketplace", 3), (None, 1)]


def test_groups_of_unknown_tier_are_not_lost() -> None:
    cells = curve(("P0", "x", True, False, "won", 10, 2), ("P1", "x", True, False, "lost", 10, 1))
    (own,) = incidences(cells, ages(), Split.TIER, PARTNERS, None)
    assert (own.group, own.n) == (Group(Role.ONE, None), 3)


def test_no_deals_no_curves() -> None:
    for split in Split:
        assert incidences(curve(), ages().with_columns(eql_before=pl.lit(True)), split, [], 30.0) == []


KINDS = {
    "partner_sourced": pl.Boolean, "eql_before": pl.Boolean, "size_band": pl.Int64, "region": pl.String,
    "product_line": pl.String,
}  # fmt: skip


def strata(closed: list[tuple], timed: list[tuple]) -> Strata:
    return Strata(
        pl.DataFrame(timed, schema=KINDS | {"outcome": pl.String, "days": pl.Int64, "deals": pl.Int64}, orient="row"),
        pl.DataFrame(closed, schema=KINDS | {"won": pl.Int64, "closed": pl.Int64}, orient="row"),
    )


def test_a_difference_that_is_only_one_of_mix_disappears() -> None:
    # Large companies win 60 of 100, small ones 20 of 100, whoever brought them; partners bring mostly large ones.
    # Raw: (54 + 2)/100 ÷ (6 + 18)/100 = 2.33; like with like: (0.5 · 0.6 + 0.5 · 0.2) for both = 1.
    closed = [
        (True, False, 3, "EMEA", None, 54, 90), (True, False, 0, "EMEA", None, 2, 10),
        (False, False, 3, "EMEA", None, 6, 10), (False, False, 0, "EMEA", None, 18, 90),
        (False, True, 4, None, "Core", 5, 50),
    ]  # fmt: skip
    timed = [
        (own, False, band, "EMEA", None, "won", 40 if band else 80, 20) for own in (True, False) for band in (0, 3)
    ]
    found = lift(strata(closed, timed), Split.SOURCE)
    assert found.rates.raw_a.value == pytest.approx(0.56)
    assert found.rates.raw_b.value == pytest.approx(29 / 150)
    assert found.rates.ratio.value == pytest.approx(1.0)
    assert found.rates.difference.value == pytest.approx(0.0, abs=1e-12)
    assert (found.rates.strata, found.rates.support) == (2, pytest.approx(200 / 250))
    assert found.speed.standard.value == 1.0
    assert lift(strata(closed, timed), Split.EQL).rates.ratio.value is None  # no kind of deal in common


def test_unknown_kinds_are_one_kind() -> None:
    closed = [(True, False, None, None, None, 3, 4), (False, False, None, None, None, 1, 4)]
    found = lift(strata(closed, []), Split.SOURCE)
    assert (found.rates.support, found.rates.ratio.value) == (1.0, pytest.approx(3.0))
    assert found.speed.raw.value is None


SIZES = {
    "partner_id": pl.String, "channel": pl.String, "has_lead": pl.Boolean, "arrs": pl.Int64, "arr": pl.Float64,
    "arr_2": pl.Float64, "amounts": pl.Int64, "amount": pl.Float64, "amount_2": pl.Float64,
}  # fmt: skip


def test_contract_value_with_and_without_partner() -> None:
    rows = [
        ("P0", "x", True, 2, 300.0, 50_000.0, 1, 10.0, 100.0),  # 100 and 200
        ("P1", None, True, 1, 300.0, 90_000.0, 0, 0.0, 0.0),
        (None, "x", True, 2, 200.0, 20_000.0, 2, 8.0, 32.0),  # twice 100
        (None, None, False, 4, 4e6, 4e12, 4, 4e6, 4e12),  # without a lead: in neither group
    ]
    found = contract_value(pl.DataFrame(rows, schema=SIZES, orient="row"))
    assert (found.own.value, found.own.n) == (200.0, 3)
    assert (found.other.value, found.other.low, found.other.high) == (100.0, 100.0, 100.0)
    assert found.difference.value == 100.0
    assert sums(pl.DataFrame(rows[:1], schema=SIZES, orient="row"), "amount") == Sums(1, 10.0, 100.0)
    assert contract_value(pl.DataFrame(schema=SIZES)).difference.value is None


def closing(won: int, days: int) -> pl.DataFrame:
    return pl.DataFrame({"outcome": ["won", "lost"], "days": [days, days + 5], "deals": [won, won]})


def test_sales_velocity_moves_with_chance_around_its_value() -> None:
    own = replace(
        summary(), opportunities_opened=400, won_deals=200, lost_deals=200, win_rate=Estimate(0.5, 0.45, 0.55, 400),
        mean_won_amount=1_000.0, median_days_to_close=50.0, sales_velocity=4_000.0,
    )  # fmt: skip
    # The median is 50 in every resample; of the others, the relative variances add up:
    # 1/400 (opportunities) + 0.5/(0.5 · 400) (wins) + 0.04/200 (amounts, coefficient of variation 0.2) = 0.0052
    amounts = Sums(200, 200_000.0, 200 * 1_040_000.0)
    found = sales_velocity(own, day_counts(closing(200, 50)), amounts, 91, draws=4_000)
    spread = 1.96 * (0.0025 + 0.0025 + 0.0002) ** 0.5
    assert (found.value, found.n) == (4_000.0, 200)
    assert np.log(found.high / found.low) / 2 == pytest.approx(spread, rel=0.06)
    assert found.low < 4_000.0 < found.high


def test_few_won_deals_get_no_interval() -> None:
    own = replace(summary(), won_deals=4, lost_deals=4, sales_velocity=100.0, mean_won_amount=50.0)
    found = sales_velocity(own, day_counts(closing(4, 50)), Sums(4, 200.0, 10_000.0), 91)
    assert (found.value, found.low, found.high) == (100.0, None, None)
    nothing = sales_velocity(replace(own, sales_velocity=None), day_counts(closing(9, 5)), Sums(9, 1.0, 1.0), 91)
    assert nothing.value is None


def test_curves_are_those_of_the_whole_page() -> None:
    cells = curve(*((None, "x", True, False, "won" if day % 3 else "lost", day, 2) for day in range(0, 500, 9)))
    (own,) = incidences(cells, ages(), Split.CHANNEL, [], None)
    whole = incidence_curve(day_counts(cells))
    assert own.days.max() <= 365 < whole.days.max()
    assert own.value[-1] == incidence_at(whole, 365)
