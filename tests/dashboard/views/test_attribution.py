"""Does the Attribution page say what the credits carry, and do its rows add up whatever the company?"""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.charts.attribution import Tone
from dashboard.domain import Estimate
from dashboard.metrics.attribution import Attribution, Deals, Line
from dashboard.metrics.attribution_certainty import Certainty
from dashboard.metrics.attribution_rules import Base, KeyInfluence, Kind, Options, Rule, Until
from dashboard.metrics.markov import RemovalEffects
from dashboard.metrics.money_intervals import DealSum
from dashboard.views import attribution as words
from dashboard.views import attribution_lines as lines
from dashboard.views.attribution_choice import Choice, possible
from dashboard.views.headline import Setting, Subject
from tests.dashboard.summaries import summary

WHEN = Setting("Q3 2026", True, True, "USD")
CHOICE = Choice(Rule.LINEAR, Rule.SOURCE, Base.ARR, Options())
ANYBODY = Subject("The 0 chosen partners")
ODD_NAMES = ("<img src=x onerror=alert(1)>", "=1+1", "**bold** [a](b)", "شركة الشركاء", "🤝 & Söhne", "x" * 200)


def said(text: str) -> str:
    return text.replace("\u202f", " ")


def line(
    key: str | None, linear: int, source: int | None = None, *, kind: Kind = Kind.PARTNER, touched: bool = True,
    deals: int = 20, name: str | None = None,
) -> Line:  # fmt: skip
    """A line with `linear` cents by every rule but Source, which gives `source` (default: the same)."""
    cents = dict.fromkeys(Rule, linear) | {Rule.SOURCE: linear if source is None else source}
    return Line(kind, key, name or (f"Partner {key}" if key else None), touched, cents, deals, 0, 5, 7)


def shared(*own: Line, untouched: int = 0, base: Base = Base.ARR, unconverted: int = 0, deals: int = 60) -> Attribution:
    total = sum(each.cents[Rule.LINEAR] for each in own if each.kind is Kind.PARTNER)
    part = Deals(deals, total - untouched)
    rest = Deals(10 if untouched else 0, untouched)
    whole = Deals(part.deals + rest.deals, total)
    return Attribution(base, Options(), own, part, Deals(0, 0), rest, whole, unconverted)


USUAL = shared(
    line("a", 60_000_00, 70_000_00), line("b", 20_000_00, 10_000_00), line(None, 15_000_00), line(None, 5_000_00,
    touched=False, deals=3), untouched=12_000_00,
)  # fmt: skip


def answer(found: Attribution, rule: Rule = Rule.LINEAR, when: Setting = WHEN) -> str:
    return said(words.answer(ANYBODY, when, rule, found, None))


def second(found: Attribution, page: int | None = None, when: Setting = WHEN) -> str:
    return said(words.second(when, found, found.total.cents if page is None else page))


def test_first_lines_say_who_how_much_untouched_and_that_it_adds_up() -> None:
    assert answer(USUAL) == (
        "With equal shares, partners brought $80.0 k of the $100 k ARR won in Q3 2026 (80 %), Partner a most ($60.0 k)."
    )
    assert second(USUAL) == (
        "No partner touched deals worth $12.0 k. All credit adds up to $100 000.00, to the cent what the ARR page "
        "shows."
    )


def test_a_difference_from_the_other_page_is_said_and_not_hidden() -> None:
    assert second(USUAL, page=100_000_01).endswith(
        "All credit adds up to $100 000.00, which is not the $100 000.01 of the ARR page."
    )


def test_pipeline_is_held_against_the_overview() -> None:
    found = shared(line("a", 10_00), base=Base.PIPELINE)
    assert answer(found) == ("With equal shares, partners brought $10 of the $10 pipeline created in Q3 2026 (100 %).")
    assert second(found) == (
        "A partner touched every deal. All credit adds up to $10.00, to the cent what the Overview shows."
    )


def test_chosen_partners_are_the_subject() -> None:
    chosen = frozenset({"b"})
    text = said(words.answer(Subject("Bee", True), WHEN, Rule.LINEAR, USUAL, chosen))
    assert text.startswith("With equal shares, Bee brought $20.0 k of the $100 k ARR won in Q3 2026 (20 %).")
    assert words.credit(USUAL, Rule.LINEAR, chosen) == words.Credit(20_000_00, 60_000_00, 15_000_00, 5_000_00)


def test_partners_that_tie_are_not_called_first() -> None:
    assert "most" not in answer(shared(line("a", 50_00), line("b", 50_00)))


@pytest.mark.parametrize(
    ("found", "when", "sentence"),
    [
        (shared(deals=0), WHEN, "No deal was won in Q3 2026, so there is no credit to share."),
        (shared(deals=0), Setting("Q4 2026", False, True, "USD"),
         "No deal was won in Q4 2026 so far, so there is no credit to share."),
        (USUAL, Setting("Q1 2027", False, False, "USD"), "Q1 2027 has not begun yet."),
        (shared(line("a", 0), deals=1), WHEN,
         "1 deal was won in Q3 2026; the data hold no ARR for them, so there is no credit to share."),
    ],
)  # fmt: skip
def test_nothing_to_share(found: Attribution, when: Setting, sentence: str) -> None:
    assert answer(found, when=when) == sentence
    assert not second(found, when=when)


