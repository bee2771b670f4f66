"""Where do the what-if and a second computation from rows part ways, if they do?"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from typing import Any

from dashboard.reports.what_if import Asked, what_if_document
from dashboard.scoring.scorecard_file import parse
from dashboard.settings import Settings
from dashboard.window import Window
from data_access.engine import Database, app_engine, owner_engine
from data_access.scoring_models import ActiveModel
from tests.reference.rows_data import Data, read_data
from tests.reference.rows_scorecard import DEFAULT, DEFAULTS
from tests.reference.rows_what_if import may_be_of, rows_what_if

Card = dict[str, Any]
Found = dict[str, Any]
PROGRAM = DEFAULTS | json.loads(DEFAULT.read_text(encoding="utf-8"))
# What is estimated, or names what a number belongs to; held against truth elsewhere.
NOT_SEEN = {"estimated", "expected_wins", "expected_arr", "partner_id", "name"}


def differences(product: Any, rows: Any, path: str = "") -> Iterator[str]:
    """Where the two part ways: the same names, exact counts, cents to 1e-6 of a cent, rates to twelve digits."""
    if isinstance(rows, dict) and isinstance(product, dict):
        for key in sorted((product.keys() ^ rows.keys()) - NOT_SEEN):
            yield f"{path}: only {'the product' if key in product else 'rows'} has {key!r}"
        for key in product.keys() & rows.keys():
            yield from differences(product[key], rows[key], f"{path}.{key}")
    elif isinstance(rows, list) and isinstance(product, list) and len(rows) == len(product):
        for place, (ours, theirs) in enumerate(zip(product, rows, strict=True)):
            yield from differences(ours, theirs, f"{path}[{place}]")
    elif not same(product, rows):
        yield f"{path}: product {product!r}, rows {rows!r}"


def same(product: Any, rows: Any) -> bool:
    """Whether two values count as equal; None and a number never do."""
    if isinstance(rows, float) and type(product) is float:
        return math.isclose(product, rows, rel_tol=1e-12, abs_tol=1e-8)
    return type(product) is type(rows) and product == rows


def document(database: Database, window: Window, scenario: Card, active: Card, sensitivity: float = 1.25) -> Found:
    """What the product says."""
    asked = Asked(window, parse(scenario), ActiveModel(parse(active)), sensitivity)
    return what_if_document(app_engine(database), asked, settings_of(window))


def settings_of(window: Window) -> Settings:
    return Settings(time_zone=window.zone, currency=window.currency)


def compare(database: Database, window: Window, scenario: Card, active: Card, sensitivity: float = 1.25) -> list[str]:
    """Where the two part ways over one question."""
    found = document(database, window, scenario, active, sensitivity)
    data = read_data(owner_engine(database), window, settings_of(window))
    return list(against_rows(found, data, scenario, active))


def against_rows(found: Found, data: Data, scenario: Card, active: Card) -> Iterator[str]:
    """Every number of the document that was seen. Partners without any lead of the cohort may be missing."""
    if found["leads_of"] not in may_be_of(data):
        yield f"leads of {found['leads_of']}"
    rows = rows_what_if(data, scenario, active, sourced=found["leads_of"] == "partners")
    partners = {own["partner_id"]: own for own in found["partners"]}
    if len(partners) < len(found["partners"]):
        yield "a partner comes twice"
    yield from differences({key: found[key] for key in rows} | {"partners": partners}, rows)
    if found["totals"]["estimated"]["qualified"]:
        yield from differences(asked_about(found), asked_about(rows), "estimated")


def asked_about(found: Found) -> Found:
    """How many never-worked leads an estimate is about: as the product says it, or as the rows do."""
    totals, thresholds = found["totals"], found["thresholds"]
    ours = totals.get("estimated")
    if ours is None:
        return {
            "qualified": totals["qualified"]["never"],
            "active": totals["active_qualified"]["never"],
            "gained": totals["gained"]["never"],
            "dropped": totals["dropped"]["never"],
            "at": [own["never"] for own in thresholds],
        }
    return {
        "qualified": ours["qualified"]["leads"],
        "active": ours["active"]["leads"],
        "gained": ours["change"]["leads"],
        "dropped": ours["change"]["dropped"],
        "at": [own["estimated"]["leads"] for own in thresholds],
    }
