"""Is the last audit the last publication or the last note, whichever is newer?"""

from __future__ import annotations

import pytest
from sqlalchemy import Engine

from dashboard.domain import UserError
from dashboard.scoring.scorecard_file import default_model
from data_access.engine import Database, app_engine
from data_access.model_audits import last_audit, record_audit
from data_access.publishing import publish

pytestmark = pytest.mark.database


@pytest.fixture
def engine(database: Database) -> Engine:
    return app_engine(database)


def test_publication_and_note_are_audits(engine: Engine) -> None:
    assert last_audit(engine) is None
    record_audit(engine, "Ann", None, " fine ")
    first = last_audit(engine)
    assert first is not None and (first.by, first.version, first.note, first.published) == ("Ann", None, "fine", False)
    done = publish(engine, default_model(), "Bo", seen=None, parent=None, note="as before")
    second = last_audit(engine)
    assert second is not None and second.at == done.published_at
    assert (second.by, second.version, second.note, second.published) == ("Bo", done.version, "as before", True)
    record_audit(engine, "Cy", done.version)
    third = last_audit(engine)
    assert third is not None and third.at > second.at and (third.by, third.version) == ("Cy", done.version)
    with pytest.raises(UserError, match="who you are"):
        record_audit(engine, "  ", None)
