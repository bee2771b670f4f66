"""Do the tabs "Content" and "Prospects" say what the numbers say, and no more?"""

from __future__ import annotations

import re
from dataclasses import replace

import polars as pl
import pytest

from dashboard.charts import content as content_charts
from dashboard.charts import prospects as prospect_charts
from dashboard.domain import Estimate
from dashboard.metrics.content import content
from dashboard.metrics.prospects import BackTest, Effect, Prospect, Prospects
from dashboard.views import content_words, prospects_words
from dashboard.views.content_words import By
from tests.dashboard.metrics.test_content import NO_COST, cells

NAUGHTY = "<b>" + "x" * 200 + "</b> & $ [a](b) \u0645\u0631\u062d\u0628\u0627 \U0001f600"


def many(new: int, syndicated: int) -> tuple[dict[str, object], ...]:
    return tuple(
        {"origin": origin, "eqls": eqls, "partner_id": f"p{number}"}
        for origin, eqls in (("new", new), ("syndicated", syndicated))
        for number in range(60)
    )


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (many(20, 2), "new content brings more than syndicated"),
        (many(2, 20), "syndicated content brings more than new"),
        (many(5, 5), "about as much as syndicated"),
        (({"eqls": 3},), "all of known origin are new"),
        (({"origin": None, "eqls": 3},), "which of them are new and which syndicated is not known"),
        (({"leads": 3},), "but no EQL"),
        ((), "No asset was out"),
    ],
)
def test_first_sentence(rows: tuple[dict[str, object], ...], said: str) -> None:
    assert said in content_words.answer(content(cells(*rows), NO_COST, 92), "Q3 2026")


@pytest.mark.parametrize("rows", [many(20, 2), many(2, 20)])
def test_what_brings_more_stands_first(rows: tuple[dict[str, object], ...]) -> None:
    said = content_words.answer(content(cells(*rows), NO_COST, 92), "Q3 2026")
    first, second = re.findall(r"(?::|against) ([\d.]+) \(", said)
    assert float(first) > float(second)


def test_cost_and_lists_in_words() -> None:
    costs = pl.DataFrame([(None, 500.0, 0)], NO_COST.schema, orient="row")
    found = content(cells({"eqls": 5, "overdue_days": 3}, {}), costs, 92)
    second = content_words.second(found, "USD")
    assert "1 of 2 live assets is due" in second
    assert "brought no EQL, where chance alone would leave about" in second
    assert "$100 per EQL" in second
    assert "No content cost is known." in content_words.second(replace(found, content_cost=None), "USD")
    assert content_words.remainder(found, "USD") == ""
    nobody_knows = replace(found, due=replace(found.due, assets=found.due.assets.clear(), unknown_date=found.due.live))
    assert content_words.second(nobody_knows, "USD").startswith("Which live assets are due for a refresh is not known.")


def test_charts_of_content_take_any_name() -> None:
    found = content(cells({"kind": NAUGHTY, "eqls": 3}, {"kind": "webinar"}), NO_COST, 92)
    lines = content_words.lines_of(found, By.KIND)
    rows = content_words.rows(lines, By.KIND)
    text = str(content_charts.yields(rows).to_plotly_json())
    assert "<b>x" not in text
    assert "brings most EQLs" in content_words.rows_in_words(rows)
    shares = content_words.shares(found)
    assert sum(part.share for part in shares) == pytest.approx(1.0)
    assert "Origin unknown" not in [part.label for part in shares]
    assert content_charts.mix(shares, 0.6).to_plotly_json()["layout"]["shapes"][0]["x0"] == 0.6
    assert content_words.rows([], By.KIND) == []
    assert content_words.rows_in_words([]) == "No EQL came through an asset."


def estimate(low: float, value: float, high: float) -> Estimate:
    return Estimate(value, low, high, 300)


def back_tested(model: Estimate, rating: Estimate, gain: Estimate) -> BackTest:
    return BackTest(300, 40, estimate(0.86, 0.9, 0.93), model, rating, gain)


NONE, GOOD = estimate(-0.1, 0.0, 0.1), estimate(0.1, 0.3, 0.5)