def test_without_partners_channels_answer() -> None:
    found = shared(
        line(None, 9_00), line("organic", 6_00, kind=Kind.CHANNEL), line("paid_search", 3_00, kind=Kind.CHANNEL),
        untouched=9_00,
    )  # fmt: skip
    assert answer(found, Rule.FIRST) == (
        "By first touch, channels share the $9.00 ARR won in Q3 2026, Organic most ($6.00); no lead and no touch names "
        "a partner."
    )
    assert second(found) == "All credit adds up to $9.00, to the cent what the ARR page shows."
    assert words.cards(found, Rule.FIRST, None, "USD") == []


def test_whether_the_first_place_is_chance() -> None:
    found = shared(line("a", 900_00, name="A_1"), line("b", 500_00), line("c", 1_00), line("d", 0))
    rule = CHOICE.rule

    def sure(*deals: int, of: Attribution = found) -> Certainty:
        """So many like deals behind each line."""
        spreads = {
            (own.kind, own.key, own.touched): {rule: like(own.cents[rule] / 100, n)}
            for own, n in zip(of.of(Kind.PARTNER), deals, strict=False)
        }
        return Certainty(spreads, {})

    assert lines.first_place(found, Kind.PARTNER, rule, sure(400, 400, 400)) == "A\\_1 is surely ahead of all others."
    assert lines.first_place(found, Kind.PARTNER, rule, sure(9, 9, 400)) == (
        "That A\\_1 is first can be chance: 1 of 2 could have more next time."
    )
    near = shared(line("a", 9_00, name="A_1"), line("b", 5_00), line("c", 4_00))
    assert lines.first_place(near, Kind.PARTNER, rule, sure(1, 1, 1, of=near)) == (
        "That A\\_1 is first can be chance: any of the other 2 could have more next time."
    )
    rows = lines.rows(found, Kind.PARTNER, CHOICE, sure(9, 9, 400))
    bars = lines.bars(rows, found.total.cents, CHOICE, "USD")
    assert bars[0].low is not None and bars[0].low < 900 < (bars[0].high or 0)
    assert lines.interval(rows[0], "USD") in bars[0].hover
    assert lines.table(rows, Kind.PARTNER, CHOICE, found.total.cents, "USD")[lines.INTERVAL][0].startswith("$")


def like(total: float, deals: int) -> DealSum:
    return DealSum(deals, total, total**2 / deals, total / deals)


@pytest.mark.parametrize("name", ODD_NAMES)
def test_names_are_no_markup(name: str) -> None:
    found = shared(line("a", 50_00, name=name), line("b", 10_00))
    text = answer(found)
    assert "<img" not in text.replace("\\<", "") and "**" not in text and "](" not in text.replace("\\]\\(", "")
    bars = lines.bars(lines.rows(found, Kind.PARTNER, CHOICE), found.total.cents, CHOICE, "USD")
    assert "<img" not in bars[0].hover


def test_without_touches_only_the_source_can_answer() -> None:
    found = shared(line("a", 0, 70_00), line(None, 100_00, 30_00, touched=False))
    assert not words.has_touches(found)
    now = possible(CHOICE, found)
    assert (now.rule, now.beside) == (Rule.SOURCE, Rule.SOURCE)
    assert possible(CHOICE, USUAL) is CHOICE
    assert words.remarks(found, "USD") == [words.NO_TOUCH]


def test_deals_without_touch_and_without_rate_are_said() -> None:
    assert [said(text) for text in words.remarks(USUAL, "USD")] == [
        "For 3 deals ($5.0 k) no touch is recorded: they stand in a line of their own, and nothing is made up for them."
    ]
    assert words.remarks(shared(line("a", 1_00), unconverted=2), "USD") == [
        "2 deals could not be converted: in no sum."
    ]


def test_cards_add_up_to_the_total() -> None:
    cards = words.cards(USUAL, Rule.LINEAR, None, "USD")
    assert [card.term for card in cards] == ["credit", "sourced", "influenced", "untouched"]
    assert [said(card.value) for card in cards] == ["$80.0 k", "$88.0 k", "$0", "$12.0 k"]


def test_every_rule_is_explained_with_its_missing_roles() -> None:
    for rule in Rule:
        assert words.explained(rule, Options()).endswith(".")
    sql = words.explained(Rule.POSITION_A, Options())
    assert "became sales-qualified" in sql and "No key influence" in sql and "several roles" in sql
    assert "last touch of a partner" in words.explained(
        Rule.POSITION_A, Options(key_influence=KeyInfluence.LAST_PARTNER)
    )
    decay = words.explained(Rule.TIME_DECAY, Options(until=Until.CLOSE, half_life_days=7))
    assert "Half-life: 7\u202fdays before the day the deal closed" in decay


def test_page_total_is_rounded_to_cents() -> None:
    totals = summary(arr=0.29, pipeline_created=1_234_567.89)  # 0.29 × 100 is 28.999999999999996 in binary
    assert (words.of_page(totals, Base.ARR), words.of_page(totals, Base.PIPELINE)) == (29, 123_456_789)


