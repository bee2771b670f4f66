"""Does the qualification say what its numbers say, and do its links lead to the leads that they count?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from dashboard.metrics.qualification import Qualification, qualification
from dashboard.period import parse_period
from dashboard.scoring.model import Gate
from dashboard.scoring.scorecard_file import default_model
from dashboard.settings import Settings
from dashboard.views import qualification_words as words
from dashboard.window import Window
from data_access.engine import Database, app_engine, owner_engine
from data_access.lead_list import LeadQuery, count_leads
from data_access.qualification import gate_cells
from tests.dashboard.metrics.test_qualification import ALL, cells
from tests.scorecards import signalling_company

MODEL = default_model()
QUARTER = parse_period("2025-Q3", Settings())


def found(*rows: tuple[Gate, int]) -> Qualification:
    return qualification(cells(*rows), MODEL)


def test_answer_names_the_gate_that_alone_stops_most() -> None:
    some = found((ALL | Gate.RECORDED, 20), (ALL & ~Gate.SCORE, 30), (ALL & ~Gate.BUYING, 4), (Gate(0), 46))
    text = words.answer(some, "partner-sourced", "Q3 2025")
    assert text.startswith("20 of 100 partner-sourced leads of Q3 2025 qualify by the scoring model (20.0")
    assert text.endswith("; 30 more fail nothing but the score threshold.")
    assert words.compared(some).startswith("The CRM records 20 EQLs; the model qualifies 20 (100.0")


def test_answers_without_anything_to_say() -> None:
    assert words.answer(found(), "", "Q3 2025") == "There are no leads in Q3 2025."
    assert words.compared(found()) == "" and words.overlap(found(), False) == ""
    none = found((Gate(0), 8))
    assert words.answer(none, "", "Q3 2025").startswith("None of 8 leads of Q3 2025 qualifies")
    assert words.compared(none) == "The CRM records none of them as EQL."
    assert words.silent(none) and not words.silent(found((Gate.BUYING, 1), (Gate(0), 8)))
    assert words.compared(found((Gate.RECORDED, 1))) == "The CRM records 1 EQL; the model qualifies none of them."


def test_an_overlap_alone_qualifies_nobody() -> None:
    text = words.overlap(found((Gate.OVERLAP, 120), (ALL, 3)), False)
    assert text.startswith("120 of these leads have an account overlap.")
    assert words.overlap(found((Gate.OVERLAP, 120)), True) == "", "there it is where one starts from"


def test_a_period_whose_leads_can_still_show_signals_is_marked() -> None:
    end = QUARTER.end + timedelta(days=MODEL.window_days)
    assert "until 30 Dec 2025" in words.still_open(QUARTER, end - timedelta(seconds=1), MODEL)
    assert words.still_open(QUARTER, end, MODEL) == ""


def test_bars_and_links_go_together() -> None:
    some = found((ALL, 2), (ALL & ~Gate.ICP, 3), (Gate.RECORDED, 1))
    bars, links = words.bars(some, MODEL), words.links(some, overlapping=True)
    assert len(bars) == len(links) == 1 + len(some.steps) + 2
    assert [bar.left for bar in bars] == [6, 2, 2, 2, 2, 2, 5, 1] and bars[1].lost == 4
    assert [bar.compared for bar in bars] == [False] * 6 + [True] * 2
    assert links[1] == ({"passes": ["overlap", "icp"]}, {"passes": ["overlap"], "fails": "icp"})
    assert "2 after ICP match" in words.bars_in_words(some)
    assert words.without_icp(some).startswith("3 of the 5 that qualify")


@pytest.mark.database
@pytest.mark.parametrize("overlapping", [False, True])
def test_every_link_lists_as_many_leads_as_it_says(module_database: Database, overlapping: bool) -> None:
    signalling_company(Random(11), kinds=60).write(owner_engine(module_database), replace=True)
    engine, window = app_engine(module_database), Window(QUARTER, datetime(2026, 6, 30, tzinfo=UTC))
    some = qualification(gate_cells(engine, window, MODEL, sourced=False), MODEL, overlapping=overlapping)

    def counted(link: words.Link) -> int:
        passes, fails = link["passes"], link.get("fails")
        assert isinstance(passes, list) and not isinstance(fails, list)
        query = LeadQuery(sourced=False, passes=tuple(passes), fails=(fails,) if fails else ())
        return count_leads(engine, window, query, MODEL)

    assert some.leads > 5
    for bar, (left, lost) in zip(words.bars(some, MODEL), words.links(some, overlapping), strict=True):
        assert counted(left) == bar.left
        if bar.lost:
            assert counted(lost) == bar.lost
    for said, link in words.lists(some, overlapping).items():
        assert said.endswith(f"({counted(link)})")
