"""Do the engines read right, and give up in time?"""

from __future__ import annotations

import pytest
from sqlalchemy import text

from data_access.engine import Database, app_engine

pytestmark = pytest.mark.database


def test_app_engine_is_the_app(database: Database) -> None:
    with app_engine(database).connect() as connection:
        assert connection.execute(text("select current_user")).scalar_one() == "eql_app"
        assert connection.execute(text("select version from eql.data_version")).scalar_one() == 1
