"""`refresh`: tells the dashboard that somebody else has loaded data (a dbt run, a cron job)."""

from __future__ import annotations

import argparse

from sqlalchemy import text

from dashboard.settings import settings
from data_access.engine import open_database, owner_engine
from data_access.schema import migrate


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds `refresh`."""
    parser = subparsers.add_parser("refresh", help="show at the next click what another program has loaded")
    parser.set_defaults(run=refresh)


def refresh(args: argparse.Namespace) -> int:
    """Raises the data version by one; every cached answer is then asked anew."""
    raising = """
        UPDATE eql.data_version SET version = version + 1, changed_at = clock_timestamp(), reason = 'refresh'
        RETURNING version
    """
    with open_database(settings()) as database:
        migrate(database)
        with owner_engine(database).begin() as connection:
            version = connection.execute(text(raising)).scalar_one()
    print(f"Data version {version}: pages read anew at the next click.")
    return 0