@pytest.mark.parametrize(
    ("test", "said"),
    [
        (back_tested(NONE, NONE, NONE), "Neither is shown to be better than drawing lots"),
        (back_tested(NONE, GOOD, estimate(-0.5, -0.3, -0.1)), "Only the order by domain rating"),
        (back_tested(GOOD, NONE, GOOD), "tells pages apart, clearly, and beats domain rating"),
        (back_tested(estimate(0.01, 0.1, 0.2), GOOD, NONE), "weakly; that it beats domain rating is not shown"),
        (back_tested(GOOD, GOOD, estimate(-0.5, -0.3, -0.1)), "yet domain rating alone does better"),
    ],
)
def test_the_verdict_claims_what_is_shown(test: BackTest, said: str) -> None:
    assert said in prospects_words.honest(test)
    assert "90" in prospects_words.calibration(test)


def page(**more: object) -> Prospect:
    own = Prospect("s1", "p1", "page", 62.0, estimate(0.0, 30_000.0, 90_000.0), 0.4, 1, 1, 2, 2, False, 9)
    return replace(own, **more)  # type: ignore[arg-type]


def judged(test: BackTest | None, *pages: Prospect) -> Prospects:
    return Prospects(pages, 300, 40, 500, (5.0, 90.0), Effect("10 points", NONE), [], test)


def test_answers_of_prospects() -> None:
    second = page(asset_id="s2", rank=2, rank_low=1)
    assert "none is known to be better" in prospects_words.answer(
        judged(back_tested(NONE, NONE, NONE), page(), second), "USD"
    )
    assert "any of 2 may be the best" in prospects_words.answer(
        judged(back_tested(GOOD, NONE, GOOD), page(), second), "USD"
    )
    alone = judged(back_tested(GOOD, NONE, GOOD), page(), replace(second, rank_low=2))
    assert "one clearly leads" in prospects_words.answer(alone, "USD")
    assert "cannot be told yet" in prospects_words.answer(judged(None, page(rank=None)), "USD")
    assert "Too few partners" in prospects_words.honest(None)


def test_domain_rating_in_words() -> None:
    assert "not shown to matter" in prospects_words.rating_sentence(Effect("", estimate(0.9, 1.0, 1.1)))
    assert "go with 1.20×" in prospects_words.rating_sentence(Effect("", estimate(1.1, 1.2, 1.3)))
    assert "go with less" in prospects_words.rating_sentence(Effect("", estimate(0.7, 0.8, 0.9)))
    assert prospects_words.rating_sentence(None) == ""


def test_picture_of_prospects_takes_any_name() -> None:
    shown = [page(beyond=True, domain_rating=None), page(asset_id=NAUGHTY, rank_by_rating=None, rank=2)]
    rows = prospects_words.rows(shown, {"p1": NAUGHTY}, {"s1": NAUGHTY}, "USD")
    figure = prospect_charts.ranked(rows, prospects_words.ticks(rows, "USD")).to_plotly_json()
    assert "<b>x" not in str(figure)
    assert figure["data"][0]["marker"]["symbol"] == ["circle-open", "circle"]
    assert "1. " in prospects_words.rows_in_words(rows)
    assert prospects_words.columns(shown, {}, {})["Note"] == ["rating outside those seen, no rating", ""]


@pytest.mark.parametrize("high", [0.0, 3.0, 87_166.0, 100_000.0, 999.0, 5e9])
def test_ticks_are_few_and_reach_beyond(high: float) -> None:
    rows = prospects_words.rows([page(expected=estimate(0.0, 0.0, high))], {}, {}, "USD")
    found = prospects_words.ticks(rows, "USD")
    assert 2 <= len(found) <= 4
    assert found[-1][0] >= high


def test_the_mix_is_of_what_is_known_and_the_rest_is_said() -> None:
    found = content(cells({"origin": "new"}, {"origin": "syndicated"}, {"origin": None}), NO_COST, 92)
    assert [(part.label, part.share) for part in content_words.shares(found)] == [("New", 0.5), ("Syndicated", 0.5)]
    said = content_words.mix_sentence(found).replace("\u202f", " ")
    assert said == (
        "50 % new, 50 % syndicated (of 2 assets of known origin; reference 60 : 40). 1 more asset of unknown origin."
    )
