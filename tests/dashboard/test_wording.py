"""Are numbers, moments and names written as people expect them?"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard import wording
from dashboard.domain import Estimate

T = wording.THIN


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (None, "–"),
        (0, "$0"),
        (0.004, "$0"),
        (3.5, "$3.50"),
        (9.994, "$9.99"),
        (9.996, "$10"),
        (287.4, "$287"),
        (999.4, "$999"),
        (999.6, f"$1.0{T}k"),  # never "$1000"
        (45_300, f"$45.3{T}k"),
        (845_000, f"$845{T}k"),
        (999_600, f"$1.0{T}M"),  # never "$1000 k"
        (1_200_000, f"$1.2{T}M"),
        (123_400_000, f"$123{T}M"),
        (4_500_000_000, f"$4.5{T}B"),
        (-3.5, "−$3.50"),
        (-0.001, "$0"),  # never "−$0"
    ],
)
def test_money(value: float | None, written: str) -> None:
    assert wording.money(value, "USD") == written


@pytest.mark.parametrize(("code", "sign"), [("EUR", "€5"), ("BRL", "R$5"), ("GBP", "£5"), ("CHF", f"CHF{T}5")])
def test_money_names_its_currency(code: str, sign: str) -> None:
    assert wording.money(5.0, code)[: len(sign)] == sign


@given(st.floats(-1e15, 1e15))
def test_money_never_shows_more_than_three_figures_before_the_unit(value: float) -> None:
    figures = re.match(r"−?\$([\d]+)", wording.money(value, "USD"))
    assert figures and len(figures[1]) <= (4 if abs(value) >= 999e12 else 3)


def test_money_exactly() -> None:
    assert wording.money_exactly(-1234567.891, "EUR") == f"−€1{T}234{T}567.89"


def test_counts_rates_days_multiples() -> None:
    assert wording.count(12_345) == f"12{T}345"
    assert wording.rate(0.2434) == f"24.3{T}%"
    assert wording.rate(None) == "–"
    assert wording.interval(Estimate(0.2, 0.1812, 0.2491, 9), 0) == f"18–25{T}%"
    assert wording.interval(Estimate(None, None, None, 0)) == ""
    assert wording.money_interval(Estimate(700.0, 386.0, 1_200.0, 9), "USD") == f"$386–$1.2{T}k"
    assert wording.money_interval(Estimate(700.0, None, None, 0), "USD") == ""
    assert wording.days(41.0) == f"41{T}days"
    assert wording.days(1.0) == f"1{T}day"
    assert wording.days(41.5, at_least=True) == f"≥{T}41.5{T}days"
    assert wording.multiple(6.12) == "6.1×"
    assert wording.multiple(1400.0) == f"1{T}400×"


@pytest.mark.parametrize(
    ("now", "before", "written"),
    [
        (118, 100, f"+18{T}%"),
        (96, 100, f"−4{T}%"),
        (100.2, 100, f"±0{T}%"),
        (1200, 100, "12×"),
        (5, 0, None),  # nothing to divide by
        (5, None, None),
        (None, 5, None),
        (0, 5, f"−100{T}%"),
    ],
)
def test_change(now: float | None, before: float | None, written: str | None) -> None:
    assert wording.change(now, before) == written


def test_change_of_rates_is_in_points() -> None:
    assert wording.change_in_points(0.243, 0.212) == f"+3.1{T}pts"
    assert wording.change_in_points(0.2121, 0.2119) == f"±0{T}pts"
    assert wording.change_in_days(37, 41) == f"−4{T}days"


def test_moments_carry_their_zone() -> None:
    at = datetime(2026, 11, 22, 9, 12, tzinfo=UTC)
    assert wording.moment(at, "UTC") == "22 Nov 2026 09:12 UTC"
    assert wording.moment(at, "Europe/Berlin") == "22 Nov 2026 10:12 CET"
    assert wording.moment(at, "America/Sao_Paulo") == "22 Nov 2026 06:12 America/Sao_Paulo"  # "-03" says nothing


@pytest.mark.parametrize(
    ("code", "label"),
    [
        ("paid_search", "Paid search"),
        ("ai_referral", "AI referral"),
        ("seo", "SEO"),
        ("paid_ppc", "Paid PPC"),
        ("crm_sync", "CRM sync"),
        ("email", "Email"),  # ai in a word is no acronym
        ("sem resposta", "Sem resposta"),  # a text in its own words, not a code
        ("Ai Weiwei", "Ai Weiwei"),
        ("", "Not set"),
        (None, "Not set"),
    ],
)
def test_codes_read_as_labels(code: str | None, label: str) -> None:
    assert wording.label(code) == label


def test_age() -> None:
    assert wording.age(timedelta(seconds=-3)) == "0 seconds"
    assert wording.age(timedelta(minutes=1)) == "1 minute"
    assert wording.age(timedelta(hours=47)) == "1 day"


@pytest.mark.parametrize(
    ("label", "fiscal", "name"),
    [
        ("2026-Q3", 1, "Q3 2026"),
        ("2026-Q3", 4, "Q3 FY 2026"),
        ("2026", 7, "FY 2026"),
        ("2026-07", 1, "July 2026"),
        ("2026-01-01..2026-07-01", 1, "1 Jan – 30 Jun 2026"),
        ("2025-11-01..2026-02-01", 1, "1 Nov 2025 – 31 Jan 2026"),
        ("2026-05-04..2026-05-05", 1, "4 May 2026"),
    ],
)
def test_period_name(label: str, fiscal: int, name: str) -> None:
    assert wording.period_name(label, fiscal) == name


@given(st.text())
def test_names_from_data_carry_no_markup(name: str) -> None:
    safe = wording.plain(name)
    assert not re.search(r"(?<!\\)(?:\\\\)*[*_`\[\]()<>#!|~$:&]", safe)
    assert "\n" not in safe


@given(st.text(alphabet="ab *_`[](){}<>#!|~$:&^+-.\\"))
def test_on_paper_the_same_name_reads_as_it_is(name: str) -> None:
    assert wording.unmarked(wording.plain(name)) == " ".join(name.split())
