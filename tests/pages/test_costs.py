"""Does the page "Costs and return" stand up to odd companies, and does editing costs on it end up in the database?"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from decimal import Decimal

import psycopg
import pytest
from sqlalchemy import text
from streamlit.testing.v1 import AppTest

from dashboard import filters, frames, sign_in, wording
from dashboard.frames import cost_page as asked
from dashboard.reports import page_files
from dashboard.sign_in import Role, Viewer
from dashboard.views import cost_page, costs_document
from dashboard.views.cost_editor_drafts import Drafts, Edit
from dashboard.views.cost_editor_state import DRAFTS
from dashboard.views.exports import Head
from dashboard.views.headline import Setting, Subject
from data_access.cost_entries import Wanted, entries, save
from data_access.cost_entry import Change, Entry
from data_access.engine import REFUSAL_S, Database, app_engine, owner_engine
from tests.builders import Company
from tests.pages import visit
from tests.pages.visit import first_line, grouped, plainly, unharmed

pytestmark = pytest.mark.database
PARTS = ("Return", "Cost table", "Content", "Prospects", "Pilots")
ODD = ("x" * 200, "<b>bold</b><img src=x onerror=alert(1)>", "شركاء النمو", "😀 **Ltd** $1 $2", "[a](javascript:b)")


def company(partners: int = 6, costs: bool = True, deals: bool = True, currency: str = "USD") -> Company:
    """Partner i has 10 EQLs, a deal of 1,000 × 3^i and a cost of 1,000 in the third quarter of 2025, its first."""
    made = Company()
    for i in range(partners):
        key = made.add_partner(f"P{i}", name=ODD[i] if i < len(ODD) else None, joined_on="2025-07-01")
        for n in range(10):
            lead = made.add_lead(partner_id=key, created_at="2025-07-10", eql_at="2025-07-11")
            if n == 0 and deals:
                made.add_deal(lead, amount=str(1000 * 3**i), opened_at="2025-08-01")
        if costs:
            made.add_cost(key, cost_id=f"C{i}", amount="1000", category="content", currency=currency)
    if costs:
        made.add_cost(cost_id="over", amount="600", category="people")
        made.add_cost(cost_id="paid", channel="paid_search", amount="5000", category="media")
    return made


def opened(database: Database, made: Company, part: str = "Return", period: str = "2025-Q3") -> AppTest:
    made.write(owner_engine(database))
    return grouped(unharmed(visit.opened("costs", period, part=part)))


def headline(app: AppTest) -> str:
    return wording.unmarked(first_line(app))


def rows(database: Database) -> dict[str, Entry]:
    return {row.cost_id: row for row in entries(app_engine(database), Wanted()).rows}


def warned(app: AppTest) -> list[str]:
    return [wording.unmarked(plainly(warning.value)) for warning in app.warning]


def captions(app: AppTest) -> list[str]:
    return [wording.unmarked(plainly(caption.value)) for caption in app.caption]


def test_the_first_line_is_the_answer(served: Database) -> None:
    # Cost 6 × 1,000 + 600, pipeline 1,000 × (3^6 - 1) / 2; P0 to P1 brought 1,000 and 3,000 for 1,100 each.
    app = opened(served, company())
    assert headline(app).startswith("The programme cost $6.6 k in Q3 2025 and returned $364 k pipeline, 55.2× its cost")
    assert headline(app).endswith("above the gate of 5×; the gate says pause or pivot for "
                                  f"{ODD[0][:59]}… and <b>bold</b><img src=x onerror=alert(1)>.")  # fmt: skip
    assert "\\<b\\>bold" in app.subheader[0].value
    assert [metric.value.replace("\\", "")[:5] for metric in app.metric][:2] == ["$6.6\u202f", "55.2×"]


def test_prospects_that_never_joined_are_left_out_and_incomplete_verdicts_marked(served: Database) -> None:
    made = company()
    made.add_cost("P1", cost_id="strange", amount="10", category="content", currency="XXX")
    made.add_partner("never", status="prospect", joined_on=None)
    app = opened(served, made)
    assert f"{ODD[0][:59]}… and <b>bold</b><img src=x onerror=alert(1)> (incomplete)." in headline(app)
    assert any("1 verdict is incomplete" in said.value for said in app.markdown)
    assert not any("unknown day" in said.value for said in app.markdown)
    assert "Left out: 1 prospect without a day of joining." in captions(app)
    chosen = filters.Filters("2025-Q3")
    page = asked.cost_page(chosen.period, chosen)
    assert [own.partner.partner_id for own in page.prospects] == ["never"] and len(page.partners) == 6


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize(
    ("made", "period"),
    [
        (company(), "2025-Q3"),
        (company(), "2001-Q1"),
        (company(), "2199-Q1"),
        (company(costs=False), "2025-Q3"),
        (company(deals=False), "2025-Q3"),
        (company(partners=1), "2025-Q3"),
        (company(partners=0), "2025-Q3"),
        (company(currency="XXX"), "2025-Q3"),
    ],
    ids=["all", "empty", "future", "no-costs", "no-deals", "one-partner", "nobody", "no-rates"],
)
def test_borders(served: Database, made: Company, period: str, part: str) -> None:
    app = opened(served, made, part, period)
    assert headline(app)


def test_a_company_without_partners(served: Database) -> None:
    made = Company()
    made.add_deal(made.add_lead())
    made.add_cost(channel="paid_search", amount="300")
    said = headline(opened(served, made, "Cost table"))
    assert said.startswith("$300 were spent in Q3 2025; no lead carries a partner")


def test_a_template_fills_the_table_and_a_save_fills_the_database(served: Database) -> None:
    app = opened(served, company(), "Cost table")
    assert app.button(key="costs_save").disabled
    assert any(said.startswith("Nothing to save yet: change a cell") for said in captions(app))
    app.number_input(key="costs_fte_2025-Q3_price").set_value(90_000.0)
    unharmed(app.button(key="costs_add").click().run())
    assert "Not saved yet: 3 added." in captions(app)
    assert "Before this can be saved, fill in: your name." in captions(app)
    assert len(rows(served)) == 8
    app.button(key="costs_save").click().run()
    assert any("fill in your name" in said for said in warned(app))
    app.text_input(key="costs_name").set_value("Ann").run()
    unharmed(app.button(key="costs_save").click().run())
    fresh = [row for row in rows(served).values() if row.source == "entered"]
    assert sum(row.amount for row in fresh) == Decimal("11250.00")  # 0.5 FTE of 90,000 for three months
    assert {(row.category, row.partner_id, row.period_start.day) for row in fresh} == {("people", None, 1)}
    assert headline(app).startswith("The programme cost $17.9 k")  # the numbers follow at once
    unharmed(app.button(key="costs_undo").click().run())
    assert len(rows(served)) == 8
    with owner_engine(served).connect() as connection:
        found = connection.execute(text("SELECT actor, action FROM eql.audit_log ORDER BY entry_id")).all()
    assert [tuple(row) for row in found] == [("Ann", "save costs"), ("Ann", "undo costs")]


def typed(app: AppTest, drafts: Drafts, name: str = "Ann") -> AppTest:
    """What a person would have typed into the table, whose widget AppTest cannot type into; and a name."""
    app.session_state[DRAFTS] = drafts
    app.text_input(key="costs_name").set_value(name).run()
    return unharmed(app)


NEW = Entry("entered-1", None, None, "seat", date(2025, 7, 1), date(2025, 7, 31), Decimal(50), "USD")


def test_a_wrong_row_gets_one_sentence_and_nothing_is_lost(served: Database) -> None:
    app = opened(served, company(), "Cost table")
    seen = rows(served)["over"]
    wrong = replace(NEW, cost_id="entered-2", period_end=date(2025, 6, 1))
    drafts = Drafts({"entered-1": NEW, "entered-2": wrong}, {"over": Edit(seen, replace(seen, amount=Decimal(7)))})
    app = typed(app, drafts)
    said = [text.value for text in app.markdown if "lies before its first" in text.value]
    assert len(said) == 1
    unharmed(app.button(key="costs_save").click().run())
    assert any(said.startswith("Nothing was saved yet") for said in warned(app))
    assert rows(served)["over"] == seen and len(rows(served)) == 8
    assert app.session_state[DRAFTS] == drafts
    app = typed(app, Drafts({"entered-1": NEW}, drafts.edits))
    unharmed(app.button(key="costs_save").click().run())
    assert rows(served)["over"].amount == 7 and rows(served)["entered-1"] == NEW
    assert not app.session_state[DRAFTS]


def test_two_people_at_once(served: Database) -> None:
    app = opened(served, company(), "Cost table")
    seen = rows(served)["over"]
    app = typed(app, Drafts({"entered-1": NEW}, {"over": Edit(seen, replace(seen, amount=Decimal(7)))}))
    save(app_engine(served), [Change(seen, replace(seen, amount=Decimal(8)))], "Bo <b>")
    unharmed(app.button(key="costs_save").click().run())
    (said,) = [said for said in warned(app) if "in the meantime" in said]
    assert "overhead, People, July 2025 (now $8.00)" in said
    assert rows(served)["over"].amount == 8 and rows(served)["entered-1"] == NEW
    assert list(app.session_state[DRAFTS].edits) == ["over"]
    unharmed(app.button(key="costs_save").click().run())  # knowingly, over the other's
    assert rows(served)["over"].amount == 7


@contextmanager
def outage(database: Database) -> Iterator[None]:
    """Postgres turns everybody away from this database."""
    url = database.owner_url.set(drivername="postgresql", database="postgres")
    name = database.owner_url.database
    with psycopg.connect(url.render_as_string(hide_password=False), autocommit=True) as connection:
        connection.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,))
        yield
        connection.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")


def test_nothing_typed_is_lost_while_the_database_is_away(served: Database) -> None:
    app = opened(served, company(), "Cost table")
    drafts = Drafts({"entered-1": NEW})
    app = typed(app, drafts)
    with outage(served):
        unharmed(app.button(key="costs_save").click().run())
        assert any("What you typed stays here" in said for said in warned(app))
        assert app.session_state[DRAFTS] == drafts
        assert "Not saved yet: 1 added." in captions(app)
    time.sleep(REFUSAL_S + 0.5)  # so long nobody asks a server again that has just refused
    unharmed(app.button(key="costs_save").click().run())
    assert rows(served)["entered-1"] == NEW and not app.session_state[DRAFTS]


@pytest.mark.parametrize("role", list(Role))
def test_who_may(served: Database, monkeypatch: pytest.MonkeyPatch, role: Role) -> None:
    monkeypatch.setattr(sign_in, "gate", lambda: Viewer("Eve", role))
    app = opened(served, company(), "Cost table")
    may = role in (Role.EXECUTIVE, Role.PARTNER_MANAGER, Role.MARKETING, Role.OPERATIONS)
    assert ("costs_save" in [button.key for button in app.button]) is may
    assert any("may look at costs and not change them" in caption.value for caption in app.caption) is not may


def test_what_an_import_went_over_is_told(served: Database) -> None:
    made = company()
    made.write(owner_engine(served))
    seen = rows(served)["over"]
    save(app_engine(served), [Change(seen, replace(seen, amount=Decimal(7)))], "Ann")
    with owner_engine(served).begin() as connection:
        connection.execute(text("UPDATE eql.cost SET amount = 601 WHERE cost_id = 'over'"))
    app = opened(served, Company(), "Cost table")
    (said,) = warned(app)
    assert said.startswith("1 row that was edited here is not as that left it") and "now $601.00" in said
    app.text_input(key="costs_name").set_value("Bo").run()
    unharmed(app.button(key="costs_put_back").click().run())
    assert rows(served)["over"].amount == 7 and not app.warning


def test_the_log_takes_a_save_back(served: Database) -> None:
    app = opened(served, company(), "Cost table")
    save(app_engine(served), [Change(None, NEW)], "Ann")
    app.text_input(key="costs_name").set_value("Bo").run()
    app.session_state["costs_log"] = True
    unharmed(app.run())
    unharmed(app.button(key="costs_take_back_button").click().run())
    assert "entered-1" not in rows(served)


@pytest.mark.parametrize(
    "made",
    [company(), company(costs=False), company(deals=False), company(partners=1)],
    ids=["all", "free", "no-deals", "one"],
)
def test_the_page_leaves_as_files(served: Database, made: Company) -> None:
    made.write(owner_engine(served))
    chosen = filters.Filters("2025-Q3")
    page = asked.cost_page(chosen.period, chosen)
    when = Setting("Q3 2025", True, True, "USD")
    answer, second = cost_page.answer(page, Subject(), when, True), cost_page.second(page, when)
    cards = cost_page.cards(page, "USD", {})
    said, as_of = [answer, second], frames.freshness().as_of
    head = Head("costs-2025-Q3", "Costs and return", "Q3 2025", said, "Q3 2025", as_of)
    whole = costs_document.document(head, page, cards, when, chosen.period, chosen)
    assert whole.stem == "costs-2025-Q3" and "\\" not in whole.answer
    for table in whole.tables:
        assert all(len(row) == len(table.columns) for row in table.rows), table.name
        assert len({column.name for column in table.columns}) == len(table.columns)
    by_name = {table.name: table for table in whole.tables}
    assert [row[0] for row in by_name["cost_categories"].rows][-1] == "all"
    assert len(by_name["return"].rows) == len(page.partners)
    assert page_files.as_csv(whole)[:2] == page_files.as_xlsx(whole)[:2] == b"PK"
    assert page_files.as_pdf(whole).startswith(b"%PDF") and page_files.as_png(whole)[:2] == b"PK"
