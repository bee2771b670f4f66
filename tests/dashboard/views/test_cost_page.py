"""Does the first line of the costs page say what the numbers say, and no more?"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from dashboard.charts.cost_page import Look
from dashboard.domain import NOTHING, Estimate
from dashboard.metrics.cost_page import CostPage, PartnerReturn, Return, without_prospects
from dashboard.metrics.cost_table import CostKind, CostTable, Share
from dashboard.metrics.gates import GateVerdict, PartnerGate, TooEarly
from dashboard.metrics.performance import Partner
from dashboard.period import quarter
from dashboard.settings import Settings
from dashboard.views import cost_page as words
from dashboard.views.headline import Setting, Subject

WHEN = Setting("Q3 2025", True, True, "USD")
Q3 = quarter(2025, 3, Settings())
RETURN = Return(1000.0, 10, 4, Estimate(100.0, 60.0, 180.0, 10), Estimate(250.0, 98.0, 900.0, 4), 7000.0,
                Estimate(7.0, 5.5, 9.0, 12), False)  # fmt: skip
TABLE = CostTable({("seat", CostKind.OVERHEAD): Share(1000.0, 3), ("media", CostKind.CHANNEL): Share(500.0, 1)})


def partner(
    name: str, verdict: GateVerdict, value: float | None, *, sure: bool = True, now: float = 1.0
) -> PartnerReturn:
    early = verdict is GateVerdict.TOO_EARLY
    high = None if value is None else (value if sure else 9.0)
    gate = PartnerGate(name, Q3, 1.0, 1.0, 0.0, Estimate(value, value, high, 2), verdict,
                       TooEarly.NO_COST if early else None, False)  # fmt: skip
    own = replace(RETURN, multiple=Estimate(now, now, now, 2))
    return PartnerReturn(
        Partner(name, name, "other", None, None, None, "active", date(2025, 7, 1)), 1.0, 0.0, own, gate
    )


def page(*partners: PartnerReturn, programme: Return = RETURN, table: CostTable = TABLE) -> CostPage:
    return CostPage(programme, table, 0.0, partners, [])


def said(found: CostPage, when: Setting = WHEN, who: Subject = Subject(), partners: bool = True) -> str:  # noqa: B008
    return words.answer(found, who, when, partners).replace("\u202f", " ")


def test_cost_return_and_who_should_stop() -> None:
    fails = partner("Acme", GateVerdict.PAUSE_OR_PIVOT, 1.0)
    assert said(page(fails)) == (
        "The programme cost $1.0 k in Q3 2025 and returned $7.0 k pipeline, 7.0× its cost (5.5–9.0×), above the gate "
        "of 5×; the gate says pause or pivot for Acme."
    )
    many = [partner(f"P{n}", GateVerdict.PAUSE_OR_PIVOT, 1.0, now=9.0 if n else 1.0) for n in range(3)]
    assert said(page(*many)).endswith("pause or pivot for 3 partners, of which 2 are above 5× in Q3 2025 (surely).")
    assert said(page(partner("A", GateVerdict.CONTINUE, 8.0))).endswith("the gate asks nobody to pause or pivot.")
    assert said(page(partner("A", GateVerdict.TOO_EARLY, None))).endswith("; it is too early to say who should pause.")


def test_above_and_surely_above_are_two_numbers() -> None:
    short = partner("A", GateVerdict.PAUSE_OR_PIVOT, 1.0)
    above = replace(short, own=replace(RETURN, multiple=Estimate(8.0, 2.0, 20.0, 2)))
    surely = replace(short, own=replace(RETURN, multiple=Estimate(9.0, 6.0, 12.0, 9)))
    unknown = replace(short, own=replace(RETURN, multiple=NOTHING))
    assert words.caught_up([short, above, surely, unknown]) == (2, 1)
    ends = "for 4 partners, of which 2 are above 5× in Q3 2025 (1 of them surely)."
    assert said(page(short, above, surely, unknown)).endswith(ends)
    one = said(page(above, short, short), replace(WHEN, over=False))
    assert one.endswith("for 3 partners, of which 1 is above 5× in Q3 2025 so far (not surely).")
    assert said(page(surely)).endswith("pause or pivot for A, which is above 5× in Q3 2025 (surely).")
    assert said(page(short, short, short)).endswith("pause or pivot for 3 partners.")


def test_an_incomplete_verdict_says_so_everywhere() -> None:
    sound = partner("A", GateVerdict.PAUSE_OR_PIVOT, 1.0)
    lacking = replace(sound, gate=replace(sound.gate, incomplete=True))
    assert said(page(lacking)).endswith("the gate says pause or pivot for A (incomplete).")
    assert said(page(lacking, sound, sound)).endswith("pause or pivot for 3 partners (1 of them incomplete).")
    assert "1 verdict is incomplete: some money of that quarter" in words.second(page(lacking, sound), WHEN)
    assert "incomplete" not in words.second(page(sound), WHEN)
    assert words.verdict_in_short(lacking.gate) == "Pause or pivot (incomplete)"
    assert words.verdict_in_words(lacking.gate) == "Pause or pivot (incomplete)"
    doubtful = replace(partner("B", GateVerdict.PAUSE_OR_PIVOT, 1.0, sure=False).gate, incomplete=True)
    assert words.verdict_in_short(doubtful) == "Pause or pivot (chance?, incomplete)"
    early = replace(partner("C", GateVerdict.TOO_EARLY, None).gate, incomplete=True)
    assert words.verdict_in_short(early) == "Too early: no cost then (incomplete)"
    rows = words.gate_lines([sound, lacking], "USD", 1)
    assert [(row.look, row.incomplete) for row in rows] == [(Look.FAILED, False), (Look.DOUBTFUL, True)]
    assert words.gates_in_words([lacking]).endswith("A 1.0× (incomplete).")


def test_prospects_that_never_joined_stand_at_no_gate() -> None:
    early = partner("A", GateVerdict.TOO_EARLY, None)
    never = replace(early, partner=replace(early.partner, status="prospect", joined_on=None))
    lost = replace(early, partner=replace(early.partner, joined_on=None))
    joining = replace(early, partner=replace(early.partner, status="prospect"))
    found = without_prospects(page(early, never, lost, joining))
    assert list(found.partners) == [early, lost, joining] and list(found.prospects) == [never]
    assert "Too early to say for 3 partners" in words.second(found, WHEN)
    left = words.left_out(found, "Q3 2025", "USD").replace("\u202f", " ")
    assert left == (
        "Left out: 1 prospect without a day of joining. They cost $1.0 k in Q3 2025, which is in the sums above."
    )
    assert words.left_out(page(early), "Q3 2025", "USD") == ""


@pytest.mark.parametrize(
    ("multiple", "words_"),
    [
        (Estimate(4.0, 3.0, 6.0, 9), "about as much as the gate of 5× asks for (4.0×, 3.0–6.0×)"),
        (Estimate(2.0, 1.0, 3.0, 9), "2.0× its cost (1.0–3.0×), below the gate of 5×"),
    ],
)
def test_chance_is_no_change(multiple: Estimate, words_: str) -> None:
    assert words_ in said(page(programme=replace(RETURN, multiple=multiple)))


def test_borders() -> None:
    assert said(page(), replace(WHEN, begun=False)) == "Q3 2025 has not begun yet."
    nothing = replace(RETURN, cost=0.0, multiple=NOTHING)
    assert said(page(programme=nothing)).startswith("What the programme cost in Q3 2025 is not known")
    assert "returned no pipeline yet" in said(page(programme=replace(RETURN, pipeline=0.0)))
    assert "in Q3 2025 so far and" in said(page(), replace(WHEN, over=False))
    assert said(page(), partners=False).startswith("$1.5 k were spent in Q3 2025; no lead carries a partner")
    assert said(page(table=CostTable({})), partners=False).startswith("No costs are known for Q3 2025")
    assert said(page(), who=Subject("Acme \\*", singular=True)).startswith("Acme \\* cost $1.0 k")
    assert said(page(), who=Subject("The 12 chosen partners")).startswith("The 12 chosen partners cost $1.0 k")


def test_how_sure_the_verdicts_are() -> None:
    sure = partner("A", GateVerdict.PAUSE_OR_PIVOT, 1.0)
    doubtful = partner("B", GateVerdict.PAUSE_OR_PIVOT, 1.0, sure=False)
    early = partner("C", GateVerdict.TOO_EARLY, None)
    assert words.second(page(sure, doubtful, early), WHEN).replace("\u202f", " ") == (
        "For 1 of the 2, chance alone could explain the shortfall. Too early to say for 1 partner without a known "
        "cost in the first full quarter. Channels cost $500 beside it, no part of the programme."
    )
    assert words.second(page(doubtful), WHEN).startswith("For that one, chance alone")
    assert words.second(page(doubtful, doubtful), WHEN).startswith("For all 2, chance alone")
    assert "chance" not in words.second(page(sure), WHEN)


def test_cards_leave_out_what_nobody_knows() -> None:
    references = words.references(Settings())
    cards = words.cards(page(), "USD", references)
    assert [card.term for card in cards] == ["programme_cost", "pipeline_multiple", "cost_per_eql", "cost_per_sql"]
    assert [card.note.replace("\u202f", " ") for card in cards] == [
        "", "gate 5×", "reference $220–$350", "reference under $800",
    ]  # fmt: skip
    assert words.cards(page(programme=replace(RETURN, cost=None, multiple=NOTHING, cost_per_eql=NOTHING,
                                              cost_per_sql=NOTHING)), "USD", references) == []  # fmt: skip


def test_of_many_gates_both_ends_are_drawn() -> None:
    partners = [partner(f"P{n:02}", GateVerdict.CONTINUE, float(n)) for n in range(30)]
    lines = words.gate_lines(partners, "USD", 1)
    assert len(lines) == words.SHOWN + 1 and lines[words.WORST].text.replace("\u202f", " ") == "… 16 more partners"
    assert [lines[0].name, lines[9].name, lines[11].name, lines[-1].name] == ["P00", "P09", "P26", "P29"]


def test_ignored_filters_are_named() -> None:
    assert words.ignored(False, False) == ""
    assert words.ignored(True, True).startswith("What the money was spent on and the cost table are of the whole")
