"""Do the sentences of the page "Channels" say no more than the numbers?"""

from __future__ import annotations

from dataclasses import replace

import pytest

from dashboard.domain import NOTHING, Estimate
from dashboard.metrics.campaigns import Campaign, Rival, Rivalry
from dashboard.metrics.channel_value import Comparison, Kind, Line, Pool
from dashboard.metrics.performance import Partner
from dashboard.metrics.reallocation import Best, Move, Place, Refusal, Side, Where
from dashboard.settings import Reference, Settings
from dashboard.views.channel_page import (
    PARTNERS,
    agency,
    next_money,
    short_bounds,
    times_with_bounds,
    together,
    whose_line,
)
from dashboard.views.channel_page_rows import against_references, reference_of
from dashboard.views.reallocation import sentence
from tests.dashboard.summaries import summary

NAMES = {"P1": "Acme*", "P2": "Beta"}
PROGRAMME, PAID = Place(Where.PROGRAMME), Place(Where.CHANNEL, "paid_search")
LINE = Line(Kind.PARTNERS, None, summary(), None, *[NOTHING] * 9)
SPRING = Campaign("paid_search", "spring_25", 60, 0.3, 300.0, 2, 500.0)


def plain(text: str) -> str:
    return text.replace("\u202f", " ")


def of(value: float, low: float, high: float) -> Estimate:
    return Estimate(value, low, high, 9)


def test_next_money_is_named_only_where_it_is_sure() -> None:
    places = ((PROGRAMME, of(23, 20, 27)), (PAID, of(3, 1, 7)))
    assert plain(next_money(Best(places, 0.99), NAMES, "Q3 2026", "USD")) == (
        "The next money goes furthest in the partner programme: in the four quarters up to Q3 2026, each $1 there came "
        "with $23 ($20–$27) ARR, and with $3.00 ($1.00–$7.00) in Paid search, the next best."
    )
    early = next_money(Best(places, 0.79), NAMES, "Q3 2026", "USD")
    assert early.startswith("It is too early to say where the next money should go: in the four quarters")


def test_next_money_without_anything_to_compare() -> None:
    assert "hold no costs" in next_money(Best((), None), NAMES, "Q3 2026", "USD")
    alone = next_money(Best(((PAID, of(3, 1, 7)),), None), NAMES, "Q3 2026", "USD")
    assert alone.startswith("Only Paid search has known costs")
    nothing = Best(((PAID, of(0, 0, 7)), (PROGRAMME, of(0, 0, 1))), 0.9)
    assert "hold no ARR beside costs" in next_money(nothing, NAMES, "Q3 2026", "USD")


def test_agency_says_who_made_more_and_how_surely() -> None:
    above = (
        Rival("P1", of(900, 500, 1500), 4, of(1.8, 1.1, 3.0)),
        Rival("P2", of(600, 200, 900), 3, of(1.2, 0.4, 3.1)),
    )
    found = Rivalry((SPRING,), SPRING, of(500, 100, 900), above, (of(1.8, 1.1, 3), of(3, 2, 4.5)))
    assert plain(agency(found, NAMES, "USD")) == (
        "2 partners made more ARR than the largest paid campaign, spring\\_25 ($500), 1 of them surely; Acme\\* made "
        "1.8× (1.1×–3.0×) as much."
    )
    assert plain(together(found, "USD")) == (
        "The partner with the most ARR made 1.8× (1.1×–3.0×) as much as the campaign and the first 2 together 3.0× "
        "(2.0×–4.5×)."
    )
    assert agency(Rivalry((), None, NOTHING, (), ()), NAMES, "USD") == ""
    nobody = Rivalry((SPRING,), SPRING, of(500, 100, 900), (), ())
    assert agency(nobody, NAMES, "USD").startswith("No partner made more ARR than the largest paid campaign")


def test_agency_says_little_of_one_that_may_be_chance() -> None:
    found = Rivalry(
        (SPRING,), SPRING, of(0, 0, 90), (Rival("P2", of(94, 9, 900), 2, Estimate(None, 0.4, None, 2)),), ()
    )
    assert agency(found, NAMES, "USD").endswith("($500), but not surely.")
    assert not agency(found, NAMES, "USD").startswith("1 partner")