# Rows


def test_rows_have_what_has_no_key_last() -> None:
    rows = lines.rows(USUAL, Kind.PARTNER, CHOICE)
    assert [row.name for row in rows] == ["Partner a", "Partner b", "No partner", "No touch recorded"]
    assert [row.tone for row in rows] == [Tone.PARTNER, Tone.PARTNER, Tone.OTHER, Tone.NOBODY]
    assert [row.difference for row in rows] == [10_000_00, -10_000_00, 0, 0]
    assert said(lines.sums(rows, CHOICE, "USD")) == ("**Total of 4 lines:** Linear $100 000.00 · Source $100 000.00")
    assert said(lines.changes_hands(rows, 100_000_00, Kind.PARTNER, CHOICE, "USD")) == (
        "Source instead of Linear: $10.0 k changes hands (10 %)."
    )


def test_equal_names_are_told_apart_and_empty_lines_left_out() -> None:
    found = shared(line("a", 1_00, name="Same"), line("b", 2_00, name="Same"), line("c", 0))
    assert [row.name for row in lines.rows(found, Kind.PARTNER, CHOICE)] == ["Same (b)", "Same (a)"]


@st.composite
def companies(draw: st.DrawFn) -> Attribution:
    """Any number of partners with any cents by two rules, both adding up to the same."""
    linear = draw(st.lists(st.integers(0, 10**9), max_size=15))
    source = draw(st.permutations(linear))
    own = [line(f"p{place}", a, b) for place, (a, b) in enumerate(zip(linear, source, strict=True))]
    own.append(line(None, draw(st.integers(0, 10**9))))
    own.append(line(None, draw(st.integers(0, 10**9)), touched=False))
    return shared(*own)


@given(companies())
@settings(max_examples=1000)
def test_rows_add_up_to_the_cent_by_every_rule(found: Attribution) -> None:
    total = found.total.cents
    rows = lines.rows(found, Kind.PARTNER, CHOICE)
    assert sum(row.first for row in rows) == sum(row.second for row in rows) == total
    assert sum(row.difference for row in rows) == 0
    for rule in Rule:
        part = words.credit(found, rule)
        assert part.partners + part.elsewhere + part.others + part.nobody == total


@given(companies())
@settings(max_examples=50)
def test_what_is_drawn_adds_up_to_the_cent(found: Attribution) -> None:
    total = found.total.cents
    rows = lines.rows(found, Kind.PARTNER, CHOICE)
    if total:
        table = lines.table(rows, Kind.PARTNER, CHOICE, total, "USD")
        assert round(table["Linear"].sum() * 100) == total
        assert len(lines.bars(rows, total, CHOICE, "USD")) <= lines.MOST_BARS
        assert len(lines.pairs(rows, CHOICE, "USD")) <= lines.MOST_PAIRS
        for stack in lines.stacks(found, "USD"):
            assert round(sum(stack.values) * 100) == total


def test_pairs_stand_by_the_size_of_their_difference() -> None:
    found = shared(line("a", 10_00, 11_00), line("b", 30_00, 20_00), line("c", 5_00, 14_00), line("d", 7_00))
    pairs = lines.pairs(lines.rows(found, Kind.PARTNER, CHOICE), CHOICE, "USD")
    assert [(pair.key, said(pair.words)) for pair in pairs] == [("b", "−$10"), ("c", "+$9.00"), ("a", "+$1.00")]
    assert "Source instead of Linear: Partner b −$10" in said(lines.pairs_in_words(pairs, CHOICE))


def test_few_deals_are_marked() -> None:
    rows = lines.rows(shared(line("a", 1_00, deals=9), line("b", 1_00, deals=10)), Kind.PARTNER, CHOICE)
    assert lines.few(rows, Kind.PARTNER).startswith("1 partner rests on fewer than 10 deals")
    assert lines.few(rows[:0], Kind.PARTNER) == ""


def test_an_estimate_is_marked_as_one() -> None:
    first, second = lines.sides(Choice(Rule.LINEAR, Rule.DATA_DRIVEN, Base.ARR, Options()))
    assert (first.estimated, second.estimated) == (False, True)
    assert [stack.name for stack in lines.stacks(USUAL, "USD") if stack.estimated] == ["Data-driven"]


def test_effects_are_named_and_bounded() -> None:
    found = RemovalEffects(
        {"channel:paid_search": Estimate(0.2, 0.1, 0.3, 50), "partner:p": Estimate(0.4, 0.3, 0.5, 90),
         "none": Estimate(0.1, 0.0, 0.2, 9), "partner:gone": Estimate(0.0, 0.0, 0.1, 3)},
        0.5, 100, 50,
    )  # fmt: skip
    shown = lines.effects(found, {"p": "Pea"})
    assert [(row.name, row.tone) for row in shown] == [
        ("Pea", Tone.PARTNER), ("Paid search", Tone.OTHER), ("No channel", Tone.OTHER),
    ]  # fmt: skip
    assert said(shown[0].words) == "30.0–50.0 %"
