"""Do the sentences about AI referrals say shares with their intervals, and say nothing where there is nothing?"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from dashboard.domain import NOTHING, Estimate
from dashboard.metrics.ai_referrals import AiReferrals, Brought, Month, OfPartner
from dashboard.metrics.intervals import rate
from dashboard.views import ai_referrals_words as words

OWN, EVERYTHING = Brought(20, 5, 2, 1_000.0, 4, 9_000.0), Brought(400, 50, 20, 40_000.0, 40, 90_000.0)
NONE = Brought(0, 0, 0, 0.0, 0, 0.0)
FOUND = AiReferrals(
    OWN, EVERYTHING, rate(20, 400), rate(5, 50), Estimate(0.025, 0.01, 0.09, 20), 0.1,
    {"ChatGPT": OWN, "Perplexity": NONE},
    [OfPartner("P1", OWN, rate(5, 10)), OfPartner(None, NONE, NOTHING)],
    [Month(date(2026, 8, 1), NONE, NOTHING, NOTHING, NOTHING),
     Month(date(2026, 9, 1), OWN, rate(1, 4), NOTHING, NOTHING)],
    [("", "AI, tool not named", 3)], [("x*gpt*", 4), ("b", 3), ("c", 2), ("d", 1)],
)  # fmt: skip
EMPTY = replace(FOUND, total=NONE, everything=NONE, share_of_arr=NOTHING, sources={}, lookalikes=[])


def test_the_sentence_says_shares_with_intervals() -> None:
    said = words.sentence(FOUND, "Q3 2026", "USD")
    assert "20 of 400 leads (5.0\u202f%, 3.3–7.6\u202f%) and 5 of 50 EQLs" in said
    assert "$1.0\u202fk of $40.0\u202fk ARR (2.5\u202f%, 1.0–9.0\u202f%)" in said


def test_none_and_nothing_are_told_apart() -> None:
    assert words.sentence(EMPTY, "Q3", "USD") == "There are no leads and no won deals in Q3."
    assert "is known to have come from an AI" in words.sentence(replace(FOUND, total=NONE), "Q3", "USD")
    no_arr = words.sentence(replace(FOUND, total=replace(OWN, arr=0.0)), "Q3", "USD")
    assert "none of the $40.0\u202fk ARR came from them" in no_arr


def test_unknown_names_cannot_be_markup() -> None:
    assert words.unknown(FOUND) == (
        "Not counted, though they look like AI: x\\*gpt\\* (4 leads), b (3 leads), c (2 leads) and 1 more."
    )
    assert words.unknown(EMPTY) == ""


def test_tables() -> None:
    assert words.source_columns(FOUND, "USD")["Source"] == ["ChatGPT", "Perplexity", "All AI referrals"]
    partners = words.partner_columns(FOUND, [], "USD")
    assert partners["Partner"] == ["P1", words.NOBODY]
    assert partners["Of all its EQLs"][1] == "–"
    assert words.name_columns(FOUND)["utm_source"] == [words.BY_CHANNEL]


def test_months() -> None:
    (leads,) = words.series(FOUND)
    assert [share.value for share in leads.shares] == [None, 0.25]
    assert words.months_in_words(FOUND).startswith("Share of AI referrals among leads: September 2026 25.0")
    assert words.months_in_words(EMPTY.__class__(**{**_fields(EMPTY), "months": []})) == "No month has leads."


def _fields(found: AiReferrals) -> dict[str, object]:
    return {name: getattr(found, name) for name in found.__dataclass_fields__}