def test_agency_names_the_only_one() -> None:
    only = (Rival("P1", of(900, 500, 1500), 4, of(1.8, 1.1, 3.0)),)
    assert plain(agency(Rivalry((SPRING,), SPRING, of(500, 100, 900), only, ()), NAMES, "USD")) == (
        "Acme\\* made more ARR than the largest paid campaign, spring\\_25 ($500), surely: 1.8× (1.1×–3.0×) as much."
    )


def test_costs_stand_beside_their_references_by_their_whole_interval() -> None:
    costs = ((Kind.PARTNERS, None, of(421, 386, 458)), (Kind.CHANNEL, "paid_search", of(485, 420, 563)),
             (Kind.CHANNEL, "paid_social", of(500, 460, 600)), (Kind.CHANNEL, "sem", of(610, 500, 700)),
             (Kind.CHANNEL, "organic", of(9, 8, 10)))  # fmt: skip
    lines = [replace(LINE, kind=kind, channel=name, cost_per_eql=own, cost_per_mql=own) for kind, name, own in costs]
    found = Comparison(tuple(lines), None, None, Pool())
    assert plain(against_references(found, "USD")) == (
        "Above the reference: Partners ($421 per EQL); below the reference: Paid search ($485 per MQL); within the "
        "reference: Paid social ($500 per MQL); about at the reference: SEM ($610 per MQL)."
    )


def test_times_of_nothing_is_a_lower_bound() -> None:
    assert times_with_bounds(Estimate(None, 2.34, None, 5)) == "at least 2.3×"
    assert times_with_bounds(NOTHING) == "–"


def test_a_move_in_one_sentence() -> None:
    arr, pipeline = of(73_800, 60_500, 87_000), of(123_000, 103_000, 143_000)
    sides = [Side(place, 100.0, 90.0, arr, arr, pipeline, pipeline) for place in (PAID, PROGRAMME)]
    found = Move(sides[0], sides[1], 5000.0, 0.7, arr, pipeline)
    assert plain(sentence(found, NAMES, "USD")) == (
        "Moving $5.0 k a quarter from Paid search to the partner programme would change expected ARR by "
        "+$73.8 k (+$60.5 k to +$87.0 k) and pipeline by +$123 k (+$103 k to +$143 k) a quarter (estimated)."
    )
    unclear = Move(sides[0], sides[1], 5000.0, 0.7, of(1000, -4000, 6000), pipeline)
    assert "about nothing that can be told" in sentence(unclear, NAMES, "USD")
    refused = Refusal(Place(Where.PARTNER, "P1"), 900.0, (100.0, 500.0))
    assert plain(sentence(refused, NAMES, "USD")) == (
        "No estimate: Acme\\* has cost between $100 and $500 a quarter in the last eight quarters, and $900 "
        "lies outside."
    )


def test_a_card_has_room_for_its_bounds() -> None:
    assert plain(short_bounds(of(47_100, 41_700, 52_600), "USD")) == "$42–53 k"
    assert plain(short_bounds(of(900_000, 850_000, 1_260_000), "BRL")) == "R$850 k–1.3 M"
    assert plain(short_bounds(of(421, 386, 458), "USD")) == "$386–458"
    assert plain(short_bounds(of(1500, 1400, 2000), "SEK")) == "SEK 1.4–2 k"
    assert short_bounds(NOTHING, "USD") == ""


def test_the_partners_line_is_called_what_was_chosen() -> None:
    partners = [Partner(key, NAMES[key], "other", None, None, None, "active", None) for key in NAMES]
    assert whose_line(None, partners) == PARTNERS == "Partners"
    assert whose_line(frozenset({"P1"}), partners) == "Acme*"
    assert whose_line(frozenset(NAMES), partners) == whose_line(frozenset(), partners) == "Chosen partners"


def test_references_of_costs_are_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    given = Settings(
        reference_cost_per_eql=Reference(1, 2),
        reference_paid_social_cost_per_eql=Reference(3, 3),
        reference_paid_search_cost_per_eql=Reference(4, 5),
    )
    monkeypatch.setattr("dashboard.views.channel_page_rows.settings", lambda: given)
    lines = [(Kind.PARTNERS, None), (Kind.CHANNEL, "Paid_Social"), (Kind.CHANNEL, "sem"), (Kind.CHANNEL, "organic"),
             (Kind.CHANNEL, None), (Kind.AI, None)]  # fmt: skip
    found = [reference_of(replace(LINE, kind=kind, channel=channel)) for kind, channel in lines]
    assert found == [(1, 2), (3, None), (4, 5), None, None, None]
