"""Do the cells of CRM scores count every live lead once, and know what was imported later than the lead?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from dashboard.period import parse_period
from dashboard.scoring.crm_score import crm_scores
from dashboard.scoring.scorecard_file import default_model
from dashboard.scoring.structure import structure_of
from dashboard.settings import Settings
from dashboard.window import Window
from data_access.crm_score import crm_score_cells
from data_access.engine import Database, app_engine, owner_engine
from tests.builders import Company

pytestmark = pytest.mark.database
MODEL = default_model()
WINDOW = Window(parse_period("2025-Q3", Settings()), datetime(2026, 6, 30, tzinfo=UTC))
CREATED = datetime(2025, 8, 1, 12, tzinfo=UTC)


def test_lost_company_size_is_found(database: Database) -> None:
    company = Company()
    batches = owner_engine(database)
    with batches.begin() as connection:
        columns = "(mapping, mapping_sha256, source, files) VALUES ('m', '', 's', '[]')"
        make = f"INSERT INTO eql.import_batch {columns} RETURNING batch_id"
        first, second = (connection.execute(text(make)).scalar_one() for _ in range(2))
    partner = company.add_partner()
    account = company.add_account(employees=500, industry="Software", batch_id=second)  # 12 + 8 points
    for score in (20, 20, 8, None):
        key = company.add_lead(
            created_at=CREATED, account_id=account, partner_id=partner, crm_score=score, batch_id=first
        )
    company.add_signal(key, "demo_request", CREATED + timedelta(days=1))
    company.add_lead(created_at=CREATED, account_id=account, crm_score=99)
    company.add_lead(created_at=CREATED, account_id=account, crm_score=99, is_test=True)
    company.write(batches)
    structure = structure_of(MODEL)
    cells = crm_score_cells(app_engine(database), WINDOW, structure, sourced=True)
    assert int(cells["leads"].sum()) == 4 and set(cells["late"]) == {1}
    found = crm_scores(cells, structure, MODEL)
    assert (found.leads, found.without, found.differing, found.mean) == (3, 1, 1, -12.0)
    assert (found.fields[0].criterion.name, found.fields[0].alone, found.fields[0].late) == ("company size", 1, 1)
    everybody = crm_score_cells(app_engine(database), WINDOW, structure, sourced=False)
    assert int(everybody["leads"].sum()) == 5
